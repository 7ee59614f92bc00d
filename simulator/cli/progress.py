"""How a run's progress is shown: a bar on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[float, int], None]
_LINES = 4


@contextmanager
def progress_shown(label: str, *, quiet: bool) -> Iterator[Progress]:
    """Give a function that shows progress on standard error, so that answers can be piped."""
    if quiet:
        yield _unseen
    elif sys.stderr.isatty():
        with click.progressbar(  # type: ignore[var-annotated]
            length=1000,
            label=label,
            file=sys.stderr,
            item_show_func=lambda events: f"{events:,} events" if events else "",
        ) as bar:

            def advance(done: float, events: int) -> None:
                bar.update(int(done * 1000) - bar.pos, events)

            yield advance
    else:
        yield _plain(label)


def _unseen(done: float, events: int) -> None:
    """Nobody watches."""


def _plain(label: str) -> Progress:
    said = 0

    def say(done: float, events: int) -> None:
        nonlocal said
        if int(done * _LINES) > said:
            said = int(done * _LINES)
            click.echo(f"{label}: {done:.0%}, {events:,} events", err=True)

    return say
