"""Ctrl-C and SIGTERM: what has to be done whole is not torn apart by them."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM: all ends as it does after Ctrl-C, only that the exit code says which it was."""


def end_on_sigterm() -> None:
    """Let SIGTERM raise Terminated, so that a run is put in order before the process ends."""
    signal.signal(signal.SIGTERM, _terminated)


def _terminated(*_: object) -> None:
    raise Terminated


@contextmanager
def uninterrupted(at_once: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until the block is done; then they do what they would have done.

    ``at_once`` is called when one comes: a library that would take the exception for
    its own is asked to stop instead. Signals reach the main thread only: in another
    one there is nothing to hold back.
    """
    if current_thread() is not main_thread():
        yield
        return
    held: list[int] = []

    def hold(number: int, _: object) -> None:
        held.append(number)
        at_once()

    former = {number: signal.signal(number, hold) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if held:
            signal.raise_signal(held[0])
