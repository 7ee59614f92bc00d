"""What Prometheus would have in its database by a run's samples, and where each of them is written.

The text says nothing of the end of a series; Prometheus knows it from the scrapes. Each
sample of ``up`` stands for a scrape of its target (job and instance): a series that it
lacks, though the scrape before had it, ends there. A target that nobody looks for any more
ends with all its series one interval after its last scrape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import Column, Store, Stream
from simulator_prometheus.promql.series import STALE, Labels, Mask, SeriesStore, Times, labels_of

FORMATS = frozenset({"prometheus_text"})
_MILLISECOND = 1_000_000
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\.|[^"\\])*)"')
_ESCAPES = {"n": "\n"}
_COLUMNS = {"series": Column("series"), "value": Column("value")}
_SERIES = "SELECT series, min(line) AS first FROM {table} GROUP BY ALL ORDER BY first"
_SAMPLES = """
SELECT place, time, arrived, line, TRY_CAST(value AS DOUBLE) AS value
FROM {table} JOIN (SELECT series, row_number() OVER (ORDER BY first) - 1 AS place FROM ({series})) USING (series)
WHERE TRY_CAST(value AS DOUBLE) IS NOT NULL
ORDER BY place, time, line
"""

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Written:
    """Where the samples of one series are written: times (ms), lines of a stream, and when they arrived (ms)."""

    stream: str
    times: Times
    lines: Integers
    arrived: Times


@dataclass(slots=True)
class Telemetry:
    """The samples that arrived, as series, and where they are written."""

    series: SeriesStore = field(default_factory=SeriesStore)
    written: dict[Labels, Written] = field(default_factory=dict)


def streams_of_samples(store: Store) -> list[Stream]:
    return [stream for stream in store.streams if stream.format.name in FORMATS]


def telemetry(store: Store, instants: Times) -> Telemetry:
    """Read all samples that arrived; what had not arrived at one of these instants (ms) is not seen there."""
    found = Telemetry()
    for stream in streams_of_samples(store):
        table = store.table(stream.renderer.name, _COLUMNS)
        listed = store.query(_SERIES.format(table=table))
        names = [labels_of(_labels(series)) for series in listed["series"].to_pylist()]
        rows = store.query(_SAMPLES.format(table=table, series=_SERIES.format(table=table)))
        columns = {name: rows[name].to_numpy() for name in ("place", "time", "arrived", "line", "value")}
        _fill(found, stream.renderer.name, names, columns, instants)
    return found


def _labels(series: str) -> Iterator[tuple[str, str]]:
    """Take ``name{label="value",…}`` apart."""
    metric, _, rest = series.partition("{")
    yield "__name__", metric
    for name, value in _LABEL.findall(rest):
        if "\\" in value:
            value = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), value)  # noqa: PLW2901
        yield name, value


def _fill(found: Telemetry, stream: str, names: Sequence[Labels], columns: dict[str, Any], instants: Times) -> None:
    """Put samples, in the order of their series and times, into the store, with the ends of the series."""
    times = columns["time"] // _MILLISECOND
    arrived = -(-columns["arrived"] // _MILLISECOND)
    late = _are_late(times, arrived, instants)
    edges = columns["place"].searchsorted(np.arange(len(names) + 1)).tolist()
    parts = [
        (labels, slice(begin, end)) for labels, (begin, end) in zip(names, pairwise(edges), strict=True) if begin < end
    ]
    scrapes = _Scrapes()
    for labels, own in parts:
        found.written[labels] = Written(stream, times[own], columns["line"][own], arrived[own])
        scrapes.note(labels, times[own], arrived[own])
    scrapes.settle()
    for labels, own in parts:
        unseen = _pairs(times[own], arrived[own], late[own])
        found.series.add(labels, times[own], columns["value"][own])
        ends, known = scrapes.ends(labels, times[own])
        if len(ends):
            found.series.add(labels, ends, np.full(len(ends), STALE))
            unseen += _pairs(ends, known, _are_late(ends, known, instants))
        if unseen:
            found.series.late[labels] = unseen


def _are_late(times: Times, arrived: Times, instants: Times) -> Mask:
    """Say of which samples an instant lies between when they are of and when they arrived."""
    return np.asarray(instants.searchsorted(times) != instants.searchsorted(arrived))


def _pairs(times: Times, arrived: Times, which: Mask) -> list[tuple[int, int]]:
    return list(zip(times[which].tolist(), arrived[which].tolist(), strict=True)) if which.any() else []


@dataclass(slots=True)
class _Scrapes:
    """When each target was scraped, by its samples of ``up``."""

    _times: dict[tuple[str, str], Times] = field(default_factory=dict)
    _arrived: dict[tuple[str, str], Times] = field(default_factory=dict)
    _last: int = 0

    def note(self, labels: Labels, times: Times, arrived: Times) -> None:
        self._last = max(self._last, int(times[-1]))
        if ("__name__", "up") in labels:
            target = _target(labels)
            together = np.concatenate([self._times.get(target, times[:0]), times])
            self._times[target], first = np.unique(together, return_index=True)
            self._arrived[target] = np.concatenate([self._arrived.get(target, times[:0]), arrived])[first]

    def settle(self) -> None:
        """Add the scrape that a target did not have any more, where there was time for one."""
        for target, times in self._times.items():
            interval = int(np.median(np.diff(times))) if len(times) > 1 else 0
            if interval and times[-1] + interval + interval // 2 <= self._last:
                self._times[target] = np.append(times, times[-1] + interval)
                self._arrived[target] = np.append(self._arrived[target], times[-1] + interval)

    def ends(self, labels: Labels, times: Times) -> tuple[Times, Times]:
        """Return when a series ended, once or more, and when that was known."""
        target = _target(labels)
        scrapes = self._times.get(target, times[:0])
        if np.array_equal(scrapes, times):
            return scrapes[:0], scrapes[:0]
        there: Mask = times[np.minimum(times.searchsorted(scrapes), len(times) - 1)] == scrapes
        gone = np.flatnonzero(there[:-1] & ~there[1:]) + 1
        return scrapes[gone], self._arrived.get(target, times[:0])[gone]


def _target(labels: Labels) -> tuple[str, str]:
    told = dict(labels)
    return told.get("job", ""), told.get("instance", "")
