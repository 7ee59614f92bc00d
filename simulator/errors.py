"""Everything a user can get wrong, and how a program ends because of it.

FeintError                 one clear sentence; the command line prints it and exits with ``exit_code``
├── UsageError        (2)  a playbook, rule, parameter, file or option is not what it should be
│   ├── PlaybookError (2)  several complaints at once, each with file:line:column
│   ├── TemplateError (2)  a Jinja2 template that cannot be compiled, with its line
│   └── PluginError   (2)  a plugin does not load, or adds a name that is taken
├── GuardError        (3)  the guard refused a destination or a batch
├── SinkError         (4)  a sink or a server failed: disk full, connection lost
└── StoppedError    (130)  Ctrl-C, or SIGTERM (143)

Anything else that is raised is a bug of ours and keeps its traceback.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class FeintError(Exception):
    """A sentence for the user, and the exit code the program ends with."""

    exit_code = 2


class UsageError(FeintError):
    """Input or usage that cannot be played."""


class TemplateError(UsageError):
    """A template that does not compile; ``line`` counts from 1 within the template."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class PluginError(UsageError):
    """A plugin that does not load, or that adds a name somebody else added."""


class GuardError(FeintError):
    """The guard refused: nothing was sent."""

    exit_code = 3


class SinkError(FeintError):
    """A sink could not take what it was given."""

    exit_code = 4


class StoppedError(FeintError):
    """Somebody stopped Feint, and it has put in order what there was by then."""

    exit_code = 130

    def __init__(self, message: str, exit_code: int = 130) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def cannot_write(where: object, error: OSError) -> SinkError:
    """Return what is to be said when a file, a folder or standard output does not take what is written to it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SinkError(f"{where}: the disk is full; free some space or choose another place")
    if error.errno == errno.EPIPE:
        return SinkError(f"{where}: was closed by whoever read it")
    return SinkError(f"{where}: cannot be written: {error.strerror or error}; choose another place")


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """What is wrong, where, and what to do next. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class PlaybookError(UsageError):
    """All complaints about one file, in the order of their places."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(sorted(complaints))
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known name, or nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
