"""Expressions over columns that differ from row to row, where they can be worked out for all rows at once.

``Vectors`` recognises them in a syntax tree. What it does not know is left to Jinja2; what it
knows gives exactly what Jinja2 would, or raises ``Unfit`` for a batch whose numbers it
cannot hold.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeGuard

import numpy as np
from jinja2 import nodes
from jinja2.filters import FILTERS as JINJA_FILTERS
from numpy.typing import NDArray

from simulator.events.columns import Column, Durations, Identifiers, Integers, Times
from simulator.telemetry.templates.filters import FILTERS

FieldKind = Literal["coded", "integer", "number", "list", "time", "duration", "identifier", "text"]
Numbers = NDArray[np.int64]
_NUMBERS = frozenset({"integer", "time", "duration"})
_INT64 = range(-(2**63), 2**63)
_ARITHMETIC: dict[type[nodes.BinExpr], str] = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
}
_CUTS = {"milliseconds": 1_000_000, "microseconds": 1_000, "nanoseconds": 1}


class Unfit(Exception):  # noqa: N818  (not an error: the caller takes another way)
    """A batch holds numbers that need more than 64 bits on the way."""


class Number(Protocol):
    """A whole number for each row."""

    def values(self, columns: Mapping[str, Column]) -> tuple[Numbers, int, int]:
        """Return the numbers of all rows, and bounds that they lie within."""


@dataclass(frozen=True, slots=True)
class ColumnNumber:
    name: str

    def values(self, columns: Mapping[str, Column]) -> tuple[Numbers, int, int]:
        column = columns[self.name]
        assert isinstance(column, Integers | Times | Durations)
        values = column.values
        return (values, int(values.min()), int(values.max())) if len(values) else (values, 0, 0)


@dataclass(frozen=True, slots=True)
class ConstantNumber:
    number: int

    def values(self, columns: Mapping[str, Column]) -> tuple[Numbers, int, int]:
        rows = len(next(iter(columns.values())))
        return np.full(rows, self.number, np.int64), self.number, self.number


@dataclass(frozen=True, slots=True)
class BigEndian:
    """The bytes of an id, read as a number."""

    name: str

    def values(self, columns: Mapping[str, Column]) -> tuple[Numbers, int, int]:
        column = columns[self.name]
        assert isinstance(column, Identifiers)
        width = column.values.shape[1]
        if width > 7:
            raise Unfit
        padded = np.zeros((len(column), 8), np.uint8)
        padded[:, 8 - width :] = column.values
        return padded.view(">i8")[:, 0].astype(np.int64), 0, 256**width - 1


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left`` and ``right`` under one of ``+ - * // %``; the last two by a constant that is not 0."""

    operator: str
    left: Number
    right: Number

    def values(self, columns: Mapping[str, Column]) -> tuple[Numbers, int, int]:
        left, least, most = self.left.values(columns)
        if isinstance(self.right, ConstantNumber):
            low = high = self.right.number
            right: Numbers | np.int64 = np.int64(low)
        else:
            right, low, high = self.right.values(columns)
        corners = self._corners(least, most, low, high)
        if min(corners) not in _INT64 or max(corners) not in _INT64:
            raise Unfit
        found = _OPERATIONS[self.operator](left, right)
        return found, min(corners), max(corners)

    def _corners(self, least: int, most: int, low: int, high: int) -> list[int]:
        if self.operator == "+":
            return [least + low, most + high]
        if self.operator == "-":
            return [least - high, most - low]
        if self.operator == "*":
            return [a * b for a in (least, most) for b in (low, high)]
        if self.operator == "//":
            return [least // low, most // low]
        return [0, low - 1] if low > 0 else [low + 1, 0]


_OPERATIONS: dict[str, Callable[[Numbers, Numbers | np.int64], Numbers]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "//": np.floor_divide,
    "%": np.mod,
}


@dataclass(frozen=True, slots=True)
class Cut:
    """A duration in whole ``unit``\\ s of nanoseconds, towards zero."""

    number: Number
    unit: int

    def values(self, columns: Mapping[str, Column]) -> tuple[Numbers, int, int]:
        values, least, most = self.number.values(columns)
        found = values // self.unit
        if least < 0 and self.unit > 1:
            found += (values < 0) & (found * self.unit != values)
        return found, -(-least // self.unit) if least < 0 else 0, max(most, 0) // self.unit


class Vectors:
    """Recognises numbers in syntax trees, given the kinds of the fields and what else names stand for.

    ``shadowed`` are names that the template itself gives values to: a field or constant of
    such a name is not what it seems. ``aliases`` are the template's own names that stand
    for an expression; it is filled while the template is read.
    """

    def __init__(
        self,
        kinds: Mapping[str, FieldKind],
        constants: Mapping[str, object],
        filters: Mapping[str, Callable[..., object]],
        shadowed: Collection[str],
    ) -> None:
        self.kinds = {name: kind for name, kind in kinds.items() if name not in shadowed}
        self.constants = {name: value for name, value in constants.items() if name not in shadowed}
        self.aliases: dict[str, nodes.Expr] = {}
        known = {**FILTERS, **{name: JINJA_FILTERS[name] for name in ("join", "string", "tojson")}}
        self._ours = frozenset(name for name, function in known.items() if filters.get(name) is function)

    def resolved(self, node: nodes.Expr) -> nodes.Expr:
        """Return what a name of the template stands for."""
        while isinstance(node, nodes.Name) and (found := self.aliases.get(node.name)) is not None:
            node = found
        return node

    def is_ours(self, node: nodes.Expr) -> bool:
        """Say whether a node is a filter whose meaning is known here, not one that somebody put in its place."""
        return isinstance(node, nodes.Filter) and node.name in self._ours

    def constant(self, node: nodes.Expr) -> object:
        """Return the value of a constant expression; None if it is not constant (or is None itself)."""
        node = self.resolved(node)
        if isinstance(node, nodes.Const):
            return node.value
        if isinstance(node, nodes.Name):
            return self.constants.get(node.name)
        if isinstance(node, nodes.Neg):
            value = self.constant(node.node)
            return -value if is_whole(value) else None
        return None

    def arguments(self, node: nodes.Filter, names: tuple[str, ...]) -> list[nodes.Expr | None] | None:
        """Return the arguments of a filter, by position or by name; None if there are others than these."""
        if node.dyn_args is not None or node.dyn_kwargs is not None or len(node.args) > len(names):
            return None
        given: dict[str, nodes.Expr] = dict(zip(names, node.args, strict=False))
        for keyword in node.kwargs:
            key = str(keyword.key)
            if key not in names or key in given:
                return None
            given[key] = keyword.value
        return [given.get(name) for name in names]

    def number(self, node: nodes.Expr | None) -> Number | None:
        """Recognise a whole number that differs from row to row, or a constant one."""
        if node is None:
            return None
        node = self.resolved(node)
        if isinstance(node, nodes.Name) and self.kinds.get(node.name) in _NUMBERS:
            return ColumnNumber(node.name)
        constant = self.constant(node)
        if is_whole(constant) and constant in _INT64:
            return ConstantNumber(constant)
        if isinstance(node, nodes.BinExpr) and type(node) in _ARITHMETIC:
            return self._arithmetic(node)
        if isinstance(node, nodes.Filter) and self.is_ours(node):
            return self._filtered(node)
        return None

    def _arithmetic(self, node: nodes.BinExpr) -> Number | None:
        left, right, operator = self._operand(node.left), self._operand(node.right), _ARITHMETIC[type(node)]
        if left is None or right is None or (isinstance(left, ConstantNumber) and isinstance(right, ConstantNumber)):
            return None
        if operator in ("//", "%") and not (isinstance(right, ConstantNumber) and right.number):
            return None
        return Arithmetic(operator, left, right)

    def _operand(self, node: nodes.Expr) -> Number | None:
        """Recognise a number, or an id that is read as one to reckon with it."""
        found, node = self.number(node), self.resolved(node)
        if found is None and isinstance(node, nodes.Filter) and node.name == "decimal" and self.is_ours(node):
            inner = self.resolved(node.node) if node.node else None
            if isinstance(inner, nodes.Name) and self.kinds.get(inner.name) == "identifier":
                return BigEndian(inner.name) if self.arguments(node, ()) is not None else None
        return found

    def _filtered(self, node: nodes.Filter) -> Number | None:
        number = self.number(node.node)
        if number is None or isinstance(number, ConstantNumber):
            return None
        if node.name in _CUTS and self.arguments(node, ()) is not None:
            return Cut(number, _CUTS[node.name])
        if node.name == "shift":
            arguments = self.arguments(node, ("nanoseconds",))
            by = self.number(arguments[0]) if arguments else None
            return Arithmetic("+", number, by) if by is not None else None
        return None


def is_whole(value: object) -> TypeGuard[int]:
    """Say whether a value is a whole number, and not a truth value."""
    return isinstance(value, int) and not isinstance(value, bool)
