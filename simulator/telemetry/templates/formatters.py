"""Writes columns that differ from row to row: numbers, times, durations and ids, many at once.

Each function gives the segments whose bytes are those that the filter of the same name
in :mod:`simulator.telemetry.templates.filters` would write row by row.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.filters import BASE62
from simulator.telemetry.templates.segments import (
    Bytes,
    Constant,
    Fixed,
    Hexadecimal,
    Lookup,
    Mask,
    Ragged,
    Segment,
    choice,
    constant,
    hexadecimal_matrix,
    padded,
)
from simulator.telemetry.templates.timeformats import DAY, NANOSECONDS, TimeFormat, TimePart, day_text, part_text

Numbers = NDArray[np.int64]
Magnitudes = NDArray[np.uint64]
_PLAIN, _FOUR = 1, 10_001  # where the tables of 0, 1, 2 … and of 0000, 0001 … begin
_WIDTHS = {4: _FOUR, 3: 20_001, 2: 21_001, 1: 21_101}
_DIGIT_ENTRIES = 21_111
_MOST_DAYS = 4096


@lru_cache(maxsize=1)
def _digit_table() -> tuple[Bytes, NDArray[np.int64]]:
    texts = [b"", *(b"%d" % n for n in range(10_000))]
    for width in _WIDTHS:
        texts.extend(b"%0*d" % (width, n) for n in range(10**width))
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=bounds[1:])
    return padded(b"".join(texts)), bounds


def _digits(index: NDArray[np.int32], mask: Mask) -> Lookup:
    data, bounds = _digit_table()
    return Lookup(data, bounds, _DIGIT_ENTRIES, 4, index if mask is None else index * mask)


def fixed_text(text: str, mask: Mask) -> Constant | Lookup:
    """Return bytes that are the same in all rows that have any."""
    return constant(text.encode()) if mask is None else choice(text.encode(), mask)


def integers(values: Numbers, mask: Mask) -> list[Segment]:
    """Write whole numbers in decimal digits."""
    return [*signs(values, mask), *decimal_numbers(np.abs(values).view(np.uint64), mask)]


def signs(values: Numbers, mask: Mask) -> list[Segment]:
    """Write the minus of those numbers that have one."""
    negative = values < 0
    return [choice(b"-", negative if mask is None else negative & mask)] if negative.any() else []


def decimal_numbers(values: Magnitudes, mask: Mask) -> list[Segment]:
    """Write numbers in groups of four digits: the first of a number without, the others with leading zeros."""
    groups = max(1, -(-len(str(int(values.max(initial=0)))) // 4))
    if groups == 1:
        return [_digits(values.astype(np.int32) + np.int32(_PLAIN), mask)]
    found: list[Segment] = []
    for group in range(groups):
        above = values // np.uint64(10_000)
        index = (values - above * np.uint64(10_000)).astype(np.int32)
        leading = above == 0
        empty = leading & (index == 0) if group else None
        index += np.where(leading, np.int32(_PLAIN), np.int32(_FOUR))
        if empty is not None:
            index[empty] = 0
        found.append(_digits(index, mask))
        values = above
    return found[::-1]


def _fraction(fraction: NDArray[np.int32], digits: int, mask: Mask) -> list[Segment]:
    """Write numbers below 10**digits with leading zeros."""
    widths = {1: (1,), 2: (2,), 3: (3,), 4: (4,), 5: (2, 3), 6: (3, 3), 7: (4, 3), 8: (4, 4), 9: (3, 3, 3)}[digits]
    found: list[Segment] = []
    left = digits
    for width in widths:
        left -= width
        group = fraction // np.int32(10**left) if left else fraction
        if left:
            fraction = fraction - group * np.int32(10**left)
        found.append(_digits(group + np.int32(_WIDTHS[width]), mask))
    return found


def seconds(values: Numbers, digits: int, mask: Mask) -> list[Segment]:
    """Write nanoseconds as seconds with so many digits after the point, cut off."""
    magnitudes = np.abs(values).view(np.uint64)
    whole = magnitudes // np.uint64(NANOSECONDS)
    found = [*signs(values, mask), *decimal_numbers(whole, mask)]
    if digits:
        found.append(fixed_text(".", mask))
        rest = (magnitudes - whole * np.uint64(NANOSECONDS)).astype(np.int32)
        cut = np.int32(10 ** (9 - digits))
        found.extend(_fraction(rest // cut if digits < 9 else rest, digits, mask))
    return found


def times(values: Numbers, layout: TimeFormat, mask: Mask) -> list[Segment]:
    """Write times in a strftime format."""
    if not len(values):
        return []
    second = values // NANOSECONDS
    rest = None
    found: list[Segment] = []
    coarse: list[TimePart] = []
    index_and_seconds = None
    for part in (*layout.parts, TimePart("fraction", "0")):  # the last one only ends what stands before it
        if part.kind != "fraction":
            coarse.append(part)
            continue
        if coarse:
            index_and_seconds = index_and_seconds or _distinct(second, mask)
            found.append(_seconds_table(*index_and_seconds, tuple(coarse)))
            coarse = []
        if part.what != "0":
            if rest is None:
                rest = (values - second * NANOSECONDS).astype(np.int32)
            cut = np.int32(10 ** (9 - int(part.what)))
            found.extend(_fraction(rest // cut if cut > 1 else rest, int(part.what), mask))
    return found


def _distinct(second: Numbers, mask: Mask) -> tuple[NDArray[np.int32], Numbers]:
    """Return for each row which of some seconds it has (0: none, as the mask says), and these seconds."""
    first, last = int(second.min()), int(second.max())
    if last - first < len(second):
        index = (second - (first - 1)).astype(np.int32)
        distinct = np.arange(first, last + 1, dtype=np.int64)
    else:
        fresh = np.empty(len(second), np.bool_)
        fresh[0] = True
        np.not_equal(second[1:], second[:-1], out=fresh[1:])
        index = np.cumsum(fresh, dtype=np.int32)
        distinct = second[fresh]
    return (index if mask is None else index * mask), distinct


def _seconds_table(index: NDArray[np.int32], distinct: Numbers, parts: tuple[TimePart, ...]) -> Lookup:
    columns = _fixed_width_columns(distinct, parts)
    if columns is None:
        texts = ["".join(part_text(part, second) for part in parts).encode() for second in distinct.tolist()]
        lengths = np.array([len(text) for text in texts], np.int64)
        data = padded(b"".join(texts))
    else:
        matrix = np.concatenate(columns, axis=1)
        lengths = np.full(len(matrix), matrix.shape[1], np.int64)
        data = padded(matrix.reshape(-1))
    bounds = np.zeros(len(lengths) + 2, np.int64)
    np.cumsum(lengths, out=bounds[2:])
    return Lookup(data, bounds, len(lengths) + 1, int(lengths.max()), index, lasting=False)


def _fixed_width_columns(distinct: Numbers, parts: tuple[TimePart, ...]) -> list[Bytes] | None:
    """Write each part of some seconds as a matrix; None if a part is not equally wide in all of them."""
    day = distinct // DAY
    second = distinct - day * DAY
    rows = len(distinct)
    columns: list[Bytes | None] = []
    for part in parts:
        if part.kind == "text":
            text = np.frombuffer(part.what.encode(), np.uint8)
            columns.append(np.broadcast_to(text, (rows, len(text))))
        elif part.kind == "day":
            columns.append(_day_column(day, part.what))
        elif part.kind == "epoch":
            columns.append(_epoch_column(distinct))
        else:
            columns.append(_clock_column(second, part))
    known = [column for column in columns if column is not None]
    return known if len(known) == len(columns) else None


def _day_column(day: Numbers, directive: str) -> Bytes | None:
    first, last = int(day.min()), int(day.max())
    if last - first < _MOST_DAYS:
        days, index = range(first, last + 1), day - first
    else:
        distinct, index = np.unique(day, return_inverse=True)
        days = distinct.tolist()
    return _rows_of([day_text(directive, each) for each in days], index)


def _rows_of(texts: list[str], index: NDArray[np.int64]) -> Bytes | None:
    width = len(texts[0])
    if any(len(text) != width for text in texts):
        return None
    return np.frombuffer("".join(texts).encode(), np.uint8).reshape(-1, width)[index]


def _epoch_column(distinct: Numbers) -> Bytes | None:
    first, last = str(int(distinct.min())), str(int(distinct.max()))
    if len(first) != len(last) or first[0] == "-":
        return None
    powers = 10 ** np.arange(len(first) - 1, -1, -1, dtype=np.int64)
    return (distinct[:, None] // powers % 10 + 48).astype(np.uint8)


def _clock_column(second: Numbers, part: TimePart) -> Bytes | None:
    unit = {"M": 60, "S": 1}.get(part.what, 3600)
    span = 60 if unit < 3600 else 24
    return _rows_of([part_text(part, n * unit) for n in range(span)], second // unit % span)


def hexadecimal(values: Bytes, mask: Mask, *, upper: bool = False, dashed: bool = False) -> list[Segment]:
    """Write raw bytes as hexadecimal digits."""
    return [Hexadecimal(np.ascontiguousarray(values), upper, dashed, mask)]


def hexadecimal_numbers(values: Magnitudes, mask: Mask) -> list[Segment]:
    """Write numbers as ``0x3e7``."""
    raw = values.astype(">u8").view(np.uint8).reshape(-1, 8)
    digits = hexadecimal_matrix(Hexadecimal(raw))
    lengths = np.ones(len(values), np.int64)
    for power in range(1, 16):
        lengths += values >= np.uint64(16**power)
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    kept = digits[np.arange(16) >= 16 - lengths[:, None]]
    return [fixed_text("0x", mask), Ragged(padded(kept), offsets, mask)]


def base62(values: Bytes, mask: Mask) -> list[Segment]:
    """Write a letter or digit for each byte."""
    return [Fixed(_letters()[values], mask)]


@lru_cache(maxsize=1)
def _letters() -> Bytes:
    return np.frombuffer("".join(BASE62[byte % 62] for byte in range(256)).encode(), np.uint8)


def ragged_of(texts: list[bytes], mask: Mask) -> Ragged:
    """Return texts that were written one by one."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return Ragged(padded(b"".join(texts)), offsets, mask)
