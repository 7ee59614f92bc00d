"""The plan of a template: how the segments of its records are made from the columns of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from jinja2 import nodes
from numpy.typing import NDArray

from simulator.events.columns import Coded, Column
from simulator.telemetry.templates.conditions import Rows, Test, test_of
from simulator.telemetry.templates.environment import TemplateEnvironment
from simulator.telemetry.templates.expressions import FieldKind, Unfit
from simulator.telemetry.templates.formatters import fixed_text
from simulator.telemetry.templates.functions import PieceFunctions
from simulator.telemetry.templates.pieces import Condition, Piece
from simulator.telemetry.templates.segments import Lookup, Mask, Segment
from simulator.telemetry.templates.splitter import Splitter
from simulator.telemetry.templates.tables import Codes, Index, LookUp, Table, Tables, take
from simulator.telemetry.templates.trees import shown

WritePieces = Callable[[Sequence[int], Mapping[str, Any]], list[bytes]]
_MOST_VOCABULARIES = 64  # sets of vocabularies whose tables one template keeps


@dataclass(slots=True)
class Batch:
    """The columns of one call, and what was worked out about them on the way."""

    columns: Mapping[str, Column]
    rows: int
    look_up: LookUp
    held: dict[tuple[int, int], Rows] = field(default_factory=dict)
    masks: dict[int, NDArray[np.bool_]] = field(default_factory=dict)
    distinct: dict[str, tuple[Codes, Sequence[Any]]] = field(default_factory=dict)
    lookups: dict[int, list[Lookup]] = field(default_factory=dict)

    def coded(self, name: str) -> tuple[Codes, Sequence[Any]]:
        """Return a column as codes and what they stand for."""
        column = self.columns[name]
        if isinstance(column, Coded):
            return column.codes, column.vocabulary.values
        if name not in self.distinct:
            codes, values = np.zeros(self.rows, np.int64), dict[Any, int]()
            for row in range(self.rows):
                codes[row] = values.setdefault(column.row(row), len(values))
            self.distinct[name] = codes, list(values)
        return self.distinct[name]


class Shelf:
    """The tables of pieces that depend on the same fields, under the same condition.

    ``write`` gives the bytes of some pieces, by their ``numbers``, where the fields have certain values.
    """

    def __init__(self, write: WritePieces, fields: Sequence[str], coded: bool) -> None:
        self.numbers: list[int] = []
        self._write_pieces, self._fields, self._coded = write, fields, coded
        self._lock = Lock()
        self._kept: dict[tuple[int, ...], tuple[Tables, object]] = {}

    def entries(self, batch: Batch, mask: Mask) -> tuple[list[Table], Index, list[Lookup]]:
        """Return the tables, each row's entry, and both as segments."""
        columns = [batch.coded(name) for name in self._fields]
        codes = [column[0] for column in columns]
        with self._lock:
            tables = self._tables(columns)
            index = tables.index(codes, mask, batch.rows, batch.look_up)
            return tables.tables, index, [table.at(index) for table in tables.tables]

    def _tables(self, columns: Sequence[tuple[Codes, Sequence[Any]]]) -> Tables:
        values = [column[1] for column in columns]
        key = tuple(id(each) for each in values)
        if self._coded and key in self._kept:
            return self._kept[key][0]
        tables = Tables(self._fields, values, len(self.numbers), self._write)
        if self._coded:
            if len(self._kept) >= _MOST_VOCABULARIES:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = tables, values  # with the values, so that their ids stay taken
        return tables

    def _write(self, values: dict[str, Any]) -> list[bytes]:
        return self._write_pieces(self.numbers, values)


@dataclass(frozen=True, slots=True)
class JinjaTest:
    """A test that Jinja2 answers, once for each distinct value."""

    shelf: Shelf

    def rows(self, columns: Mapping[str, Column], within: Mask) -> Rows:
        batch = Batch(columns, len(next(iter(columns.values()))), take)
        tables, index, _ = self.shelf.entries(batch, within)
        return tables[0].written(index)


class Plan:
    """A template for columns of certain kinds."""

    def __init__(
        self,
        tree: nodes.Template,
        kinds: Mapping[str, FieldKind],
        constants: Mapping[str, object],
        environment: TemplateEnvironment,
    ) -> None:
        self.warnings: list[str] = []
        self._splitter = Splitter(tree, kinds, constants, environment)
        self._constants, self._environment = constants, environment
        self._bodies: dict[int, Sequence[nodes.Node]] = {}
        self._shelves: dict[tuple[frozenset[str], int], Shelf] = {}
        self._tests: dict[tuple[int, int], Test] = {}
        self._steps = [self._step(piece) for piece in self._splitter.pieces()]
        self.fields = frozenset(name for piece, _ in self._steps for name in _fields(piece))

    @cached_property
    def functions(self) -> PieceFunctions:
        """What Jinja2 writes; compiled when it is first needed, as most templates of a program never are."""
        return PieceFunctions(self._environment, self._bodies, self._constants)

    def _write(self, pieces: Sequence[int], values: Mapping[str, Any]) -> list[bytes]:
        return self.functions.write(pieces, values)

    def segments(self, columns: Mapping[str, Column], rows: int, look_up: LookUp = take) -> list[Segment]:
        """Return what stands in each row, from left to right."""
        batch = Batch(columns, rows, look_up)
        return [segment for piece, number in self._steps for segment in self._segments(piece, number, batch)]

    def _segments(self, piece: Piece, number: int, batch: Batch) -> Sequence[Segment]:
        mask = self._mask(piece.condition, batch)
        if piece.text is not None:
            return [fixed_text(piece.text, mask)]
        if piece.writer is not None:
            try:
                return piece.writer.segments(batch.columns, mask)
            except Unfit:
                pass
        shelf = self._shelf_of(piece)
        if id(shelf) not in batch.lookups:
            batch.lookups[id(shelf)] = shelf.entries(batch, mask)[2]
        return [batch.lookups[id(shelf)][shelf.numbers.index(number)]]

    def _mask(self, condition: Condition | None, batch: Batch) -> Mask:
        if condition is None:
            return None
        if id(condition) not in batch.masks:
            within = self._mask(condition.parent, batch)
            key = id(condition.test), id(condition.parent)
            if key not in batch.held:
                batch.held[key] = self._tests[key].rows(batch.columns, within)
            holds = ~batch.held[key] if condition.negated else batch.held[key]
            batch.masks[id(condition)] = holds if within is None else holds & within
        return batch.masks[id(condition)]

    def _step(self, piece: Piece) -> tuple[Piece, int]:
        """Prepare a piece: it gets a number, and a function and a place in a table if Jinja2 may have to write it."""
        self._prepare(piece.condition)
        if piece.text is not None:
            return piece, -1
        number = self._function(piece.body)
        self._shelf_of(piece).numbers.append(number)
        if piece.writer is None:
            for node, _ in piece.body:
                self._warn(node, self._splitter.fields(node))
        return piece, number

    def _function(self, body: Sequence[tuple[nodes.Node, int]]) -> int:
        number = len(self._bodies)
        self._bodies[number] = self._splitter.statements.runnable(body, self._splitter.names)
        return number

    def _shelf_of(self, piece: Piece) -> Shelf:
        key = piece.fields, id(piece.writer or piece.condition)
        if key not in self._shelves:
            self._shelves[key] = Shelf(self._write, sorted(piece.fields), self._splitter.coded(piece.fields))
        return self._shelves[key]

    def _prepare(self, condition: Condition | None) -> None:
        """Make the tests of a condition and of those that it stands in."""
        while condition is not None:
            key = id(condition.test), id(condition.parent)
            if key in self._tests:
                return
            self._tests[key] = self._test(condition)
            condition = condition.parent

    def _test(self, condition: Condition) -> Test:
        def leave(test: nodes.Expr, usual: bool) -> Test:
            fields = self._splitter.fields(test, condition.order)
            if usual:
                self._warn(test, fields)
            yes = nodes.TemplateData("1", lineno=test.lineno, environment=test.environment)
            output = nodes.Output([yes], lineno=test.lineno, environment=test.environment)
            body = nodes.If(test, [output], [], [], lineno=test.lineno, environment=test.environment)
            shelf = Shelf(self._write, sorted(fields), self._splitter.coded(fields))
            shelf.numbers.append(self._function([(body, condition.order)]))
            return JinjaTest(shelf)

        return test_of(condition.test, self._splitter.vectors, self._is_simple, leave)

    def _is_simple(self, node: nodes.Node) -> bool:
        fields = self._splitter.fields(node)
        return len(fields) <= 1 and self._splitter.coded(fields)

    def _warn(self, node: nodes.Node, fields: frozenset[str]) -> None:
        if not self._splitter.coded(fields):
            varying = sorted(name for name in fields if not self._splitter.coded((name,)))
            self.warnings.append(
                f"line {node.lineno}: Jinja2 has to write '{shown(node)}' once for each distinct value"
                f" of {' and '.join(varying)}, which is slow"
            )


def _fields(piece: Piece) -> frozenset[str]:
    condition, fields = piece.condition, piece.fields
    while condition is not None:
        fields |= condition.fields
        condition = condition.parent
    return fields
