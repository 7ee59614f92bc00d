"""The kernel of the numba backend: plain arithmetic over raw addresses, compiled once for all templates.

Each row of ``plan`` says what a segment is and where its bytes lie; the columns are named
below. Imported only by the backend: numba is an optional extra.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulator.telemetry.templates.intrinsics import (
    copy32,
    copy64,
    hex16,
    load8,
    load32,
    load64,
    store8,
    store32,
    store64,
    uuid16,
    zeros_below,
)

CONSTANT, LOOKUP, SECONDS, FIXED, RAGGED, WHOLE, FRACTION, HEXADECIMAL, UUID = range(9)
KIND, SOURCE, LENGTH, INDEX, BOUNDS, EXTRA, MASK = range(7)
FIELDS = 7
LONGEST_NUMBER = 20
_ZEROS = 0x3030303030303030
_BILLION, _HUNDRED_MILLION = 1_000_000_000, 100_000_000


def _eight_digits(number: int) -> int:
    """Return the 8 digits of a number below 10**8 as bytes from 0 to 9, the first one lowest."""
    upper = number // 10_000
    digits = upper | ((number - upper * 10_000) << 32)
    tens = ((digits * 10_486) >> 20) & 0x0000007F0000007F
    digits = tens | ((digits - 100 * tens) << 16)
    tens = ((digits * 103) >> 10) & 0x000F000F000F000F
    return tens | ((digits - 10 * tens) << 8)


eight_digits = njit(inline="always")(_eight_digits)


def _write_whole(to: int, number: int) -> int:
    """Write a number, and return its length."""
    start = to
    if number < 0:
        store8(to, 45)
        to += 1
        number = -number
    rest = number // _HUNDRED_MILLION
    top = rest // _HUNDRED_MILLION
    first = top if top else (rest if rest else number)  # noqa: FURB110  (numba would make it a truth value)
    digits = eight_digits(first)
    leading = zeros_below(digits | (1 << 56)) & 56
    store64(to, (digits + _ZEROS) >> leading)
    to += 8 - (leading >> 3)
    if top:
        store64(to, eight_digits(rest - top * _HUNDRED_MILLION) + _ZEROS)
        to += 8
    if rest:
        store64(to, eight_digits(number - rest * _HUNDRED_MILLION) + _ZEROS)
        to += 8
    return to - start


write_whole = njit(inline="always")(_write_whole)


def _write_fraction(to: int, nanoseconds: int, digits: int) -> None:
    """Write the first digits of the fraction of a second."""
    fraction = nanoseconds - nanoseconds // _BILLION * _BILLION
    store64(to, eight_digits(fraction // 10) + _ZEROS)
    if digits == 9:
        store8(to + 8, 48 + fraction - fraction // 10 * 10)


write_fraction = njit(inline="always")(_write_fraction)


def _write_row(  # noqa: C901, PLR0912  (one loop, as calls would cost more than what they do)
    plan: NDArray[np.int64], first: int, last: int, row: int, out: int, place: int
) -> int:
    """Write a row of the segments from ``first`` to ``last`` at ``place``; return where it ends."""
    for segment in range(first, last):
        kind = plan[segment, KIND]
        source = plan[segment, SOURCE]
        if kind > LOOKUP and plan[segment, MASK] != 0 and load8(plan[segment, MASK] + row) == 0:
            continue
        to = out + place
        if kind == CONSTANT:
            length = plan[segment, LENGTH]
        elif kind == LOOKUP:
            bounds = plan[segment, BOUNDS] + 8 * load32(plan[segment, INDEX] + 4 * row)
            source += load64(bounds)
            length = load64(bounds + 8) - load64(bounds)
        elif kind == SECONDS:
            entry = load64(plan[segment, INDEX] + 8 * row) // _BILLION - plan[segment, EXTRA]
            bounds = plan[segment, BOUNDS] + 8 * entry
            source += load64(bounds)
            length = load64(bounds + 8) - load64(bounds)
        elif kind == FIXED:
            length = plan[segment, LENGTH]
            source += length * row
        elif kind == RAGGED:
            bounds = plan[segment, BOUNDS] + 8 * row
            source += load64(bounds)
            length = load64(bounds + 8) - load64(bounds)
        elif kind == WHOLE:
            place += write_whole(to, load64(source + 8 * row))
            continue
        elif kind == FRACTION:
            write_fraction(to, load64(source + 8 * row), plan[segment, LENGTH])
            place += plan[segment, LENGTH]
            continue
        elif kind == UUID:
            uuid16(to, source + 16 * row, plan[segment, EXTRA])
            place += 36
            continue
        else:
            length = plan[segment, LENGTH]
            for byte in range(0, length, 16):
                hex16(to + 2 * byte, source + length * row + byte, plan[segment, EXTRA])
            place += 2 * length
            continue
        place += length
        copy32(to, source)
        if length > 32:
            copy64(to + 32, source + 32)
            for byte in range(96, length, 64):
                copy64(to + byte, source + byte)
    return place


write_row = njit(inline="always")(_write_row)


def _gather(
    plan: NDArray[np.int64], row: int, rows: int, out: int, place: int, room: int, ends: NDArray[np.int64]
) -> tuple[int, int]:
    """Write rows from ``row`` on, at ``place``, while that is within ``room``; return the next row and place."""
    while row < rows and place <= room:
        place = write_row(plan, 0, plan.shape[0], row, out, place)
        ends[row] = place
        row += 1
    return row, place


def _gather_in_order(
    plan: NDArray[np.int64],
    edges: NDArray[np.int64],
    parts: NDArray[np.int64],
    order: NDArray[np.int64],
    row: int,
    out: int,
    room: int,
    ends: NDArray[np.int64],
) -> int:
    """Write rows from ``row`` on while they begin within ``room``; return the next one.

    Part p has the segments from ``edges[p]`` to ``edges[p + 1]``; row i is number ``order[i]`` of ``parts[i]``.
    """
    place, first = 0, row
    while row < len(order) and place <= room:
        part = parts[row]
        place = write_row(plan, edges[part], edges[part + 1], order[row], out, place)
        ends[row - first] = place
        row += 1
    return row


def _look_up(order: int, codes: int, found: int, rows: int) -> None:
    """Write ``order[codes]``, of 32-bit numbers all, at the address ``found``."""
    for row in range(0, 4 * rows, 4):
        store32(found + row, load32(order + 4 * (load32(codes + row) & 0xFFFFFFFF)))


def _compiled(signature: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function, or load it from numba's cache where there is a folder for one."""
    try:
        compiled: Callable[..., Any] = njit(signature, nogil=True, cache=True, error_model="numpy")(function)
    except (RuntimeError, OSError):  # no folder that may be written to, or a full disk
        compiled = njit(signature, nogil=True, error_model="numpy")(function)
    return compiled


gather = _compiled("UniTuple(int64, 2)(int64[:, ::1], int64, int64, int64, int64, int64, int64[::1])", _gather)
gather_in_order = _compiled(
    "int64(int64[:, ::1], int64[::1], int64[::1], int64[::1], int64, int64, int64, int64[::1])", _gather_in_order
)
look_up = _compiled("void(int64, int64, int64, int64)", _look_up)
