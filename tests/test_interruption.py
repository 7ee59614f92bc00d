"""Ctrl-C and SIGTERM wait for what has to be done whole."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from simulator.interruption import Terminated, end_on_sigterm, uninterrupted


@pytest.fixture
def sigterm_ends():
    before = signal.getsignal(signal.SIGTERM)
    end_on_sigterm()
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)])
def test_a_signal_waits_until_the_block_is_done(sigterm_ends, number, raised):
    done = []

    def work() -> None:
        with uninterrupted():
            os.kill(os.getpid(), number)
            done.append("the rest")

    with pytest.raises(raised):
        work()
    assert done == ["the rest"]


def test_blocks_within_blocks_wait_for_the_outermost():
    done = []

    def work() -> None:
        with uninterrupted():
            with uninterrupted():
                os.kill(os.getpid(), signal.SIGINT)
            done.append("the rest of the outer one")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["the rest of the outer one"]


def test_what_is_to_be_done_at_once_is_done_at_once():
    done = []

    def work() -> None:
        with uninterrupted(lambda: done.append("at once")):
            os.kill(os.getpid(), signal.SIGINT)
            done.append("the rest")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["at once", "the rest"]


def test_afterwards_signals_do_what_they_did_before():
    before = signal.getsignal(signal.SIGINT)

    with uninterrupted():
        pass

    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_there_is_nothing_to_hold_back():
    entered = []

    def work() -> None:
        with uninterrupted():
            entered.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert entered == [True]
