"""The catalogue: all series that a renderer samples, in the order in which a target's are written."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from simulator.errors import UsageError
from simulator.events.columns import Vocabulary
from simulator.places import NOWHERE, Place
from simulator.telemetry.metrics.metric import Metric, Part, Sampling, Series
from simulator.telemetry.metrics.targets import Targets

Whole = NDArray[np.int64]


class LabelSets:
    """The different sets of labels of one metric, numbered in the order they are met in."""

    def __init__(self, metric: Metric, most_values: int, place: Place = NOWHERE) -> None:
        self.sets: list[dict[str, str]] = []
        self._metric, self._most, self._place = metric, most_values, place
        self._numbers: dict[tuple[tuple[str, str], ...], int] = {}
        self._values: dict[str, set[str]] = {}

    def number(self, labels: dict[str, str]) -> int:
        """Return the number of a set; UsageError if a label has more values than a metric's label may have."""
        key = tuple(sorted(labels.items()))
        if key not in self._numbers:
            for label, value in key:
                values = self._values.setdefault(label, set())
                values.add(value)
                if len(values) > self._most:
                    raise UsageError(
                        f"{_at(self._place)}metric {self._metric.name!r}: its label {label!r} has more than "
                        f"{self._most} values, of them {value!r}; give the events fewer, "
                        "or record with other renderers (--only)"
                    )
            self._numbers[key] = len(self.sets)
            self.sets.append(dict(key))
        return self._numbers[key]


class Catalogue:
    """Series by metric. A *row* is a series in its place; in the shape ``numbers`` a histogram takes several.

    Rows are in the order (moment, target, metric, labels, part), which is that of a round's samples.
    """

    def __init__(
        self, renderer: str, sampling: Sampling, metrics: Sequence[Metric], targets: Targets, place: Place = NOWHERE
    ) -> None:
        self.metrics = [*metrics, *sampling.own]
        self.series = Vocabulary()
        self.sets = [LabelSets(metric, sampling.most_values, place) for metric in self.metrics]
        self._renderer, self._sampling, self._targets, self._place = renderer, sampling, targets, place
        self._index = [np.full((0, 0), -1, np.int64) for _ in self.metrics]  # by target and set: the series of a metric
        self._entries: list[tuple[int, int, int]] = []  # metric, target, set of labels
        self._firsts: list[list[int]] = [[] for _ in self.metrics]  # by series of a metric: its first code
        self._placed = 0
        self.order = np.zeros(0, np.int64)  # by row: the code of its series
        self.targets = np.zeros(0, np.int64)  # by row
        self.rows: list[Whole] = [np.zeros(0, np.int64) for _ in self.metrics]  # by series of a metric: its first row

    def __len__(self) -> int:
        return len(self.series)

    def find(self, metric: int, targets: Whole, sets: Whole) -> tuple[Whole, Whole]:
        """Return the number that each series has within its metric, and the targets of those that are new."""
        index = self._index[metric] = self._grown(self._index[metric], len(self.sets[metric].sets))
        found = index[targets, sets]
        new = np.unique((targets * index.shape[1] + sets)[found < 0])
        fresh, numbers = np.divmod(new, max(1, index.shape[1]))
        for target, number in zip(fresh.tolist(), numbers.tolist(), strict=True):
            index[target, number] = self._add(metric, target, number)
        return (index[targets, sets] if len(new) else found), fresh

    def parts(self, metric: Metric) -> list[tuple[Part, float | None]]:
        """Return what rows a series of a metric takes."""
        if metric.kind != "histogram" or self._sampling.shape == "histograms":
            return [("", None)]
        return [*(("bucket", bound) for bound in (*metric.buckets, inf)), ("sum", None), ("count", None)]

    def place(self) -> None:
        """Give new series their rows."""
        if self._placed == len(self._entries):
            return
        self._placed = len(self._entries)
        phases, hosts = self._targets.phases, self._targets.hosts

        def key(entry: tuple[int, int, int]) -> tuple[int, str, int, list[tuple[str, str]]]:
            metric, target, number = entry
            labels = self.sets[metric].sets[number]
            return int(phases[target]), hosts[target].name, metric, list(labels.items())

        widths = [len(self.parts(metric)) for metric in self.metrics]
        self.order = np.empty(len(self.series), np.int64)
        self.targets = np.empty(len(self.series), np.int64)
        self.rows = [np.empty(len(firsts), np.int64) for firsts in self._firsts]
        row = 0
        for metric, target, number in sorted(self._entries, key=key):
            series = int(self._index[metric][target, number])
            first, width = self._firsts[metric][series], widths[metric]
            self.rows[metric][series] = row
            self.order[row : row + width] = np.arange(first, first + width)
            self.targets[row : row + width] = target
            row += width

    def _add(self, metric: int, target: int, number: int) -> int:
        told, labels, host = self.metrics[metric], self.sets[metric].sets[number], self._targets.hosts[target]
        if len(self._entries) >= self._sampling.most_series:
            raise UsageError(
                f"{_at(self._place)}renderer {self._renderer!r}: metric {told.name!r} with {_shown(labels)} "
                f"on {host.name!r} makes more than {self._sampling.most_series} series; "
                "give the world fewer instances or the events fewer values, "
                "or record with other renderers (--only)"
            )
        self._entries.append((metric, target, number))
        firsts = self._firsts[metric]
        firsts.append(len(self.series))
        for part, bound in self.parts(told):
            self.series.code(Series(told, labels, host, part, bound))
        return len(firsts) - 1

    def _grown(self, index: Whole, sets: int) -> Whole:
        targets, known = len(self._targets), index.shape[1]
        if index.shape[0] >= targets and known >= sets:
            return index
        grown = np.full((targets, max(sets, known, 2 * known if sets > known else 0)), -1, np.int64)
        grown[: index.shape[0], :known] = index
        return grown


def _at(place: Place) -> str:
    return "" if place is NOWHERE else f"{place}: "


def _shown(labels: dict[str, str]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in labels.items()) or "no labels"
