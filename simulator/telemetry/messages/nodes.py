"""What a compiled message is made of. Each node gives, for a batch, its segments and how long they are in each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.events.columns import Identifiers, Integers, Lists, Numbers
from simulator.telemetry.messages.lengths import Lengths, total_length
from simulator.telemetry.messages.message import Member
from simulator.telemetry.messages.wire import DELIMITED, WIRE_TYPES, key, little_endian, varint, varint_lengths, varints
from simulator.telemetry.templates.expressions import Number, Unfit
from simulator.telemetry.templates.plan import Batch, Shelf
from simulator.telemetry.templates.segments import Fixed, Mask, Segment, choice, constant
from simulator.telemetry.templates.template import Template

_MOST_COMBINATIONS = 1024
Encode = Callable[[Mapping[str, Any]], bytes]


@dataclass(frozen=True, slots=True)
class Laid:
    """Segments, and how many bytes they have in each row."""

    segments: list[Segment]
    length: Lengths


class Node(Protocol):
    """A part of a message. ``mask`` says in which rows it stands."""

    def laid(self, batch: Batch, mask: Mask) -> Laid: ...


def laid_together(nodes: Sequence[Node], batch: Batch, mask: Mask) -> Laid:
    """Lay nodes one after the other."""
    parts = [node.laid(batch, mask) for node in nodes]
    same = sum(part.length for part in parts if isinstance(part.length, int))
    length: Lengths = same
    for part in parts:
        if not isinstance(part.length, int):
            length = length + part.length
    return Laid([segment for part in parts for segment in part.segments], length)


def _bytes(data: bytes, mask: Mask) -> Segment:
    return constant(data) if mask is None else choice(data, mask)


def headed(head: bytes, inner: Laid, mask: Mask) -> Laid:
    """Put a key, and the length of what follows, before it."""
    if isinstance(inner.length, int):
        start = head + varint(inner.length)
        return Laid([_bytes(start, mask), *inner.segments], _counted(len(start) + inner.length, mask))
    before: list[Segment] = [_bytes(head, mask)] if head else []
    lengths = varints(inner.length, mask)  # rows without it have none, not the length 0
    length = _counted(len(head), mask) + varint_lengths(inner.length, mask) + inner.length
    return Laid([*before, *lengths, *inner.segments], length)


def _counted(length: int, mask: Mask) -> Lengths:
    return length if mask is None else mask * np.int64(length)


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """The same bytes in every row."""

    data: bytes

    def laid(self, batch: Batch, mask: Mask) -> Laid:
        return Laid([_bytes(self.data, mask)], _counted(len(self.data), mask))


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Bytes that depend on coded fields only; ``encode`` writes them once for each value, or combination of values."""

    fields: frozenset[str]
    encode: Encode
    shelf: Shelf
    number: int  # of ``encode`` on the shelf

    def laid(self, batch: Batch, mask: Mask) -> Laid:
        if id(self.shelf) not in batch.lookups:
            batch.lookups[id(self.shelf)] = self.shelf.entries(batch, mask)[2]
        found = batch.lookups[id(self.shelf)][self.shelf.numbers.index(self.number)]
        return Laid([found], total_length([found]))


class Neighbours:
    """Pieces that depend on different coded fields and stand side by side.

    As long as their vocabularies are small, several are written as one: for each combination of values.
    """

    def __init__(self, pieces: Sequence[tuple[frozenset[str], Encode]]) -> None:
        self._pieces = pieces
        self._lock = Lock()
        self._kept: dict[tuple[int, ...], tuple[Known, ...]] = {}

    def laid(self, batch: Batch, mask: Mask) -> Laid:
        sizes = {name: len(batch.coded(name)[1]) for fields, _ in self._pieces for name in fields}
        starts: list[int] = []
        together: frozenset[str] = frozenset()
        for place, (fields, _) in enumerate(self._pieces):
            together |= fields
            if not starts or prod(sizes[name] for name in together) > _MOST_COMBINATIONS:
                starts.append(place)
                together = fields
        return laid_together(self._known(tuple(starts)), batch, mask)

    def _known(self, starts: tuple[int, ...]) -> tuple[Known, ...]:
        with self._lock:
            if starts not in self._kept:
                stops = (*starts[1:], len(self._pieces))
                self._kept[starts] = tuple(
                    _joined(self._pieces[start:stop]) for start, stop in zip(starts, stops, strict=True)
                )
            return self._kept[starts]


def _joined(pieces: Sequence[tuple[frozenset[str], Encode]]) -> Known:
    fields = frozenset[str]().union(*(each for each, _ in pieces))

    def encode(values: Mapping[str, Any]) -> bytes:
        return b"".join(each(values) for _, each in pieces)

    shelf = Shelf(lambda numbers, values: [encode(values) for _ in numbers], sorted(fields), coded=True)
    shelf.numbers.append(0)
    return Known(fields, encode, shelf, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Wide:
    """A number or an identifier that differs from row to row."""

    member: Member
    write: Write
    otherwise: Known

    def laid(self, batch: Batch, mask: Mask) -> Laid:
        try:
            return self.write.laid(self.member, batch, mask)
        except Unfit:
            return self.otherwise.laid(batch, mask)


class Write(Protocol):
    def laid(self, member: Member, batch: Batch, mask: Mask) -> Laid: ...


@dataclass(frozen=True, slots=True)
class WriteBytes:
    """An identifier."""

    name: str

    def laid(self, member: Member, batch: Batch, mask: Mask) -> Laid:
        column = batch.columns[self.name]
        assert isinstance(column, Identifiers)
        width = column.values.shape[1]
        return headed(key(member.number, DELIMITED), Laid([Fixed(column.values, mask)], width), mask)


@dataclass(frozen=True, slots=True)
class WriteNumber:
    """A whole number, as a varint or in 4 or 8 bytes."""

    number: Number

    def laid(self, member: Member, batch: Batch, mask: Mask) -> Laid:
        values, least, most = self.number.values(batch.columns)
        if not member.always and least <= 0 <= most:
            mask = _both(values != 0, mask)
        start = _bytes(key(member.number, WIRE_TYPES[member.kind]), mask)
        if member.kind == "varint":
            values = np.ascontiguousarray(values)
            length = total_length([start]) + varint_lengths(values, mask)
            return Laid([start, *varints(values, mask)], length)
        width = 4 if member.kind == "fixed32" else 8
        if member.kind == "double":
            values = values.astype(np.float64)
        segments = [start, Fixed(little_endian(values, width), mask)]
        return Laid(segments, total_length(segments))


@dataclass(frozen=True, slots=True)
class WriteColumn:
    """A column as it is: floating-point numbers, or as many whole numbers in every row, packed."""

    name: str

    def laid(self, member: Member, batch: Batch, mask: Mask) -> Laid:
        column = batch.columns[self.name]
        assert isinstance(column, Numbers | Lists | Integers)
        values = column.values
        if isinstance(column, Lists):
            matrix = little_endian(values, 8)
            return headed(key(member.number, DELIMITED), Laid([Fixed(matrix, mask)], matrix.shape[1]), mask)
        if not member.always:
            bits: NDArray[np.int64] = values.view(np.int64)  # -0.0 is not 0 here
            mask = mask if bits.all() else _both(bits != 0, mask)
        segments = [_bytes(key(member.number, WIRE_TYPES[member.kind]), mask), Fixed(little_endian(values, 8), mask)]
        return Laid(segments, total_length(segments))


def _both(one: NDArray[np.bool_], other: Mask) -> Mask:
    return one if other is None else one & other


@dataclass(frozen=True, slots=True, eq=False)
class Printed:
    """What a template prints. It holds the conditions that it stands in itself."""

    member: Member
    template: Template

    def laid(self, batch: Batch, mask: Mask) -> Laid:
        segments = self.template.segments(batch.columns, batch.rows, batch.look_up)
        length = total_length(segments)
        if not self.member.always and not isinstance(length, int):
            mask = _both(length > 0, mask)
        return headed(key(self.member.number, DELIMITED), Laid(segments, length), mask)


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """A nested message."""

    number: int
    nodes: tuple[Node, ...]

    def laid(self, batch: Batch, mask: Mask) -> Laid:
        return headed(key(self.number, DELIMITED), laid_together(self.nodes, batch, mask), mask)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Nodes that stand where a condition holds: where the template prints something."""

    template: Template
    nodes: tuple[Node, ...]

    def laid(self, batch: Batch, mask: Mask) -> Laid:
        length = total_length(self.template.segments(batch.columns, batch.rows, batch.look_up))
        holds = np.full(batch.rows, length > 0) if isinstance(length, int) else length > 0
        return laid_together(self.nodes, batch, holds)
