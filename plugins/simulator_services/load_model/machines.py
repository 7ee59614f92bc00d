"""Instances over time: who is up, what memory and disk they use, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.conditions import Applied, Conditions
from simulator_services.graph.nodes import Graph, Instance
from simulator_services.graph.presence import NOTICED, Change
from simulator_services.language.effects import BadVersion, DiskFill, MemoryLeak

Floats = NDArray[np.float64]
PER_REQUEST = 256 << 10  # bytes of memory that a request in flight takes
_HOUR = 3600e9
_BACKOFF, _MOST_BACKOFF = 10_000_000_000, 300_000_000_000
_SUDDEN = ("NodeLost", "OOMKilled", "Error")


@dataclass(frozen=True, slots=True)
class Scaling:
    """The number of a service's instances in a region is changed."""

    time: int
    place: int
    before: int
    after: int
    act: int


@dataclass
class _Growth:
    """Something that grows in one instance while an effect is there."""

    instance: Instance
    applied: Applied | None
    per_second: float
    per_request: float
    used: float
    most: float
    restarts: int = 0


@dataclass
class Machines:
    """The instances, as far as the weather has come. Times are nanoseconds since the epoch."""

    graph: Graph
    conditions: Conditions
    planned: Sequence[Change]
    changes: list[Change] = field(default_factory=list)
    scalings: list[Scaling] = field(default_factory=list)

    def __post_init__(self) -> None:
        graph = self.graph
        self.place_of = np.array([each.place for each in graph.instances], np.intp)
        self.up = np.array([not each.standby for each in graph.instances], np.bool_)
        self.missed = np.zeros(len(graph.instances), np.int64)  # until when callers ask one that is gone
        self._next = 0
        self._coming: list[Change] = []
        self._memory = list(self._leaks())
        self._disks = list(self._fillings())
        self.memory = np.zeros(len(graph.instances))
        self.disk = np.array([_disk(graph, each) for each in graph.instances])
        self.full = np.zeros(graph.places)
        self._count()

    def advance(self, time: int, step: int, rates: Floats, in_flight: Floats) -> None:
        """Go to the start of a step: what was planned until then happens, memory and disks have grown."""
        changed = False
        while self._next < len(self.planned) and self.planned[self._next].time <= time:
            self._make(self.planned[self._next])
            self._next += 1
            changed = True
        for change in [each for each in self._coming if each.time <= time]:
            self._coming.remove(change)
            self._make(change)
            changed = True
        for growth in self._memory:
            changed |= self._leak(growth, time, step, rates, in_flight)
        for growth in self._disks:
            self._fill(growth, time, step, rates)
        if changed or (self.missed > time).any() or self._noticing:
            self._noticing = bool((self.missed > time).any())
            self._count(time)

    def leaking(self) -> set[int]:
        """Return the instances that an effect lets use ever more memory."""
        return {each.instance.number for each in self._memory}

    def with_disks(self) -> set[int]:
        return {each.instance.number for each in self._disks}

    def scale(self, time: int, place: int, wanted: int, startup: int, act: int, *, noted: bool = True) -> None:
        """Start standby instances of a place, or stop some, so that there are as many as are wanted.

        It is ``noted`` where somebody decides it; a function's instances just come and go.
        """
        members = np.flatnonzero(self.place_of == place)
        coming = {each.instance for each in self._coming if each.up}
        there = [int(each) for each in members if self.up[each] or each in coming]
        free = [int(each) for each in members if not self.up[each] and each not in coming]
        wanted = max(1, min(wanted, len(members)))
        if wanted == len(there):
            return
        if noted:
            self.scalings.append(Scaling(time, place, len(there), wanted, act))
        for number in free[: max(0, wanted - len(there))]:
            self._later(Change(time + startup, number, up=True, reason="ScaledUp", startup=startup, act=act))
        for number in there[wanted:]:
            if self.up[number]:
                self._later(Change(time + 1_000_000, number, up=False, reason="ScaledDown", exit_code=143, act=act))

    def count(self, place: int) -> int:
        """Return how many instances of a place are up or starting."""
        coming = sum(each.up and self.graph.instances[each.instance].place == place for each in self._coming)
        return int(self.upright[place]) + coming

    def _later(self, change: Change) -> None:
        self._coming.append(change)

    def _make(self, change: Change) -> None:
        if bool(self.up[change.instance]) == change.up:
            return
        self.up[change.instance] = change.up
        self.changes.append(change)
        if not change.up and change.reason in _SUDDEN:
            self.missed[change.instance] = change.time + NOTICED
        if change.up:
            self.missed[change.instance] = 0
            self.memory[change.instance] = 0.0
            for growth in self._memory:
                if growth.instance.number == change.instance:
                    growth.used = 0.0

    _noticing = False

    def _count(self, time: int = 0) -> None:
        """Count who is up at each place, and which share of those who are asked is not."""
        places = self.graph.places
        self.upright = np.bincount(self.place_of, self.up, places)
        asked = np.bincount(self.place_of, self.up | (self.missed > time), places)
        self.gone = np.where(asked > 0, 1.0 - self.upright / np.maximum(asked, 1.0), self.upright == 0)
        self.gone[self._outside] = 0.0
        self.upright[self._outside] = 1.0

    @property
    def _outside(self) -> list[int]:
        regions = len(self.graph.regions)
        return [
            each.number * regions + region
            for each in self.graph.services
            for region in range(regions)
            if each.kind == "external" or region not in each.regions
        ]

    def _leaks(self) -> Iterator[_Growth]:
        for applied in self.conditions.all():
            said = applied.arguments
            if not isinstance(said, MemoryLeak | BadVersion):
                continue
            hourly, each = (
                (said.per_hour, said.per_request) if isinstance(said, MemoryLeak) else (said.leak_per_hour, 0)
            )
            for number in np.flatnonzero(applied.ranks < applied.most) if hourly or each else ():
                instance = self.graph.instances[number]
                service = self.graph.services[instance.service]
                most = float(service.memory_limit - service.described.memory)
                own = 0.85 + 0.3 * _own(instance.name)  # no two leak alike, or all would be killed at once
                yield _Growth(instance, applied, hourly / 3600 * own, each * own, 0.0, most)

    def _leak(self, growth: _Growth, time: int, step: int, rates: Floats, in_flight: Floats) -> bool:
        assert growth.applied is not None
        number, place = growth.instance.number, growth.instance.place
        if not self.up[number]:
            return False
        times = np.array([time])
        strength = float(growth.applied.strength(np.array([number]), times)[0])
        each = rates[place] / max(1.0, self.upright[place])
        growth.used += strength * (growth.per_second + growth.per_request * each) * step / 1e9
        self.memory[number] = growth.used
        if growth.used + in_flight[place] / max(1.0, self.upright[place]) * PER_REQUEST <= growth.most:
            return False
        self._kill(growth, time + int(step * _own(f"{growth.instance.name}/{growth.restarts}")))
        return True

    def _kill(self, growth: _Growth, time: int) -> None:
        growth.restarts += 1
        growth.used = 0.0
        assert growth.applied is not None
        startup = self.graph.services[growth.instance.service].described.startup
        wait = min(_MOST_BACKOFF, _BACKOFF << min(growth.restarts - 2, 5)) if growth.restarts > 1 else 0
        number, act = growth.instance.number, growth.applied.act
        self._make(Change(time, number, up=False, reason="OOMKilled", act=act, exit_code=137))
        self._later(Change(time + wait + startup, number, up=True, reason="Restarted", act=act, startup=startup))

    def _fillings(self) -> Iterator[_Growth]:
        found = [each for each in self.conditions.all() if isinstance(each.arguments, DiskFill)]
        for instance in self.graph.instances:
            disk = self.graph.services[instance.service].described.disk
            if disk is None:
                continue
            used = disk.size * disk.used
            yield _Growth(instance, None, disk.growth / 3600, disk.per_request, used, disk.size)
            for applied in found:
                if applied.ranks[instance.number] < applied.most:
                    yield _Growth(instance, applied, applied.arguments.per_hour / 3600, 0, 0.0, disk.size)

    def _fill(self, growth: _Growth, time: int, step: int, rates: Floats) -> None:
        number, place = growth.instance.number, growth.instance.place
        strength = 1.0
        if growth.applied is not None:
            ended = time >= growth.applied.effect.end
            strength = float(growth.applied.strength(np.array([number]), np.array([time]))[0])
            if ended and growth.used:  # whoever ends it takes away what it wrote
                self.disk[number] -= growth.used
                growth.used = 0.0
        more = strength * (growth.per_second + growth.per_request * rates[place] / max(1.0, self.upright[place]))
        more = min(more * step / 1e9, growth.most - self.disk[number])
        growth.used += more
        self.disk[number] += more
        if self.full[place] or self.disk[number] > growth.most - 1:
            here = self.disk[(self.place_of == place) & self.up]
            self.full[place] = float(np.mean(here > growth.most - 1)) if len(here) else 0.0


def _disk(graph: Graph, instance: Instance) -> float:
    disk = graph.services[instance.service].described.disk
    return disk.size * disk.used if disk else 0.0


def _own(name: str) -> float:
    """Return a number in [0, 1) that is an instance's own."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big") / 2**32
