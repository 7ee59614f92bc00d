"""Which instances are there when, and which version they run: looked up for whole columns of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.nodes import Graph

Index = NDArray[np.intp]
Times = NDArray[np.int64]
_SUDDEN = ("Error", "OOMKilled", "NodeLost", "Evicted")
OUTSIDE = -1  # the instance of a service that is not ours
NEVER = 1 << 62
NOTICED = 8_000_000_000  # how long callers go on asking an instance that went down without a word


@dataclass(frozen=True, slots=True)
class Change:
    """An instance goes up or down. ``act`` is that of the effect it is due to."""

    time: int
    instance: int
    up: bool
    reason: str
    act: int = 0
    startup: int = 0
    exit_code: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class _Epochs:
    """Who can be asked at a place: ``asked[e, :counts[e]]`` from ``starts[e]`` on."""

    starts: Times
    counts: Index
    asked: Index


class Presence:
    """Answers who is there. ``changes`` are ascending in time."""

    def __init__(self, graph: Graph, changes: Sequence[Change]) -> None:
        self._graph = graph
        self._down: dict[int, list[tuple[int, int]]] = {}
        self._unasked: dict[int, list[tuple[int, int]]] = {}  # when they are not even asked
        self._versions: dict[int, tuple[Times, NDArray[np.uint32]]] = {}
        self.versions: list[str] = []
        self._numbers: dict[str, int] = {}
        self._base = np.array(
            [self._version(graph.services[each.service].described.version) for each in graph.instances], np.uint32
        )
        self._unnoticed: list[list[tuple[int, int, int]]] = [[] for _ in range(graph.places)]
        self._note(changes)
        self._epochs = [self._epochs_of(place) for place in range(graph.places)]

    def picked(self, place: int, times: Times, luck: NDArray[np.float64]) -> tuple[Index, NDArray[np.bool_]]:
        """Return whom callers ask at a place, and who of them is there to answer."""
        epochs = self._epochs[place]
        if len(epochs.starts) == 1:
            picked = epochs.asked[0][(luck * epochs.counts[0]).astype(np.intp)]
            there = np.full(len(times), epochs.counts[0] > 0)
        else:
            epoch = np.maximum(np.searchsorted(epochs.starts, times, side="right") - 1, 0)
            picked = epochs.asked[epoch, (luck * epochs.counts[epoch]).astype(np.intp)]
            there = epochs.counts[epoch] > 0
        for instance, low, high in self._unnoticed[place]:
            there &= (picked != instance) | (times < low) | (times >= high)
        return picked, there

    def died_within(self, place: int, instances: Index, starts: Times, ends: Times) -> Times | None:
        """Return when instances of a place went down during some work (0: they did not), or None if none ever did."""
        if not self._unnoticed[place]:
            return None
        died = np.zeros(len(starts), np.int64)
        for instance, low, _ in self._unnoticed[place]:
            died[(instances == instance) & (starts < low) & (ends > low)] = low
        return died

    def spans_down(self, instance: int) -> list[tuple[int, int]]:
        """Return when an instance is not there."""
        return self._down.get(instance, [])

    def version(self, instances: Index, times: Times) -> NDArray[np.uint32]:
        """Return the number of the version that each runs, in ``versions``."""
        found = self._base[instances]
        for instance, (starts, numbers) in self._versions.items():
            mine = instances == instance
            if mine.any():
                found[mine] = numbers[np.searchsorted(starts, times[mine], side="right") - 1]
        return found

    def _version(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = len(self.versions)
            self.versions.append(name)
        return self._numbers[name]

    def _note(self, changes: Sequence[Change]) -> None:
        since = {each.number: (0, False) for each in self._graph.instances if each.standby}
        versions: dict[int, list[tuple[int, int]]] = {}
        for change in changes:
            if change.up and change.instance in since:
                low, sudden = since.pop(change.instance)
                self._down.setdefault(change.instance, []).append((low, change.time))
                self._leave(change.instance, low, change.time, sudden=sudden)
            elif not change.up:
                since.setdefault(change.instance, (change.time, change.reason in _SUDDEN))
            if change.up and change.version:
                versions.setdefault(change.instance, []).append((change.time, self._version(change.version)))
        for instance, (low, sudden) in since.items():
            self._down.setdefault(instance, []).append((low, NEVER))
            self._leave(instance, low, NEVER, sudden=sudden)
        for instance, found in versions.items():
            starts = np.array([0, *(time for time, _ in found)], np.int64)
            numbers = np.array([self._base[instance], *(number for _, number in found)], np.uint32)
            self._versions[instance] = (starts, numbers)

    def _leave(self, instance: int, low: int, high: int, *, sudden: bool) -> None:
        """Note that an instance is not asked for a while: at once when it said good-bye, else when it is noticed."""
        noticed = low + NOTICED * sudden
        self._unasked.setdefault(instance, []).append((noticed, high))
        if sudden:
            place = self._graph.instances[instance].place
            self._unnoticed[place].append((instance, low, min(noticed, high)))

    def _epochs_of(self, place: int) -> _Epochs:
        members = [each.number for each in self._graph.instances if each.place == place]
        if not members:
            return _Epochs(np.zeros(1, np.int64), np.ones(1, np.intp), np.full((1, 1), OUTSIDE, np.intp))
        unasked = {number: [span for span in self._unasked.get(number, ()) if span[0] < span[1]] for number in members}
        starts = sorted({0, *(edge for spans in unasked.values() for span in spans for edge in span)})
        rows = [
            [each for each in members if not any(low <= start < high for low, high in unasked[each])]
            for start in starts
        ]
        table = np.full((len(rows), max(1, *map(len, rows))), members[0], np.intp)
        for row, instances in enumerate(rows):
            table[row, : len(instances)] = instances
        return _Epochs(np.array(starts, np.int64), np.array([len(row) for row in rows], np.intp), table)
