"""Packing samples into WriteRequests by columns: no object is made of a sample.

A sample is a TimeSeries with one Sample. All of it but the value and the time is known for
each series, so it is written once, with gaps; rows are taken from there, and the gaps filled.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator import Batch, Coded, Numbers, Packed, Series
from simulator_prometheus.remote_write import varint
from simulator_prometheus.snappy import compressed

_PER_MILLISECOND = 1_000_000
_DOUBLE = 8


class Packer:
    """Packs batches of one run. ``labels`` gives the encoded labels of a series."""

    def __init__(self, labels: Callable[[Series], bytes]) -> None:
        self._labels = labels
        self._known: list[bytes] = []
        self._tables: dict[int, tuple[int, pa.Array]] = {}  # by the width of the time: of so many series

    def packed(self, batch: Batch) -> Packed:
        """Return a body for each target and moment; rows of a target's moment stand together."""
        hosts = batch.columns["host"]
        assert isinstance(hosts, Coded)
        fresh = (np.diff(batch.times) != 0) | (np.diff(hosts.codes.astype(np.int64)) != 0)
        stops = np.append(np.flatnonzero(fresh) + 1, len(batch))
        data, ends = self._rows(batch)
        edges = [0, *ends[stops - 1].tolist()]
        view = data.data
        bodies = [compressed(view[start:end]) for start, end in pairwise(edges)]
        lengths = [varint(len(body)) for body in bodies]
        sizes = np.array([len(body) + len(length) for body, length in zip(bodies, lengths, strict=True)], np.int64)
        whole = b"".join(part for pair in zip(lengths, bodies, strict=True) for part in pair)
        return Packed(np.frombuffer(whole, np.uint8), np.cumsum(sizes), stops)

    def _rows(self, batch: Batch) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return the TimeSeries of each row, with its key and its length, and where each ends."""
        series, value = batch.columns["series"], batch.columns["value"]
        assert isinstance(series, Coded)
        assert isinstance(value, Numbers)
        self._learn(series.vocabulary.values)
        times = batch.times // _PER_MILLISECOND
        width = len(varint(int(times.max())))
        if len(varint(int(times.min()))) != width:
            return self._mixed(batch, times)
        taken = self._table(width).take(pa.array(series.codes))
        ends = np.frombuffer(taken.buffers()[1], np.int64)[1 : len(batch) + 1]
        data = np.frombuffer(taken.buffers()[2], np.uint8)[: ends[-1]].copy()
        tail = np.empty((len(batch), _DOUBLE + 1 + width), np.uint8)
        tail[:, :_DOUBLE] = value.values.astype("<f8", copy=False).view(np.uint8).reshape(-1, _DOUBLE)
        tail[:, _DOUBLE] = 0x10  # key of Sample.timestamp
        for place in range(width):
            tail[:, _DOUBLE + 1 + place] = times >> 7 * place & 127 | (128 if place < width - 1 else 0)
        data[(ends - tail.shape[1])[:, None] + np.arange(tail.shape[1])] = tail
        return data, ends

    def _mixed(self, batch: Batch, times: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Split rows where their times become longer: a matter of the first minutes of 1970, or of the year 2109."""
        cut = int(np.searchsorted(times, 1 << 7 * len(varint(int(times.min())))))
        first, rest = (
            self._rows(batch.between(0, int(batch.times[cut]))),
            self._rows(batch.take(np.arange(cut, len(batch)))),
        )
        return np.concatenate([first[0], rest[0]]), np.concatenate([first[1], rest[1] + len(first[0])])

    def _learn(self, series: list[Any]) -> None:
        self._known += [self._labels(each) for each in series[len(self._known) :]]

    def _table(self, width: int) -> pa.Array:
        """Return the bytes of each series, with room at the end for a value and a time of some width."""
        count, table = self._tables.get(width, (0, None))
        if count < len(self._known):
            gap = bytes(_DOUBLE + 1 + width)
            sample = b"\x12" + varint(len(gap) + 1) + b"\x09" + gap  # TimeSeries.samples, Sample.value
            bodies = [labels + sample for labels in self._known]
            table = pa.array([b"\x0a" + varint(len(body)) + body for body in bodies], pa.large_binary())
            self._tables[width] = len(self._known), table
        return table
