"""How long what segments write is, row by row: what stands before a nested message in protobuf's wire format."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.formatters import spelled_out
from simulator.telemetry.templates.segments import (
    Constant,
    Fixed,
    Fraction,
    Hexadecimal,
    Lookup,
    Mask,
    Ragged,
    Segment,
    Whole,
)

Lengths = int | NDArray[np.int64]
"""One for each row, or one for all."""


def total_length(segments: Sequence[Segment]) -> Lengths:
    """Return how many bytes some segments write in each row."""
    same, found = 0, None
    for segment in segments:
        length = _length(segment)
        if isinstance(length, int):
            same += length
        elif found is None:
            found = length
        else:
            found = found + length
    return same if found is None else found + same if same else found


def _length(segment: Segment) -> Lengths:  # noqa: PLR0911  (one for each kind)
    if isinstance(segment, Constant):
        return segment.length
    if isinstance(segment, Lookup):
        return _of_entries(segment)
    if isinstance(segment, Fixed):
        return _where(segment.matrix.shape[1], segment.mask)
    if isinstance(segment, Hexadecimal):
        return _where(36 if segment.dashed else 2 * segment.values.shape[1], segment.mask)
    if isinstance(segment, Fraction):
        return _where(segment.digits, segment.mask)
    if isinstance(segment, Ragged):
        lengths = np.diff(segment.offsets)
        return lengths if segment.mask is None else lengths * segment.mask
    if isinstance(segment, Whole):
        return _digits(segment)
    return total_length(spelled_out(segment))


def _where(length: int, mask: Mask) -> Lengths:
    return length if mask is None else mask * np.int64(length)


def _of_entries(segment: Lookup) -> NDArray[np.int64]:
    bounds = segment.bounds
    if segment.entries > 2 * len(segment.index):  # rather those of these rows than of the whole table
        return np.asarray(bounds[segment.index + 1] - bounds[segment.index])
    return np.asarray(np.diff(bounds[: segment.entries + 1])[segment.index])


@lru_cache(maxsize=1)
def _powers() -> NDArray[np.int64]:
    return 10 ** np.arange(1, 19, dtype=np.int64)


def _digits(segment: Whole) -> NDArray[np.int64]:
    lengths = np.searchsorted(_powers(), np.abs(segment.values), side="right") + 1 + (segment.values < 0)
    return lengths if segment.mask is None else lengths * segment.mask
