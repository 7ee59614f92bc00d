"""The samples that expressions are evaluated on, found by their labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.regex import matches

Labels: TypeAlias = tuple[tuple[str, str], ...]  # sorted by name, no empty value; the metric's name is __name__
Floats: TypeAlias = NDArray[np.float64]
Times: TypeAlias = NDArray[np.int64]  # milliseconds since 1970
Mask: TypeAlias = NDArray[np.bool_]

_STALE_BITS = 0x7FF0000000000002
STALE: float = float(np.array([_STALE_BITS], np.int64).view(np.float64)[0])  # ends a series at its time
_FOREVER = np.iinfo(np.int64)


def is_stale(values: Floats) -> Mask:
    """Say which values are stale markers; other NaNs are values."""
    return np.asarray(np.ascontiguousarray(values).view(np.int64) == _STALE_BITS)


def labels_of(pairs: Iterable[tuple[str, str]]) -> Labels:
    """Return labels in the form the store wants them."""
    return tuple(sorted((name, value) for name, value in pairs if value))


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that is not there has the value ''."""

    name: str
    operator: Literal["=", "!=", "=~", "!~"]
    value: str

    def verdicts(self, values: Sequence[str]) -> Mask:
        if self.operator in ("=", "!="):
            found = np.fromiter((value == self.value for value in values), bool, len(values))
        else:
            found = matches(self.value, values)
        return ~found if self.operator.startswith("!") else found


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples of several series, one after the other: those of series i stand at ``starts[i]:starts[i + 1]``."""

    labels: list[Labels]
    times: Times
    values: Floats
    starts: NDArray[np.int64]

    def without_stale(self) -> Samples:
        """Return what a range selector sees: no stale markers."""
        kept = ~is_stale(self.values)
        if kept.all():
            return self
        before = np.concatenate([[0], np.cumsum(kept)])
        return Samples(self.labels, self.times[kept], self.values[kept], before[self.starts])


class SeriesStore:
    """Series by their labels. Their times ascend; of two samples of one instant the first stays, as in Prometheus."""

    def __init__(self) -> None:
        self._labels: list[Labels] = []
        self._numbers: dict[Labels, int] = {}
        self._chunks: list[list[tuple[Times, Floats]]] = []
        self._index: dict[str, dict[str, list[int]]] = {}
        self.late: dict[Labels, list[tuple[int, int]]] = {}
        """Samples that came late: when they are of, and from when on they can be seen (ms)."""
        self.delays: dict[Labels, int] = {}
        """Series of which every sample can be seen only so much later (ms)."""

    def __len__(self) -> int:
        return len(self._labels)

    def labels(self) -> Sequence[Labels]:
        """Return the labels of every series, in the order they came."""
        return self._labels

    def values(self, label: str) -> set[str]:
        """Return the values that a label has."""
        return {*self._index.get(label, ())}

    def add(self, labels: Labels, times: Times, values: Floats) -> None:
        """Add samples to a series, which is made if it is not there. Times may come in any order."""
        if len(times) == 0:
            return
        number = self._numbers.get(labels)
        if number is None:
            number = self._new(labels)
        chunk = (np.asarray(times, np.int64), np.asarray(values, np.float64))
        chunks = self._chunks[number]
        chunks.append(chunk if len(times) < 2 or (np.diff(chunk[0]) > 0).all() else _in_order([chunk]))

    def append(self, labels: Sequence[Labels], time: int, values: Floats) -> None:
        """Add one sample to each of several series, as a recording rule does."""
        times = np.array([time], np.int64)
        for each, value in zip(labels, values, strict=True):
            self.add(each, times, np.array([value], np.float64))

    def series(self, labels: Labels) -> tuple[Times, Floats]:
        """Return the samples of one series, stale markers among them; none if it is not there."""
        number = self._numbers.get(labels)
        return (np.empty(0, np.int64), np.empty(0)) if number is None else self._joined(number)

    def select(self, matchers: Sequence[Matcher]) -> list[int]:
        """Return the numbers of the series that all matchers are true of, in the order they came."""
        found: set[int] | None = None
        excluded: list[set[int]] = []
        for matcher in sorted(matchers, key=lambda matcher: matcher.operator != "="):
            by_value = self._index.get(matcher.name, {})
            values = [matcher.value] if matcher.operator == "=" and matcher.value else [*by_value]
            verdicts = matcher.verdicts([*values, ""])
            takes_none = bool(verdicts[-1])
            named = (by_value.get(value, ()) for value, hit in zip(values, verdicts, strict=False) if hit != takes_none)
            numbers = {number for some in named for number in some}
            if takes_none:  # true of the series without the label: leave out those whose value is not right
                excluded.append(numbers)
            else:
                found = numbers if found is None else found & numbers
        everything = set(range(len(self._labels))) if found is None else found
        return sorted(everything.difference(*excluded))

    def samples(
        self, matchers: Sequence[Matcher], after: int = int(_FOREVER.min), until: int = int(_FOREVER.max)
    ) -> Samples:
        """Return the samples with ``after`` < time <= ``until`` of the series that have any."""
        labels: list[Labels] = []
        times: list[Times] = []
        values: list[Floats] = []
        for number in self.select(matchers):
            own_times, own_values = self._joined(number)
            low = 0 if own_times[0] > after else int(own_times.searchsorted(after, "right"))
            high = len(own_times) if own_times[-1] <= until else int(own_times.searchsorted(until, "right"))
            if low < high:
                labels.append(self._labels[number])
                times.append(own_times[low:high])
                values.append(own_values[low:high])
        starts = np.concatenate([[0], np.cumsum([len(some) for some in times], dtype=np.int64)]).astype(np.int64)
        if not labels:
            return Samples([], np.empty(0, np.int64), np.empty(0), starts)
        return Samples(labels, np.concatenate(times), np.concatenate(values), starts)

    def _new(self, labels: Labels) -> int:
        number = len(self._labels)
        if any(not value for _, value in labels) or list(labels) != sorted(set(labels)):
            raise ValueError(f"labels are sorted and not empty: {labels}")
        self._numbers[labels] = number
        self._labels.append(labels)
        self._chunks.append([])
        for name, value in labels:
            self._index.setdefault(name, {}).setdefault(value, []).append(number)
        return number

    def _joined(self, number: int) -> tuple[Times, Floats]:
        chunks = self._chunks[number]
        if len(chunks) > 1:
            ascending = all(one[0][-1] < other[0][0] for one, other in pairwise(chunks))
            joined = (np.concatenate([times for times, _ in chunks]), np.concatenate([values for _, values in chunks]))
            self._chunks[number] = [joined if ascending else _in_order(chunks)]
        return self._chunks[number][0]


def _in_order(chunks: Sequence[tuple[Times, Floats]]) -> tuple[Times, Floats]:
    times = np.concatenate([times for times, _ in chunks])
    times, first = np.unique(times, return_index=True)  # the first of equal ones
    return times, np.concatenate([values for _, values in chunks])[first]
