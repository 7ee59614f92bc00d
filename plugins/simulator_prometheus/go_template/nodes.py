"""What a template is made of once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Choice


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a number, true, false or nil."""

    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Dot:
    """The value that a template is about just there."""


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name``; ``$`` alone is what the whole template is about."""

    name: str


@dataclass(frozen=True, slots=True)
class Function:
    name: str


@dataclass(frozen=True, slots=True)
class Fields:
    """``.a.b`` of a value."""

    of: Operand
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A function or value with its arguments."""

    words: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each of which takes what the one before it said as its last argument."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False  # = rather than :=


Operand = Literal | Dot | Variable | Function | Fields | Pipeline


@dataclass(frozen=True, slots=True)
class Words:
    """Text that stands as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """An action whose value is printed (if it sets no variable)."""

    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class Choosing:
    """``if`` and ``with``, and ``range``, which does its body for each of many."""

    kind: Choice["if", "with", "range"]
    pipeline: Pipeline
    body: Block
    otherwise: Block


@dataclass(frozen=True, slots=True)
class Jump:
    kind: Choice["break", "continue"]


@dataclass(frozen=True, slots=True)
class Inclusion:
    """``template "name" .``"""

    name: str
    pipeline: Pipeline | None


@dataclass(frozen=True, slots=True)
class Ending:
    """``end`` or ``else``: it never stands in a block that was read."""

    kind: Choice["end", "else"]


Statement = Words | Said | Choosing | Jump | Inclusion
Block = tuple[Statement, ...]
