"""Segments: what stands between two places of a record, for all rows of a batch.

A plan turns columns into segments, a backend writes row after row their bytes one after
the other. Source bytes are followed by ``SLACK`` readable ones, so that a backend may
copy in wide steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SLACK = 64
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_] | None  # rows in which something stands; None: in all of them


@dataclass(frozen=True, slots=True)
class Constant:
    """The same bytes in every row; ``data`` has slack behind its ``length`` bytes."""

    data: Bytes
    length: int


@dataclass(frozen=True, slots=True)
class Lookup:
    """Row i has entry ``index[i]`` of a table: ``data[bounds[e]:bounds[e + 1]]``. Entry 0 is empty.

    ``entries`` is how many there are (``bounds`` may have room for more), ``longest`` the
    length of the longest. ``lasting`` tables only ever grow: the same arrays come again.
    """

    data: Bytes
    bounds: NDArray[np.int64]
    entries: int
    longest: int
    index: NDArray[np.int32]
    lasting: bool = True


@dataclass(frozen=True, slots=True)
class Fixed:
    """Row i has the bytes ``matrix[i]``."""

    matrix: Bytes
    mask: Mask = None


@dataclass(frozen=True, slots=True)
class Ragged:
    """Row i has ``data[offsets[i]:offsets[i + 1]]``; ``data`` has slack."""

    data: Bytes
    offsets: NDArray[np.int64]
    mask: Mask = None


@dataclass(frozen=True, slots=True)
class Hexadecimal:
    """Row i has the hexadecimal digits of ``values[i]``, with the dashes of a UUID if ``dashed``."""

    values: Bytes
    upper: bool = False
    dashed: bool = False
    mask: Mask = None


Segment = Constant | Lookup | Fixed | Ragged | Hexadecimal


def padded(data: bytes | Bytes) -> Bytes:
    """Return a copy of some bytes with slack behind them."""
    room = np.zeros(len(data) + SLACK, np.uint8)
    room[: len(data)] = np.frombuffer(data, np.uint8) if isinstance(data, bytes) else data
    return room


@lru_cache(maxsize=1024)
def constant(data: bytes) -> Constant:
    """Return a constant; the same bytes give the same one."""
    return Constant(padded(data), len(data))


def choice(data: bytes, mask: NDArray[np.bool_]) -> Lookup:
    """Return bytes that stand in the rows of a mask only."""
    found = constant(data)
    return Lookup(found.data, _one_entry(len(data)), 2, len(data), mask.astype(np.int32))


@lru_cache(maxsize=1024)
def _one_entry(length: int) -> NDArray[np.int64]:
    return np.array([0, 0, length], np.int64)


def hexadecimal_matrix(segment: Hexadecimal) -> Bytes:
    """Write out the digits, for backends that do not do it themselves."""
    wide = segment.values.astype(np.uint16)
    digits = ((wide >> 4) | ((wide & 15) << 8)).astype("<u2").view(np.uint8)  # the upper half stands first
    letters = digits + np.uint8(48)
    letters += (digits > 9) * np.uint8(7 if segment.upper else 39)
    if not segment.dashed:
        return letters
    matrix = np.full((len(letters), 36), ord("-"), np.uint8)
    start = 0
    for place, width in ((0, 8), (9, 4), (14, 4), (19, 4), (24, 12)):
        matrix[:, place : place + width] = letters[:, start : start + width]
        start += width
    return matrix
