"""Measuring: what the events of a window add to the metrics, before it is known when that is sampled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.errors import UsageError
from simulator.events.batch import Batch
from simulator.events.columns import Coded, Column, concatenated
from simulator.events.event_types import EventType
from simulator.telemetry.metrics.catalogue import Catalogue
from simulator.telemetry.metrics.expressions import Condition, LabelTable, Value, whole_numbers
from simulator.telemetry.metrics.metric import Measure, Metric
from simulator.telemetry.metrics.sampling import Accumulator, Additions
from simulator.telemetry.metrics.targets import Targets

Happened = Sequence[tuple[EventType, Batch]]


@dataclass(frozen=True, slots=True)
class Events:
    """All events of one type in a window, in the order of their emissions."""

    times: NDArray[np.int64]
    ids: NDArray[np.uint64]
    columns: Mapping[str, Column]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times)


class Measured:
    """One measure of a metric, ready for events of its type."""

    def __init__(self, number: int, metric: Metric, measure: Measure, event: EventType, catalogue: Catalogue) -> None:
        self.number = number
        self._lasts, self._catalogue = measure.lasts, catalogue
        self.value = Value(measure.value, event, metric.name)
        self._when = Condition(measure.when, event, metric.name) if measure.when else None
        self._labels = LabelTable(measure.labels, event, metric.name, catalogue.sets[number].number)
        read = (self.value.fields, self._labels.fields, self._when.fields if self._when else ())
        self.fields = {*(field for fields in read for field in fields), *([self._lasts] if self._lasts else [])}
        if not self.fields <= event.by_name.keys():
            missing = ", ".join(sorted(self.fields - event.by_name.keys()))
            raise UsageError(f"metric {metric.name!r}: {event.name} has no {missing}")

    def add(self, events: Events, into: Accumulator) -> None:
        kept = events.targets >= 0
        if self._when:
            kept &= self._when.of(events.columns, len(events))
        rows = np.flatnonzero(kept)
        if not len(rows):
            return
        whole = len(rows) == len(events)
        columns = {name: events.columns[name] if whole else events.columns[name].take(rows) for name in self.fields}
        sets = self._labels.of(columns, len(rows))
        series, fresh = self._catalogue.find(self.number, events.targets[rows], sets)
        into.add_series(fresh)
        born = events.times[rows]
        due = born + whole_numbers(columns[self._lasts]) if self._lasts else born
        into.add(Additions(series, due, born, self.value.of(columns, len(rows)), events.ids[rows]))


class Measuring:
    """All measures of some metrics. Metrics that a run's events never touch cost nothing."""

    def __init__(self, metrics: Sequence[Metric], catalogue: Catalogue, targets: Targets) -> None:
        self.accumulators: dict[int, Accumulator] = {}
        self.units: dict[int, int] = {}
        self._metrics, self._catalogue, self._targets = metrics, catalogue, targets
        self._ready: dict[str, list[Measured]] = {}

    def add(self, happened: Happened) -> None:
        """Count a window's events."""
        by_type: dict[str, list[tuple[EventType, Batch]]] = {}
        for event, batch in happened:
            if event.name not in self._ready:
                self._ready[event.name] = self._measured(event)
            if self._ready[event.name]:
                by_type.setdefault(event.name, []).append((event, batch))
        for name, found in by_type.items():
            events = self._events([batch for _, batch in found], {f for each in self._ready[name] for f in each.fields})
            for measured in self._ready[name]:
                measured.add(events, self.accumulators[measured.number])

    def _measured(self, event: EventType) -> list[Measured]:
        ready = []
        for number, metric in enumerate(self._metrics):
            for measure in metric.measures:
                if measure.event == event.name:
                    ready.append(measured := Measured(number, metric, measure, event, self._catalogue))
                    self._accumulate(number, metric, measured.value.unit * metric.per)
        return ready

    def _accumulate(self, number: int, metric: Metric, unit: int) -> None:
        if self.units.setdefault(number, unit) != unit:
            raise UsageError(f"metric {metric.name!r}: some of its measures are durations and some are not")
        if number not in self.accumulators:
            bounds = np.rint(np.array(metric.buckets) * unit).astype(np.int64)
            self.accumulators[number] = Accumulator(metric, bounds)

    def _events(self, batches: Sequence[Batch], fields: set[str]) -> Events:
        columns = {name: concatenated([batch.columns[name] for batch in batches]) for name in {*fields, "host"}}
        hosts = columns["host"]
        assert isinstance(hosts, Coded)
        times, ids = np.concatenate([b.times for b in batches]), np.concatenate([b.ids for b in batches])
        return Events(times, ids, columns, self._targets.of(hosts))
