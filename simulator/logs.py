"""Feint's own log: fixed phrases with named facts, on standard error. Silent until somebody switches it on.

It tells what Feint does, never what happens in a playbook: no line for each event,
and nothing of it becomes part of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

Level = Literal["debug", "info"]
Form = Literal["console", "json"]

PHRASES: Mapping[str, tuple[Level, tuple[str, ...]]] = MappingProxyType(
    {
        "run started": ("info", ("run", "playbook", "seed", "folder")),
        "stream opened": ("debug", ("stream", "format")),
        "run recorded": ("info", ("run", "events", "records", "seconds")),
        "run interrupted": ("info", ("run", "reached", "folder")),
        "rules run": ("info", ("run", "rules", "alerts", "seconds")),
        "run finished": ("info", ("run", "folder", "seconds")),
    }
)
"""Everything that is ever said: phrase → its level and the names of its facts."""

_loggers: list[Any] = []


def switch_on(level: Level, form: Form) -> None:
    """Say what is of this level or above from now on, for people (console) or for programs (json)."""
    import logging
    import sys

    import structlog

    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    stamped = structlog.processors.TimeStamper(fmt="iso", utc=True)
    wrapper = structlog.make_filtering_bound_logger(getattr(logging, level.upper()))
    processors: list[Any] = [structlog.processors.add_log_level, stamped, renderer]
    logger = structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors, wrapper_class=wrapper)
    _loggers[:] = [logger]


def say(phrase: str, **facts: object) -> None:
    """Log one of the phrases, with all of its facts."""
    level, names = PHRASES[phrase]
    assert set(facts) == set(names), f"{phrase!r} is said with {', '.join(names)}"
    for logger in _loggers:
        getattr(logger, level)(phrase, **facts)
