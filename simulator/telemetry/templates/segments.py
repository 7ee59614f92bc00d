"""Segments: what stands between two places of a record, for all rows of a batch.

A plan turns columns into segments, a backend writes row after row their bytes one after
the other. Source bytes are followed by ``SLACK`` readable ones, so that a backend may
copy in wide steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.timeformats import NANOSECONDS

SLACK = 128
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
    length of the longest.
    """

    data: Bytes
    bounds: NDArray[np.int64]
    entries: int
    longest: int
    index: NDArray[np.int32]


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


class Instants:
    """Nanoseconds, and what several segments want to know of them."""

    def __init__(self, values: NDArray[np.int64]) -> None:
        self.values = np.ascontiguousarray(values)

    @cached_property
    def seconds(self) -> NDArray[np.int64]:
        return self.values // NANOSECONDS

    @cached_property
    def fractions(self) -> NDArray[np.int32]:
        return (self.values - self.seconds * NANOSECONDS).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Whole:
    """Row i has ``values[i]`` in decimal digits; none is the least of all 64-bit numbers."""

    values: NDArray[np.int64]
    mask: Mask = None


@dataclass(frozen=True, slots=True)
class Fraction:
    """Row i has the first ``digits`` digits of the fraction of a second."""

    instants: Instants
    digits: int
    mask: Mask = None


@dataclass(frozen=True, slots=True)
class Seconds:
    """Row i has the entry of its second; ``first`` is the second of entry 1."""

    data: Bytes
    bounds: NDArray[np.int64]
    longest: int
    instants: Instants
    first: int
    mask: Mask = None


Plain = Constant | Lookup | Fixed | Ragged
Segment = Plain | Hexadecimal | Whole | Fraction | Seconds
"""Backends must know the plain ones; ``formatters.spelled_out`` turns the others into these."""


def padded(data: bytes | Bytes | int) -> Bytes:
    """Return a copy of some bytes, or room for so many, with slack behind them."""
    if isinstance(data, int):
        return np.empty(data + SLACK, np.uint8)
    room = np.empty(len(data) + SLACK, np.uint8)
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
