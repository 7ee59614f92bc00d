"""Writers: printed expressions whose bytes are made for all rows at once, without Jinja2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jinja2 import nodes
from numpy.typing import NDArray

from simulator.events.columns import Column, Identifiers, Texts
from simulator.telemetry.templates import formatters
from simulator.telemetry.templates.expressions import ConstantNumber, Number, Unfit, Vectors, is_whole
from simulator.telemetry.templates.filters import ISO, MOST_DIGITS, json
from simulator.telemetry.templates.segments import Bytes, Mask, Ragged, Segment, padded
from simulator.telemetry.templates.timeformats import TimeFormat, time_format


class Writer(Protocol):
    """Writes one printed expression."""

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        """Return what it prints. ``Unfit`` means that Jinja2 has to print this batch."""


@dataclass(frozen=True, slots=True)
class WriteInteger:
    number: Number

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        return formatters.integers(self.number.values(columns)[0], mask)


@dataclass(frozen=True, slots=True)
class WriteSeconds:
    number: Number
    digits: int

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        return formatters.seconds(self.number.values(columns)[0], self.digits, mask)


@dataclass(frozen=True, slots=True)
class WriteTime:
    number: Number
    layout: TimeFormat

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        return formatters.times(self.number.values(columns)[0], self.layout, mask)


@dataclass(frozen=True, slots=True)
class WriteIdentifier:
    """``hex``, ``HEX``, ``uuid``, ``guid`` or ``base62`` of raw bytes; the fourth needs 16 of them."""

    name: str
    style: str

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        column = columns[self.name]
        assert isinstance(column, Identifiers)
        if self.style == "base62":
            return formatters.base62(column.values, mask)
        dashed = self.style in ("uuid", "guid")
        if dashed and column.values.shape[1] != 16:
            raise Unfit  # Jinja2 says what is wrong with it
        return formatters.hexadecimal(column.values, mask, upper=self.style in ("HEX", "guid"), dashed=dashed)


@dataclass(frozen=True, slots=True)
class WriteBigEndian:
    """``hexint`` or ``decimal`` of raw bytes."""

    name: str
    style: str

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        column = columns[self.name]
        assert isinstance(column, Identifiers)
        write = formatters.hexadecimal_numbers if self.style == "hexint" else formatters.decimal_numbers
        rows, width = column.values.shape
        if width <= 8:
            wide = np.zeros((rows, 8), np.uint8)
            wide[:, 8 - width :] = column.values
            return write(wide.view(">u8").reshape(-1).astype(np.uint64), mask)
        shape = "0x%x" if self.style == "hexint" else "%d"
        texts = [(shape % int.from_bytes(row.tobytes(), "big")).encode() for row in column.values]
        return [formatters.ragged_of(texts, mask)]


@dataclass(frozen=True, slots=True)
class WriteHexInteger:
    number: Number

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        values = self.number.values(columns)[0]
        return [*formatters.signs(values, mask), *formatters.hexadecimal_numbers(np.abs(values).view(np.uint64), mask)]


@dataclass(frozen=True, slots=True)
class WriteText:
    """A text as it is, or escaped: nothing is done to those that need no escape."""

    name: str
    escape: Callable[[str], str] | None = None
    unsafe: Callable[[Bytes], NDArray[np.bool_]] | None = None

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        column = columns[self.name]
        assert isinstance(column, Texts)
        first, last = int(column.offsets[0]), int(column.offsets[-1])
        data = column.data[first:last]
        if self.escape is None or self.unsafe is None:
            return [Ragged(padded(data), column.offsets - first, mask)]
        unsafe = np.flatnonzero(self.unsafe(data))
        quote = formatters.fixed_text('"', mask)
        if not len(unsafe):
            return [quote, Ragged(padded(data), column.offsets - first, mask), quote]
        rows = np.unique(np.searchsorted(column.offsets, unsafe + first, side="right") - 1)
        return [quote, self._escaped(column, rows, mask), quote]

    def _escaped(self, column: Texts, rows: NDArray[np.intp], mask: Mask) -> Ragged:
        """Escape the texts of some rows, taking over the stretches between them as they are."""
        assert self.escape is not None
        lengths = np.diff(column.offsets)
        pieces: list[bytes] = []
        done = 0
        for row in rows.tolist():
            start, stop = int(column.offsets[row]), int(column.offsets[row + 1])
            pieces.append(column.data[column.offsets[done] : start].tobytes())
            pieces.append(self.escape(column.data[start:stop].tobytes().decode())[1:-1].encode())
            lengths[row] = len(pieces[-1])
            done = row + 1
        pieces.append(column.data[column.offsets[done] : column.offsets[-1]].tobytes())
        offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return Ragged(padded(b"".join(pieces)), offsets, mask)


@dataclass(frozen=True, slots=True)
class Quoted:
    """What another writer writes, as a JSON string; it writes nothing that needs an escape."""

    inner: Writer

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        quote = formatters.fixed_text('"', mask)
        return [quote, *self.inner.segments(columns, mask), quote]


@dataclass(frozen=True, slots=True)
class AsString:
    """What another writer writes, no number any more: JSON puts quotes around it."""

    inner: Writer

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        return self.inner.segments(columns, mask)


def _needs_escape(data: Bytes) -> NDArray[np.bool_]:
    return (data < 32) | (data == ord('"')) | (data == ord("\\"))


def _needs_html_escape(data: Bytes) -> NDArray[np.bool_]:
    found = _needs_escape(data) | (data > 126)
    for character in b"<>&'":
        found |= data == character
    return found


def _html_json(text: str) -> str:
    from jinja2.utils import htmlsafe_json_dumps

    return str(htmlsafe_json_dumps(text, sort_keys=True))


def writer(node: nodes.Expr, vectors: Vectors) -> Writer | None:
    """Recognise a printed expression; None leaves it to Jinja2."""
    node = vectors.resolved(node)
    number = vectors.number(node)
    if number is not None:
        return None if isinstance(number, ConstantNumber) else WriteInteger(number)
    if isinstance(node, nodes.Name) and vectors.kinds.get(node.name) == "text":
        return WriteText(node.name)
    if not isinstance(node, nodes.Filter) or node.node is None or not vectors.is_ours(node):
        return None
    if node.name in ("json", "tojson", "string"):
        return _outer(node, vectors) if vectors.arguments(node, ()) is not None else None
    inner = vectors.resolved(node.node)
    if isinstance(inner, nodes.Name) and vectors.kinds.get(inner.name) == "identifier":
        return _identifier(node, inner.name, vectors)
    number = vectors.number(inner)
    return None if number is None or isinstance(number, ConstantNumber) else _number(node, number, vectors)


def _outer(node: nodes.Filter, vectors: Vectors) -> Writer | None:
    """Recognise ``|json``, ``|tojson`` and ``|string`` around something that is recognised itself."""
    assert node.node is not None
    inner = writer(node.node, vectors)
    is_number = isinstance(inner, WriteInteger) or (isinstance(inner, WriteBigEndian) and inner.style == "decimal")
    if inner is None or isinstance(inner, Quoted):
        return inner if node.name == "string" else None
    if node.name == "string":
        return AsString(inner) if is_number else inner
    if is_number:
        return inner
    if isinstance(inner, WriteText):
        how = (json, _needs_escape) if node.name == "json" else (_html_json, _needs_html_escape)
        return WriteText(inner.name, *how) if inner.escape is None else None
    if isinstance(inner, WriteTime):
        text = "".join(part.what for part in inner.layout.parts if part.kind == "text")
        return None if _needs_html_escape(np.frombuffer(text.encode() or b"-", np.uint8)).any() else Quoted(inner)
    return Quoted(inner)


def _identifier(node: nodes.Filter, name: str, vectors: Vectors) -> Writer | None:
    if vectors.arguments(node, ()) is None:
        return None
    if node.name in ("hex", "HEX", "uuid", "guid", "base62"):
        return WriteIdentifier(name, node.name)
    return WriteBigEndian(name, node.name) if node.name in ("hexint", "decimal") else None


def _number(node: nodes.Filter, number: Number, vectors: Vectors) -> Writer | None:
    if node.name == "iso" and vectors.arguments(node, ()) is not None:
        return WriteTime(number, time_format(ISO))
    if node.name == "hexint" and vectors.arguments(node, ()) is not None:
        return WriteHexInteger(number)
    if node.name == "strftime":
        arguments = vectors.arguments(node, ("format",))
        layout = vectors.constant(arguments[0]) if arguments and arguments[0] is not None else None
        return WriteTime(number, time_format(layout)) if isinstance(layout, str) else None
    if node.name in ("epoch", "seconds"):
        arguments = vectors.arguments(node, ("digits",))
        if arguments is None:
            return None
        digits = 6 if arguments[0] is None else vectors.constant(arguments[0])
        return WriteSeconds(number, digits) if is_whole(digits) and 0 <= digits <= MOST_DIGITS else None
    return None
