"""An expression, read and checked: what there is to evaluate.

Durations are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from simulator_prometheus.promql.series import Matcher

Kind: TypeAlias = Literal["scalar", "vector", "range", "string"]
At: TypeAlias = int | Literal["start", "end"] | None  # ``@``: ms since 1970, a bound of the query, or each step


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    matchers: tuple[Matcher, ...]
    offset: int
    at: At


@dataclass(frozen=True, slots=True)
class RangeSelector:
    selector: Selector
    range: int


@dataclass(frozen=True, slots=True)
class Subquery:
    operand: Node
    range: int
    step: int | None  # None: the default evaluation interval
    offset: int
    at: At


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregation:
    operator: str
    operand: Node
    parameter: Node | None
    labels: tuple[str, ...]
    without: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """How series of two vectors find each other. ``many`` is the side that may have several for one of the other's."""

    labels: tuple[str, ...] = ()
    on: bool = False
    many: Literal["", "left", "right"] = ""
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node
    matching: Matching
    as_bool: bool


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Node


Node: TypeAlias = Number | Text | Selector | RangeSelector | Subquery | Call | Aggregation | Binary | Negative


@dataclass(frozen=True, slots=True)
class Expression:
    """What a text says, and which kind of value it has."""

    text: str
    root: Node
    kind: Kind
