"""The backend of the extra ``fast``: one compiled kernel that serves all templates.

The kernel is told by a small table of numbers what the segments are and where their bytes
lie, and copies them in wide steps to where the rows are made. It may write up to ``SLACK``
bytes too far, which the next segment overwrites. It holds no state and releases the GIL.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.telemetry.templates import kernel
from simulator.telemetry.templates.ordering import AT_ONCE
from simulator.telemetry.templates.segments import (
    SLACK,
    Bytes,
    Constant,
    Fixed,
    Fraction,
    Hexadecimal,
    Lookup,
    Ragged,
    Seconds,
    Segment,
    Whole,
    padded,
)
from simulator.telemetry.templates.tables import Codes
from simulator.telemetry.templates.template import Part, Rendered

_FIRST_GUESS = 512  # bytes a row
_KEPT_BUFFERS = 2  # a thread renders the next batch while the one before is still being written


class NumbaBackend:
    """Gathers with the compiled kernel."""

    name = "numba"

    def __init__(self) -> None:
        self._thread = threading.local()

    def look_up(self, order: NDArray[np.int32], codes: Codes) -> NDArray[np.int32]:
        codes = np.ascontiguousarray(codes, np.uint32)
        found = np.empty(len(codes), np.int32)
        if len(codes):
            kernel.look_up(_address(order), _address(codes), _address(found), len(codes))
        return found

    def gather(self, segments: Sequence[Segment], rows: int) -> Rendered:
        plan = np.zeros((len(segments), kernel.FIELDS), np.int64)
        held: list[object] = []  # what the addresses in the plan point into
        longest = SLACK + sum(_described(segment, into, held) for segment, into in zip(segments, plan, strict=True))
        ends = np.empty(rows, np.int64)
        guess = getattr(self._thread, "bytes_per_row", _FIRST_GUESS)
        buffer = self._buffer(int(rows * guess * 1.02) + longest)
        row, place = kernel.gather(plan, 0, rows, _address(buffer), 0, len(buffer) - longest, ends)
        while row < rows:
            larger = self._buffer(int(place / max(row, 1) * rows * 1.1) + len(buffer) + longest)
            larger[:place] = buffer[:place]
            buffer = larger
            row, place = kernel.gather(plan, row, rows, _address(buffer), place, len(buffer) - longest, ends)
        self._thread.bytes_per_row = max(place / rows, guess * 0.9)
        return Rendered(buffer[:place], ends)

    def gather_in_order(self, parts: Sequence[Part], order: NDArray[np.int64]) -> Iterator[Rendered]:
        """Yield as many rows at once as a buffer has room for."""
        edges = np.cumsum([0, *(len(part.segments) for part in parts)])
        firsts = np.cumsum([0, *(part.rows for part in parts)])
        plan = np.zeros((edges[-1], kernel.FIELDS), np.int64)
        held: list[object] = []  # what the addresses in the plan point into
        longest = 0
        for part, low, high in zip(parts, edges, edges[1:], strict=False):
            rows = zip(part.segments, plan[low:high], strict=True)
            longest = max(longest, SLACK + sum(_described(segment, into, held) for segment, into in rows))
        whose = np.repeat(np.arange(len(parts)), [part.rows for part in parts])[order]
        own, row = order - firsts[whose], 0
        while row < len(order):
            buffer = self._buffer(AT_ONCE + longest, "in_order")
            ends = np.empty(len(order) - row, np.int64)
            after = kernel.gather_in_order(plan, edges, whose, own, row, _address(buffer), AT_ONCE, ends)
            ends = ends[: after - row].copy()
            yield Rendered(buffer[: ends[-1]], ends)
            row = after

    def _buffer(self, size: int, use: str = "whole") -> Bytes:
        """Return room for a batch: a buffer of this thread that nobody looks at any more, or a new one."""
        kept: list[Bytes] = self._thread.__dict__.setdefault(use, [])
        for number in range(len(kept)):
            if size <= len(kept[number]) <= 4 * size and sys.getrefcount(kept[number]) == 2:
                return kept[number]
        buffer = np.empty(size + size // 4, np.uint8)  # the next batch may be a little larger
        kept.insert(0, buffer)
        del kept[_KEPT_BUFFERS:]
        return buffer


def _described(segment: Segment, into: NDArray[np.int64], held: list[object]) -> int:  # noqa: PLR0911  (one for each kind)
    """Write down what the kernel has to know about a segment; return how long its text can be."""
    if isinstance(segment, Constant):
        _write(into, held, kernel.CONSTANT, segment.data, length=segment.length)
        return segment.length
    if isinstance(segment, Lookup):
        _write(into, held, kernel.LOOKUP, segment.data, index=segment.index, bounds=segment.bounds)
        return segment.longest
    into[kernel.MASK] = 0 if segment.mask is None else _address(segment.mask)
    held.append(segment.mask)
    if isinstance(segment, Seconds):
        values = segment.instants.values
        _write(into, held, kernel.SECONDS, segment.data, index=values, bounds=segment.bounds, extra=segment.first - 1)
        return segment.longest
    if isinstance(segment, Whole):
        _write(into, held, kernel.WHOLE, segment.values)
        return kernel.LONGEST_NUMBER
    if isinstance(segment, Fraction):
        _write(into, held, kernel.FRACTION, segment.instants.values, length=segment.digits)
        return segment.digits
    if isinstance(segment, Hexadecimal):
        width = segment.values.shape[1]
        data = segment.values if width % 16 == 0 else padded(segment.values.reshape(-1))
        kind, gap = kernel.UUID if segment.dashed else kernel.HEXADECIMAL, 7 if segment.upper else 39
        _write(into, held, kind, data, length=width, extra=gap)
        return 2 * int(width) + 4
    if isinstance(segment, Fixed):
        width = segment.matrix.shape[1]
        _write(into, held, kernel.FIXED, padded(segment.matrix.reshape(-1)), length=width)
        return int(width)
    assert isinstance(segment, Ragged)
    _write(into, held, kernel.RAGGED, segment.data, bounds=segment.offsets)
    return int(np.diff(segment.offsets).max())


def _write(
    into: NDArray[np.int64],
    held: list[object],
    kind: int,
    source: NDArray[Any],
    *,
    length: int = 0,
    index: NDArray[Any] | None = None,
    bounds: NDArray[Any] | None = None,
    extra: int = 0,
) -> None:
    held.extend((source, index, bounds))
    into[kernel.KIND], into[kernel.SOURCE], into[kernel.LENGTH], into[kernel.EXTRA] = (
        kind,
        _address(source),
        length,
        extra,
    )
    into[kernel.INDEX] = 0 if index is None else _address(index)
    into[kernel.BOUNDS] = 0 if bounds is None else _address(bounds)


def _address(array: NDArray[Any]) -> int:
    address: int = pa.py_buffer(array).address  # eight times as fast as array.ctypes.data
    return address
