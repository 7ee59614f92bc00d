"""The backend that needs nothing but pyarrow: one ``take`` over all texts of a batch.

The texts of all segments are laid one after the other in a pool, of which Arrow then
takes, row after row, those that stand there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.telemetry.templates.formatters import spelled_out
from simulator.telemetry.templates.gather_python import PythonBackend
from simulator.telemetry.templates.ordering import in_order
from simulator.telemetry.templates.segments import (
    Bytes,
    Constant,
    Lookup,
    Mask,
    Plain,
    Ragged,
    Segment,
)
from simulator.telemetry.templates.tables import take
from simulator.telemetry.templates.template import SMALL_BATCH, Part, Rendered

_MOST_TAKEN = 1 << 30  # bytes at once: well within Arrow's 32-bit offsets
_MOST_POOLED = (1 << 31) - 1


class ArrowBackend:
    """Gathers with pyarrow."""

    name = "pyarrow"
    look_up = staticmethod(take)

    def gather(self, segments: Sequence[Segment], rows: int) -> Rendered:
        if not segments:
            return Rendered(np.zeros(0, np.uint8), np.zeros(rows, np.int64))
        pool = _Pool(rows)
        plain = [each for segment in segments for each in spelled_out(segment)]
        index = np.empty((rows, len(plain)), np.int32)
        for place, segment in enumerate(plain):
            index[:, place] = pool.add(segment)
        texts = pool.array()
        at_once = max(1, min(rows, _MOST_TAKEN // max(1, pool.longest_row)))
        parts = [_taken(texts, index[start : start + at_once]) for start in range(0, rows, at_once)]
        return parts[0] if len(parts) == 1 else _concatenated(parts)

    def gather_in_order(self, parts: Sequence[Part], order: NDArray[np.int64]) -> Iterator[Rendered]:
        small = PythonBackend()
        rendered = [(small if each.rows < SMALL_BATCH else self).gather(each.segments, each.rows) for each in parts]
        return in_order(rendered, order)


class _Pool:
    """Texts of which rows are made; entry 0 is empty."""

    def __init__(self, rows: int) -> None:
        self.longest_row = 0
        self._rows = rows
        self._entries, self._bytes = 1, 0
        self._data: list[Bytes] = []
        self._stops: list[NDArray[np.int64]] = []
        self._tables: dict[tuple[int, int], int] = {}

    def add(self, segment: Plain) -> NDArray[np.int32] | int:
        """Add what a segment may write, and return which entry each row has."""
        if isinstance(segment, Constant):
            self.longest_row += segment.length
            return self._table(segment, np.array([segment.length], np.int64))
        if isinstance(segment, Lookup):
            self.longest_row += segment.longest
            if segment.entries > 2 * self._rows:  # rather the texts of these rows than the whole table
                return self._per_row(*_taken_alone(segment), None)
            return segment.index + np.int32(self._table(segment, segment.bounds[1 : segment.entries + 1]))
        if isinstance(segment, Ragged):
            self.longest_row += int(np.diff(segment.offsets).max())
            return self._per_row(segment.data, segment.offsets[1:], segment.mask)
        rows, width = segment.matrix.shape
        self.longest_row += width
        stops = np.arange(1, rows + 1, dtype=np.int64) * width
        return self._per_row(segment.matrix.reshape(-1), stops, segment.mask)

    def array(self) -> pa.Array:
        """Return all texts."""
        wide = self._bytes > _MOST_POOLED
        offsets = np.zeros(self._entries + 1, np.int64 if wide else np.int32)
        np.concatenate(self._stops, out=offsets[2:], casting="unsafe")
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.concatenate(self._data))]
        return pa.Array.from_buffers(pa.large_binary() if wide else pa.binary(), self._entries, buffers)

    def _table(self, segment: Constant | Lookup, stops: NDArray[np.int64]) -> int:
        """Add texts that several segments may share, unless they are here already."""
        key = id(segment.data), id(segment.bounds) if isinstance(segment, Lookup) else 0
        if key not in self._tables:
            self._tables[key] = self._append(segment.data, stops)
        return self._tables[key]

    def _per_row(self, data: Bytes, stops: NDArray[np.int64], mask: Mask) -> NDArray[np.int32]:
        first = self._append(data, stops)
        index = np.arange(first, first + self._rows, dtype=np.int32)
        return index if mask is None else index * mask

    def _append(self, data: Bytes, stops: NDArray[np.int64]) -> int:
        first = self._entries
        used = int(stops[-1])
        self._data.append(data[:used])
        self._stops.append(stops + self._bytes)
        self._entries, self._bytes = first + len(stops), self._bytes + used
        return first


def _taken_alone(segment: Lookup) -> tuple[Bytes, NDArray[np.int64]]:
    """Return the texts of the rows of one segment, one after the other, and where each one stops."""
    buffers = [None, pa.py_buffer(segment.bounds), pa.py_buffer(segment.data)]
    table = pa.Array.from_buffers(pa.large_binary(), segment.entries, buffers)
    taken = _taken(table, segment.index.reshape(-1, 1))
    return taken.data, taken.ends


def _taken(texts: pa.Array, index: NDArray[np.int32]) -> Rendered:
    rows, segments = index.shape
    taken = texts.take(pa.array(index.reshape(-1)))
    _, offsets_buffer, data_buffer = taken.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64 if pa.types.is_large_binary(taken.type) else np.int32)
    ends = offsets[segments : rows * segments + 1 : segments].astype(np.int64)
    data = np.zeros(0, np.uint8) if not ends[-1] else np.frombuffer(data_buffer, np.uint8)[: ends[-1]]
    return Rendered(data, ends)


def _concatenated(parts: Sequence[Rendered]) -> Rendered:
    starts = np.cumsum([0, *(len(part.data) for part in parts[:-1])])
    ends = [part.ends + start for part, start in zip(parts, starts.tolist(), strict=True)]
    return Rendered(np.concatenate([part.data for part in parts]), np.concatenate(ends))
