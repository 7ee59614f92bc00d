"""How a command ends when it does not end well: one sentence, the right exit code, no traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from simulator.errors import FeintError, StoppedError, cannot_write
from simulator.interruption import Terminated

_NO_ROOM = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT})


class Commands(click.Group):
    """A group whose commands may be interrupted, or find standard output closed or full."""

    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        with _ending():  # --help and --version print here
            return super().make_context(*arguments, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        with _ending():
            return super().invoke(ctx)


@contextmanager
def _ending() -> Iterator[None]:
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        raise _stopped(stop) from stop
    except OSError as error:  # where files are written it was said which one: what is left is standard output
        if error.errno not in _NO_ROOM:
            raise
        raise cannot_write("standard output", error) from error


def complain(error: FeintError | click.ClickException) -> None:
    """Say on standard error what is wrong."""
    said = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        said = f"{said.rstrip('.')}; `{error.ctx.command_path} --help` shows how it is used"
    click.echo(said if "\n" in said else f"feint: {said}", err=True)


def leave_closed_output_alone() -> None:
    """Let nothing that is still buffered fail at exit, where Python could only print a traceback about it."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stopped(stop: KeyboardInterrupt) -> StoppedError:
    what, code = ("terminated", 143) if isinstance(stop, Terminated) else ("interrupted", 130)
    return StoppedError("; ".join([what, *getattr(stop, "__notes__", ())]), code)
