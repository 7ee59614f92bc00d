"""The hints that the language's dataclasses are written in: words that remember their place, and bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NewType

from simulator.places import Word

Instant = NewType("Instant", int)
"""Nanoseconds since the epoch. Written ``2026-03-02T08:00:00Z``."""


class Id(Word):
    """Names an emission, a step, a decoy, a playbook."""

    __slots__ = ()
    pattern = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
    expected = "a name of letters, digits, '-', '_' and '.'"


class Name(Word):
    """Names what ``$name`` and templates refer to."""

    __slots__ = ()
    pattern = r"[a-z][a-z0-9_]*"
    expected = "a name of small letters, digits and '_', beginning with a letter"


class Technique(Word):
    """Names an ATT&CK technique."""

    __slots__ = ()
    pattern = r"T[0-9]{4}(\.[0-9]{3})?"
    expected = "an ATT&CK technique such as T1110 or T1110.001"


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number; ``above`` excludes itself."""

    min: float | None = None
    max: float | None = None
    above: float | None = None

    def refusal(self, value: float, written: Callable[[float], str] = "{:,g}".format) -> str | None:
        """Say what is expected instead of a value, if anything; ``written`` writes bounds as a playbook would."""
        if self.above is not None and value <= self.above:
            return f"more than {written(self.above)}"
        if self.min is not None and value < self.min:
            return f"at least {written(self.min)}"
        if self.max is not None and value > self.max:
            return f"at most {written(self.max)}"
        return None


@dataclass(frozen=True, slots=True)
class Unit:
    """What an amount is: a length of time, or a plain number."""

    of: Literal["time", "number"]


@dataclass(frozen=True, slots=True)
class Filler:
    """Marks what a field may be filled with: a value or a generator. It is bound once the field is known."""


TIME, NUMBER = Unit("time"), Unit("number")


@dataclass(frozen=True, slots=True)
class Help:
    """What a field is for: the schema and the reference say it."""

    text: str


__all__ = ["NUMBER", "TIME", "Filler", "Help", "Id", "Instant", "Name", "Range", "Technique", "Unit", "Word"]
