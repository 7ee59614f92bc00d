"""Writers: printed expressions whose bytes are made for all rows at once, without Jinja2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.events.columns import Column, Identifiers, Lists, Numbers, Texts
from simulator.telemetry.templates import float_formatter, formatters
from simulator.telemetry.templates.expressions import Number, Unfit
from simulator.telemetry.templates.segments import Bytes, Mask, Ragged, Segment, padded
from simulator.telemetry.templates.timeformats import TimeFormat


class Writer(Protocol):
    """Writes one printed expression."""

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        """Return what it prints. ``Unfit`` means that Jinja2 has to print this batch."""


def _symmetric(number: Number, columns: Mapping[str, Column]) -> NDArray[np.int64]:
    """Return numbers of which each has a negative."""
    values, least, _ = number.values(columns)
    if least == -(2**63):
        raise Unfit
    return values


@dataclass(frozen=True, slots=True)
class WriteInteger:
    number: Number

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        return formatters.integers(_symmetric(self.number, columns), mask)


@dataclass(frozen=True, slots=True)
class WriteNumber:
    """A floating-point number, as Go writes it."""

    name: str

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        column = columns[self.name]
        assert isinstance(column, Numbers)
        return float_formatter.numbers(column.values, mask)


@dataclass(frozen=True, slots=True)
class WriteList:
    """The whole numbers of a list, with a text between them."""

    name: str
    between: str

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        column = columns[self.name]
        assert isinstance(column, Lists)
        if column.values.min(initial=0) == -(2**63):
            raise Unfit
        found: list[Segment] = []
        for place in range(column.values.shape[1]):
            if place and self.between:
                found.append(formatters.fixed_text(self.between, mask))
            found += formatters.integers(column.values[:, place], mask)
        return found


@dataclass(frozen=True, slots=True)
class WriteSeconds:
    number: Number
    digits: int

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        return formatters.seconds(_symmetric(self.number, columns), self.digits, mask)


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
class WriteIdentifierPart:
    """Some of the hexadecimal digits of raw bytes."""

    name: str
    part: slice
    upper: bool

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        column = columns[self.name]
        assert isinstance(column, Identifiers)
        return formatters.hexadecimal_part(column.values, self.part, mask, upper=self.upper)


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
            return list(write(wide.view(">u8").reshape(-1).astype(np.uint64), mask))
        shape = "0x%x" if self.style == "hexint" else "%d"
        texts = [(shape % int.from_bytes(row.tobytes(), "big")).encode() for row in column.values]
        return [formatters.ragged_of(texts, mask)]


@dataclass(frozen=True, slots=True)
class WriteHexInteger:
    number: Number

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        values = _symmetric(self.number, columns)
        return [*formatters.signs(values, mask), *formatters.hexadecimal_numbers(np.abs(values).view(np.uint64), mask)]


@dataclass(frozen=True, slots=True)
class WriteHexIntegerPart:
    """Some of the digits of numbers that have sixteen of them, as nanoseconds since 1970 do."""

    number: Number
    part: slice

    def segments(self, columns: Mapping[str, Column], mask: Mask) -> list[Segment]:
        values, least, _ = self.number.values(columns)
        start, stop, _ = self.part.indices(18)  # of "0x" and sixteen digits
        if least < 1 << 60 or start < 2:
            raise Unfit
        raw = values.astype(">i8").view(np.uint8).reshape(-1, 8)
        return formatters.hexadecimal_part(raw, slice(start - 2, max(stop - 2, 0)), mask)


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


def needs_escape(data: Bytes) -> NDArray[np.bool_]:
    """Say which bytes JSON does not take as they are."""
    found: NDArray[np.bool_] = (data < 32) | (data == ord('"')) | (data == ord("\\"))
    return found


def needs_html_escape(data: Bytes) -> NDArray[np.bool_]:
    """Say which bytes Jinja2's ``tojson`` does not take as they are."""
    found = needs_escape(data) | (data > 126)
    for character in b"<>&'":
        found |= data == character
    return found


def html_json(text: str) -> str:
    """Write a text as Jinja2's ``tojson`` does."""
    from jinja2.utils import htmlsafe_json_dumps

    return str(htmlsafe_json_dumps(text, sort_keys=True))
