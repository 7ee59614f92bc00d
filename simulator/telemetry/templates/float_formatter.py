"""Writes floating-point numbers, many at once, with as few digits as tell each apart, in the form that Go has for them.

Most numbers are ``digits · 10**power`` with at most 15 digits: then these are the fewest, as no other
number has them. That they are is seen by an exact division, or multiplication, of two numbers that
are exact themselves. The few others are written one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.filters import LARGEST_PLAIN, number
from simulator.telemetry.templates.formatters import integers
from simulator.telemetry.templates.segments import Bytes, Lookup, Mask, Segment, padded

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
_DIGITS = 15
_EXACT = 22  # 10**22 is the largest power of ten that is a floating-point number
_POWERS = 10.0 ** np.arange(_EXACT + 1)
_SMALLEST = -4  # powers of ten down to which Go writes a number without an exponent


@dataclass(frozen=True, slots=True)
class _Decimals:
    """Numbers as ``d.ddd… · 10**exponent``: sixteen letters of digits, of which ``count`` are not zeros at the end."""

    letters: Bytes
    count: Whole
    exponent: Whole
    negative: NDArray[np.bool_]


def numbers(values: Floats, mask: Mask) -> list[Segment]:
    """Write numbers as the filter ``number`` does."""
    values = np.ascontiguousarray(values)
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
        plain = (np.abs(values) < _POWERS[LARGEST_PLAIN]) & (whole == values)
    if plain.all():
        return integers(whole, mask)
    found: list[Segment] = integers(whole, plain if mask is None else plain & mask) if plain.any() else []
    rows = np.flatnonzero(~plain if mask is None else ~plain & mask)
    return [*found, _texts(values[rows], rows, len(values))]


def _texts(values: Floats, rows: NDArray[np.intp], of: int) -> Lookup:
    """Return the texts of the numbers in some rows: laid together by the shape they have, each row knows its own."""
    decimals, known = _decimals(values)
    order, data, lengths = _laid_out(decimals)
    places = np.flatnonzero(known)[order]
    if len(places) < len(values):
        rest = np.flatnonzero(~known)
        texts = [number(value).encode() for value in values[rest].tolist()]
        data.append(np.frombuffer(b"".join(texts), np.uint8))
        lengths.append(np.array([len(text) for text in texts], np.int64))
        places = np.concatenate([places, rest])
    bounds = np.zeros(len(values) + 2, np.int64)
    np.cumsum(np.concatenate([np.zeros(1, np.int64), *lengths]), out=bounds[1:])
    index = np.zeros(of, np.int32)
    index[rows[places]] = np.arange(1, len(values) + 1, dtype=np.int32)
    longest = max((int(each.max()) for each in lengths if len(each)), default=0)
    return Lookup(padded(np.concatenate([each.reshape(-1) for each in data])), bounds, len(values) + 1, longest, index)


def _decimals(values: Floats) -> tuple[_Decimals, NDArray[np.bool_]]:
    """Return those numbers that have at most 15 digits, and which ones they are."""
    positive = np.abs(values)
    with np.errstate(all="ignore"):
        shift = _DIGITS - 1 - np.floor(np.log10(positive))
        known = np.abs(shift) <= _EXACT
        scale = _POWERS[np.where(known, np.abs(shift), 0).astype(np.intp)]
        enlarged = shift >= 0
        digits = np.rint(np.where(enlarged, positive * scale, positive / scale))
        known &= (digits < _POWERS[_DIGITS]) & (digits >= _POWERS[_DIGITS - 1])
        known &= np.where(enlarged, digits / scale, digits * scale) == positive
    letters, count = _letters(digits[known].astype(np.int64))
    exponent = _DIGITS - 1 - shift[known].astype(np.int64)
    return _Decimals(letters, count, exponent, values[known] < 0), known


def _letters(digits: Whole) -> tuple[Bytes, Whole]:
    """Return 15 digits and a zero as letters, and how many they are without the zeros at the end."""
    table, zeros = _fours()
    upper = digits // 10_000_000
    lower = ((digits - upper * 10_000_000) * 10).astype(np.uint32)
    upper = upper.astype(np.uint32)
    letters = np.empty((len(digits), 4), np.uint32)
    count = np.full(len(digits), 16, np.int64)
    ended = np.ones(len(digits), np.bool_)  # nothing but zeros so far, from the right
    for place, half in ((3, lower), (1, upper)):
        above = half // 10_000
        for column, four in ((place, half - above * 10_000), (place - 1, above)):
            letters[:, column] = table[four]
            count -= zeros[four] * ended
            ended &= four == 0
    return letters.view(np.uint8), count


@lru_cache(maxsize=1)
def _fours() -> tuple[NDArray[np.uint32], Whole]:
    """Return the letters of 0000 to 9999 as they lie in memory, and how many zeros each has at its end."""
    texts = [b"%04d" % each for each in range(10_000)]
    zeros = [4 - len(text.rstrip(b"0")) for text in texts]
    return np.frombuffer(b"".join(texts), np.uint32), np.array(zeros, np.int64)


def _laid_out(decimals: _Decimals) -> tuple[NDArray[np.intp], list[Bytes], list[Whole]]:
    """Return the order of the numbers by shape, and the texts of each shape: a matrix, as they are equally long."""
    clipped = np.clip(decimals.exponent, _SMALLEST - 1, LARGEST_PLAIN)  # beyond, all are written with an exponent
    shape = (clipped - _SMALLEST + 1) * 64 + decimals.count * 2 + decimals.negative
    order = np.argsort(shape.astype(np.uint16), kind="stable")  # of 16 bits: sorted by radix
    edges = np.flatnonzero(np.diff(shape[order], prepend=-1))
    data: list[Bytes] = []
    lengths: list[Whole] = []
    for first, last in pairwise([*edges.tolist(), len(order)]):
        rows = order[first:last]
        text = _text(decimals, rows, int(clipped[rows[0]]), int(decimals.count[rows[0]]))
        data.append(text)
        lengths.append(np.full(len(rows), text.shape[1], np.int64))
    return order, data, lengths


def _text(decimals: _Decimals, rows: NDArray[np.intp], exponent: int, count: int) -> Bytes:
    """Write numbers of one sign, one count of digits and one exponent, or one that is always written."""
    letters = decimals.letters[rows, :count]
    parts: list[Bytes] = [_repeated("-", rows)] if decimals.negative[rows[0]] else []
    if not _SMALLEST <= exponent < LARGEST_PLAIN:
        powers = decimals.exponent[rows]
        parts += [letters[:, :1], _repeated(".", rows), letters[:, 1:]] if count > 1 else [letters]
        signs = np.where(powers < 0, ord("-"), ord("+")).astype(np.uint8)[:, None]
        parts += [_repeated("e", rows), signs, _fours()[0][np.abs(powers)].view(np.uint8).reshape(-1, 4)[:, 2:]]
    elif exponent < 0:
        parts += [_repeated("0." + "0" * (-exponent - 1), rows), letters]
    elif count <= exponent + 1:
        parts += [letters, _repeated("0" * (exponent + 1 - count), rows)]
    else:
        parts += [letters[:, : exponent + 1], _repeated(".", rows), letters[:, exponent + 1 :]]
    return np.concatenate(parts, axis=1)


def _repeated(text: str, rows: NDArray[np.intp]) -> Bytes:
    return np.broadcast_to(np.frombuffer(text.encode(), np.uint8), (len(rows), len(text)))
