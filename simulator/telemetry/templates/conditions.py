"""Conditions: in which rows a piece stands.

A test is only evaluated in the rows that reach it, as Jinja2 would: ``user and user.admin``
asks no row without a user whether it is an administrator.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from jinja2 import nodes
from numpy.typing import NDArray

from simulator.events.columns import Column, Identifiers, Texts
from simulator.telemetry.templates.expressions import ConstantNumber, Number, Unfit, Vectors, is_whole
from simulator.telemetry.templates.segments import Mask

Rows = NDArray[np.bool_]
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
}


class Test(Protocol):
    """Says in which rows something holds. ``within`` are the rows that matter: elsewhere any answer will do."""

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows: ...


Leave = Callable[[nodes.Expr, bool], Test]
"""Makes a test that Jinja2 answers for each distinct value; says whether that is the rule, or for odd batches only."""


@dataclass(frozen=True, slots=True)
class Compares:
    """``a < b <= c``: each number with the next one."""

    numbers: tuple[Number, ...]
    operators: tuple[str, ...]

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        values = [n.number if isinstance(n, ConstantNumber) else n.values(columns)[0] for n in self.numbers]
        found: Any = True
        for name, left, right in zip(self.operators, values, values[1:], strict=False):
            found = found & _COMPARISONS[name](left, right)
        return np.asarray(found)


@dataclass(frozen=True, slots=True)
class IsAmong:
    number: Number
    among: tuple[int, ...]
    negated: bool

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        found: Rows = np.isin(self.number.values(columns)[0], self.among, invert=self.negated)
        return found


@dataclass(frozen=True, slots=True)
class IsNotZero:
    number: Number

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        found: Rows = self.number.values(columns)[0] != 0
        return found


@dataclass(frozen=True, slots=True)
class IsNotEmpty:
    name: str

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        column = columns[self.name]
        assert isinstance(column, Texts)
        found: Rows = np.diff(column.offsets) > 0
        return found


@dataclass(frozen=True, slots=True)
class IsZeros:
    """An id of which no bit is set."""

    name: str

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        column = columns[self.name]
        assert isinstance(column, Identifiers)
        values = np.ascontiguousarray(column.values)
        if values.shape[1] % 8:
            return np.asarray(~values.any(axis=1))
        words = values.view(np.uint64)
        found: Rows = words[:, 0] == 0
        for place in range(1, words.shape[1]):
            found &= words[:, place] == 0
        return found


@dataclass(frozen=True, slots=True)
class Always:
    answer: bool

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        return np.full(len(next(iter(columns.values()))), self.answer)


@dataclass(frozen=True, slots=True)
class Not:
    test: Test

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        return ~self.test.rows(columns, within)


@dataclass(frozen=True, slots=True)
class Both:
    """``and``; with ``either`` it is ``or``. The second test sees the rows that the first one leaves open."""

    first: Test
    second: Test
    either: bool = False

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        first = self.first.rows(columns, within)
        left = ~first if self.either else first
        second = self.second.rows(columns, left if within is None else left & within)
        return first | second if self.either else first & second


@dataclass(frozen=True, slots=True)
class OrJinja:
    """A test of numbers, or Jinja2's answer for a batch whose numbers are too large for it."""

    test: Test
    otherwise: Test

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        try:
            return self.test.rows(columns, within)
        except Unfit:
            return self.otherwise.rows(columns, within)


def test_of(node: nodes.Expr, vectors: Vectors, is_simple: Callable[[nodes.Node], bool], leave: Leave) -> Test:
    """Recognise a test; what is ``is_simple`` already, or not known here, is left to Jinja2."""
    if is_simple(node):
        return leave(node, True)
    shape = vectors.resolved(node)
    if isinstance(shape, nodes.Not):
        return Not(test_of(shape.node, vectors, is_simple, leave))
    if isinstance(shape, nodes.And | nodes.Or):
        first, second = (test_of(each, vectors, is_simple, leave) for each in (shape.left, shape.right))
        return Both(first, second, either=isinstance(shape, nodes.Or))
    known = _known(shape, vectors)
    return leave(node, True) if known is None else OrJinja(known, leave(node, False))


def _known(node: nodes.Expr, vectors: Vectors) -> Test | None:
    if isinstance(node, nodes.Name) and vectors.kinds.get(node.name) == "text":
        return IsNotEmpty(node.name)
    if isinstance(node, nodes.Test) and isinstance(node.node, nodes.Name):
        if node.name == "zeros":
            return IsZeros(node.node.name) if vectors.kinds.get(node.node.name) == "identifier" else None
        varies = vectors.kinds.get(node.node.name, "coded") != "coded"
        return Always(node.name == "defined") if varies and node.name in ("defined", "undefined", "none") else None
    if isinstance(node, nodes.Compare):
        return _comparison(node, vectors)
    number = vectors.number(node)
    return IsNotZero(number) if number is not None and not isinstance(number, ConstantNumber) else None


def _comparison(node: nodes.Compare, vectors: Vectors) -> Test | None:
    left, first = vectors.number(node.expr), node.ops[0]
    if left is None:
        return None
    if len(node.ops) == 1 and first.op in ("in", "notin"):
        return _membership(left, first, vectors)
    rights = [vectors.number(each.expr) for each in node.ops]
    numbers = (left, *(number for number in rights if number is not None))
    operators = tuple(each.op for each in node.ops)
    if len(numbers) <= len(rights) or not _COMPARISONS.keys() >= set(operators):
        return None
    return None if all(isinstance(number, ConstantNumber) for number in numbers) else Compares(numbers, operators)


def _membership(number: Number, operand: nodes.Operand, vectors: Vectors) -> Test | None:
    if isinstance(number, ConstantNumber) or not isinstance(operand.expr, nodes.Tuple | nodes.List):
        return None
    among = [vectors.constant(item) for item in operand.expr.items]
    whole = tuple(item for item in among if is_whole(item) and abs(item) < 1 << 62)
    return IsAmong(number, whole, operand.op == "notin") if whole and len(whole) == len(among) else None
