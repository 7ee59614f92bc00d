"""Writes columns that differ from row to row: numbers, times, durations and ids, many at once.

Each function gives the segments whose bytes are those that the filter of the same name
in :mod:`simulator.telemetry.templates.filters` would write row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.filters import BASE62
from simulator.telemetry.templates.second_tables import seconds_table
from simulator.telemetry.templates.segments import (
    Bytes,
    Constant,
    Fixed,
    Fraction,
    Hexadecimal,
    Instants,
    Lookup,
    Mask,
    Plain,
    Ragged,
    Seconds,
    Segment,
    Whole,
    choice,
    constant,
    padded,
)
from simulator.telemetry.templates.timeformats import NANOSECONDS, TimeFormat, TimePart

Numbers = NDArray[np.int64]
Magnitudes = NDArray[np.uint64]
_PLAIN, _FOUR = 1, 10_001  # where the tables of 0, 1, 2 … and of 0000, 0001 … begin
_WIDTHS = {4: _FOUR, 3: 20_001, 2: 21_001, 1: 21_101}
_DIGIT_ENTRIES = 21_111


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
    return [Whole(np.ascontiguousarray(values), mask)]


def signs(values: Numbers, mask: Mask) -> list[Lookup]:
    """Write the minus of those numbers that have one."""
    negative = values < 0
    return [choice(b"-", negative if mask is None else negative & mask)] if negative.any() else []


def decimal_numbers(values: Magnitudes, mask: Mask) -> list[Lookup]:
    """Write numbers in groups of four digits: the first of a number without, the others with leading zeros."""
    groups = max(1, -(-len(str(int(values.max(initial=0)))) // 4))
    if groups == 1:
        return [_digits(values.astype(np.int32) + np.int32(_PLAIN), mask)]
    found: list[Lookup] = []
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


def _fraction(fraction: NDArray[np.int32], digits: int, mask: Mask) -> list[Lookup]:
    """Write numbers below 10**digits with leading zeros."""
    widths = {1: (1,), 2: (2,), 3: (3,), 4: (4,), 5: (2, 3), 6: (3, 3), 7: (4, 3), 8: (4, 4), 9: (3, 3, 3)}[digits]
    found: list[Lookup] = []
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
    magnitudes = Instants(np.abs(values))
    found: list[Segment] = [*signs(values, mask), Whole(magnitudes.seconds, mask)]
    return [*found, fixed_text(".", mask), Fraction(magnitudes, digits, mask)] if digits else found


def times(values: Numbers, layout: TimeFormat, mask: Mask) -> list[Segment]:
    """Write times in a strftime format."""
    instants = Instants(values)
    found: list[Segment] = []
    coarse: list[TimePart] = []
    for part in (*layout.parts, TimePart("fraction", "0")):  # the last one only ends what stands before it
        if part.kind != "fraction":
            coarse.append(part)
            continue
        if coarse:
            found.append(_seconds(instants, tuple(coarse), mask))
            coarse = []
        if part.what != "0":
            found.append(Fraction(instants, int(part.what), mask))
    return found


def _seconds(instants: Instants, parts: tuple[TimePart, ...], mask: Mask) -> Segment:
    if all(part.kind == "text" for part in parts):
        return fixed_text("".join(part.what for part in parts), mask)
    first = int(instants.values.min()) // NANOSECONDS
    last = int(instants.values.max()) // NANOSECONDS
    if last - first < len(instants.values):
        data, bounds, longest = seconds_table(np.arange(first, last + 1, dtype=np.int64), parts)
        return Seconds(data, bounds, longest, instants, first, mask)
    second = instants.seconds
    fresh = np.empty(len(second), np.bool_)
    fresh[0] = True
    np.not_equal(second[1:], second[:-1], out=fresh[1:])
    index = np.cumsum(fresh, dtype=np.int32)
    data, bounds, longest = seconds_table(second[fresh], parts)
    return Lookup(data, bounds, len(bounds) - 1, longest, index if mask is None else index * mask)


def hexadecimal(values: Bytes, mask: Mask, *, upper: bool = False, dashed: bool = False) -> list[Segment]:
    """Write raw bytes as hexadecimal digits."""
    return [Hexadecimal(np.ascontiguousarray(values), upper, dashed, mask)]


def hexadecimal_part(values: Bytes, part: slice, mask: Mask, *, upper: bool = False) -> list[Segment]:
    """Write some of the digits of raw bytes, of which ``part`` is a slice."""
    start, stop, _ = part.indices(2 * values.shape[1])
    if stop <= start:
        return []
    around = values[:, start // 2 : (stop + 1) // 2]
    if not start % 2 and not stop % 2:
        return hexadecimal(around, mask, upper=upper)
    digits = _hexadecimal_matrix(Hexadecimal(np.ascontiguousarray(around), upper))
    return [Fixed(np.ascontiguousarray(digits[:, start % 2 : start % 2 + stop - start]), mask)]


def _hexadecimal_matrix(segment: Hexadecimal) -> Bytes:
    rows, width = segment.values.shape
    if width % 2:
        return _hexadecimal_pairs(segment.values, segment.upper).view(np.uint8)
    fours = _four_digits(segment.upper)[segment.values.view(np.uint16)]
    if not segment.dashed:
        return fours.view(np.uint8)
    matrix = np.full((rows, 36), ord("-"), np.uint8)
    for four, place in enumerate((0, 4, 9, 14, 19, 24, 28, 32)):
        np.ndarray(rows, np.uint32, matrix.data, place, (36,))[:] = fours[:, four]
    return matrix


@lru_cache(maxsize=2)
def _four_digits(upper: bool) -> NDArray[np.uint32]:
    """Return the digits of each pair of bytes, as the number that lies in memory."""
    pairs = np.arange(65_536, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
    return _hexadecimal_pairs(pairs, upper).view(np.uint32).reshape(-1)


def _hexadecimal_pairs(values: Bytes, upper: bool) -> NDArray[np.uint16]:
    texts = [b"%02X" % byte if upper else b"%02x" % byte for byte in range(256)]
    return np.frombuffer(b"".join(texts), np.uint16)[values]


def hexadecimal_numbers(values: Magnitudes, mask: Mask) -> list[Segment]:
    """Write numbers as ``0x3e7``."""
    raw = values.astype(">u8").view(np.uint8).reshape(-1, 8)
    digits = _hexadecimal_matrix(Hexadecimal(raw))
    lengths = np.ones(len(values), np.int64)
    for power in range(1, 16):
        lengths += values >= np.uint64(16**power)
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    kept = digits[np.arange(16) >= 16 - lengths[:, None]]
    return [fixed_text("0x", mask), Ragged(padded(kept), offsets, mask)]


def base62(values: Bytes, mask: Mask) -> list[Segment]:
    """Write a letter or digit for each byte."""
    if values.shape[1] % 2:
        return [Fixed(_letters()[values], mask)]
    return [Fixed(_letter_pairs()[np.ascontiguousarray(values).view(np.uint16)].view(np.uint8), mask)]


@lru_cache(maxsize=1)
def _letters() -> Bytes:
    return np.frombuffer("".join(BASE62[byte % 62] for byte in range(256)).encode(), np.uint8)


@lru_cache(maxsize=1)
def _letter_pairs() -> NDArray[np.uint16]:
    """Return the letters of each pair of bytes, as the number that lies in memory."""
    return _letters()[np.arange(65_536, dtype=np.uint16).view(np.uint8)].view(np.uint16)


def ragged_of(texts: list[bytes], mask: Mask) -> Ragged:
    """Return texts that were written one by one."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return Ragged(padded(b"".join(texts)), offsets, mask)


def spelled_out(segment: Segment) -> Sequence[Plain]:
    """Return what a backend that knows only plain segments may write in place of a segment."""
    if isinstance(segment, Whole):
        plain = (
            signs(segment.values, segment.mask),
            decimal_numbers(np.abs(segment.values).view(np.uint64), segment.mask),
        )
        return [*plain[0], *plain[1]]
    if isinstance(segment, Fraction):
        cut = np.int32(10 ** (9 - segment.digits))
        fractions = segment.instants.fractions
        return _fraction(fractions // cut if cut > 1 else fractions, segment.digits, segment.mask)
    if isinstance(segment, Seconds):
        index = (segment.instants.seconds - (segment.first - 1)).astype(np.int32)
        entries = len(segment.bounds) - 1
        masked = index if segment.mask is None else index * segment.mask
        return [Lookup(segment.data, segment.bounds, entries, segment.longest, masked)]
    if isinstance(segment, Hexadecimal):
        return [Fixed(_hexadecimal_matrix(segment), segment.mask)]
    return [segment]
