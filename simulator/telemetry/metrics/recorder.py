"""What a renderer that samples metrics records: its targets' series, each at its moments, window after window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.events.batch import Batch
from simulator.events.columns import Coded, Column, Integers, Lists, Numbers, Times
from simulator.events.event_types import EventType
from simulator.places import NOWHERE, Place
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.metrics.catalogue import Catalogue
from simulator.telemetry.metrics.lifecycle import Lifecycle
from simulator.telemetry.metrics.measuring import Happened, Measuring
from simulator.telemetry.metrics.metric import Metric, Packed
from simulator.telemetry.metrics.rounds import stretches
from simulator.telemetry.metrics.sample_types import HISTOGRAM, NUMBER
from simulator.telemetry.metrics.sheet import Rows, Sheet
from simulator.telemetry.metrics.targets import Targets
from simulator.telemetry.renderer import Format, Renderer
from simulator.telemetry.streams import RenderedBatch, StreamRecorder
from simulator.telemetry.tag import Tag
from simulator.telemetry.templates import Backend
from simulator.world.model import Host

_MOST_CELLS = 1 << 19  # series times rounds that are worked out at once: memory stays flat


class MetricRecorder:
    """Samples metrics and renders the samples: what :class:`StreamRecorder` is for events.

    Its samples are events of the emission with number ``emission``: of the run, but of no act.
    Neither the length of windows nor the backend changes a byte.
    """

    def __init__(
        self,
        renderer: Renderer,
        form: Format,
        tag: Tag,
        deployment: Deployment,
        metrics: Sequence[Metric],
        hosts: Sequence[Host],
        *,
        seed: int,
        start: int,
        emission: int,
        backend: Backend | None = None,
        place: Place = NOWHERE,
    ) -> None:
        assert renderer.metrics is not None
        self.renderer, self.sampling, self.tag = renderer, renderer.metrics, tag
        self.heading = self.sampling.heading((*metrics, *self.sampling.own)) if self.sampling.heading else ""
        self._deployment, self._emission, self._origin, self._reached = deployment, emission, start, start
        self._targets = Targets(self.sampling, hosts, deployment, seed, start)
        self._catalogue = Catalogue(renderer.name, self.sampling, metrics, self._targets, place)
        self._measuring = Measuring(metrics, self._catalogue, self._targets)
        self._lifecycle = Lifecycle(self.sampling, self._targets)
        self._sheet = Sheet(self.sampling, self._catalogue, self._targets, self._measuring, emission, seed)
        self._packing = self.sampling.packing(tag) if self.sampling.packing else None
        self._stream = StreamRecorder(renderer, form, tag, deployment, backend)

    def records(self, happened: Happened, end: int) -> Iterator[RenderedBatch]:
        """Yield the records of the samples that were taken until ``end``, after a window's events."""
        start, self._reached = self._reached, end
        self._lifecycle.add(happened)
        self._measuring.add(happened)
        self._sheet.prepare()
        rounds = max(1, _MOST_CELLS // max(1, len(self._catalogue)))
        phases = self._targets.phases
        for each in stretches(self._origin, self.sampling.interval, phases, start, end, rounds):
            stretch = self._lifecycle.stretch(each)
            rows = self._sheet.sampled(stretch)
            self._lifecycle.passed(each)
            if len(rows.times):
                yield from self._rendered(rows)

    def _rendered(self, rows: Rows) -> Iterator[RenderedBatch]:
        if self._packing:
            yield self._packed(rows, self._packing)
            return
        for found in self._stream.records(list(self._samples(rows))):  # what is sampled at once arrives at once
            yield replace(found, delivered=found.times + self._delays(rows)[np.searchsorted(rows.ids, found.ids)])

    def _packed(self, rows: Rows, packing: Callable[[Batch], Packed]) -> RenderedBatch:
        packed = packing(self._batch(rows, {"value": Numbers(rows.values)}))
        firsts = np.append(0, packed.stops[:-1])
        ids, times, delays = rows.ids[firsts], rows.times[firsts], self._delays(rows)[firsts]
        return RenderedBatch(self.renderer.name, packed.data, packed.ends, ids, times, times + delays)

    def _delays(self, rows: Rows) -> NDArray[np.int64]:
        fresh = np.flatnonzero((np.diff(rows.times, prepend=-1) != 0) | (np.diff(rows.targets, prepend=-1) != 0))
        lengths = np.diff(np.append(fresh, len(rows.times)))
        return np.repeat(self._deployment.delays(rows.ids[fresh]), lengths)

    def _samples(self, rows: Rows) -> Iterator[tuple[EventType, Batch]]:
        whole = len(rows.numbers) == len(rows.times)
        if len(rows.numbers):
            numbers = rows if whole else rows.take(rows.numbers)
            yield NUMBER, self._batch(numbers, {"value": Numbers(numbers.values)})
        for each in rows.histograms:
            found: dict[str, Column] = {
                "count": Integers(each.buckets.sum(axis=1)),
                "sum": Numbers(rows.values[each.rows]),
                "buckets": Lists(each.buckets),
            }
            yield HISTOGRAM, self._batch(rows.take(each.rows), found)

    def _batch(self, rows: Rows, measured: Mapping[str, Column]) -> Batch:
        columns: dict[str, Column] = {
            "series": Coded(rows.series.astype(np.uint32), self._catalogue.series),
            "host": Coded(rows.targets.astype(np.uint32), self._targets.vocabulary),
            "start": Times(rows.began),
            **measured,
        }
        return Batch(self._emission, rows.times, rows.ids, columns)
