"""What effects do directly: to which instances, when, and how strongly. What follows from it is the weather's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import Effect
from simulator_services.effects import BadVersion, CpuSteal, Latency, RegionLoss
from simulator_services.graph import Graph
from simulator_services.reaching import reached_by

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]


@dataclass(frozen=True)
class Applied:
    """An effect on one service. ``ranks`` hold each instance's place in line, and infinity for those left out."""

    effect: Effect
    service: int
    route: str | None
    share: float
    ranks: Floats

    @property
    def act(self) -> int:
        return self.effect.act

    @property
    def arguments(self) -> Any:
        return self.effect.arguments

    @property
    def most(self) -> float:
        """The rank that instances it ever hits are below."""
        return max(self.share, getattr(self.arguments, "promoted", None) or 0.0) - 1e-9

    def strength(self, instances: Index, times: Times) -> Floats:
        """Return how strong it is for instances at times: a bad version is there or not, all else grows."""
        strength = self.effect.strength(times)
        if isinstance(self.arguments, BadVersion):
            return np.where(self.ranks[instances] < self.shares(times) - 1e-9, 1.0, 0.0)
        return np.where(self.ranks[instances] < self.share - 1e-9, strength, 0.0)

    def shares(self, times: Times) -> Floats:
        """Return which share of the instances has it at some times."""
        if not isinstance(self.arguments, BadVersion):
            return np.where(self.effect.strength(times) > 0, self.share, 0.0)
        share = np.full(len(times), self.share)
        if self.arguments.promoted is not None:
            share[times >= self.effect.start + self.arguments.promoted_after] = self.arguments.promoted
        return np.asarray(share * self.effect.strength(times))

    def is_on(self, start: int, end: int) -> bool:
        return self.effect.start < end and self.effect.end > start


@dataclass(frozen=True)
class Conditions:
    """All effects, by the number of the service that they are on."""

    graph: Graph
    effects: tuple[Effect, ...]
    applied: tuple[tuple[Applied, ...], ...]

    @classmethod
    def of(cls, graph: Graph, effects: Sequence[Effect]) -> Conditions:
        """Find out whom the effects hit."""
        applied = [each for effect in effects for each in _applied(graph, effect)]
        return cls(
            graph, tuple(effects), tuple(tuple(a for a in applied if a.service == s.number) for s in graph.services)
        )

    def on(self, service: int, route: str, start: int, end: int) -> list[Applied]:
        """Return the effects that a route of a service may feel in a stretch of time."""
        return [
            each
            for each in self.applied[service]
            if each.is_on(start, end) and (each.route is None or each.route == route)
        ]

    def blamed(self, service: int, times: Times) -> NDArray[np.int16]:
        """Return the act that bad weather at a service is due to: that of the latest effect that reaches it."""
        acts = np.zeros(len(times), np.int16)
        for effect in self.reaching[service]:
            acts[times >= effect.start] = effect.act
        return acts

    @cached_property
    def reaching(self) -> tuple[tuple[Effect, ...], ...]:
        """The effects that may make the weather of each service bad, by their starts."""
        found: list[list[Effect]] = [[] for _ in self.graph.services]
        for effect in sorted(self.effects, key=lambda each: each.start):
            services = {each.service for each in self.all() if each.effect is effect}
            for service in reached_by(self.graph, effect, services):
                found[service].append(effect)
        return tuple(map(tuple, found))

    def all(self) -> Iterator[Applied]:
        for each in self.applied:
            yield from each


def work_factor(applied: Applied) -> float:
    """Return how many times as long own work takes under an effect at full strength."""
    said = applied.arguments
    if isinstance(said, Latency):
        return said.factor
    if isinstance(said, BadVersion):
        return said.latency
    return 1.0 / (1.0 - said.steal) if isinstance(said, CpuSteal) else 1.0


def _applied(graph: Graph, effect: Effect) -> Iterator[Applied]:
    said = effect.arguments
    services = [each.number for each in graph.services]
    if not isinstance(said, RegionLoss):
        name = getattr(said, "service", None) or getattr(getattr(said, "to", None), "service", None)
        services = [graph.service_numbers[name]] if name is not None else []
    region = getattr(said, "region", None)
    for service in services:
        hit = [each.service == service and region in (None, graph.regions[each.region]) for each in graph.instances]
        ranks = np.where(hit, [each.rank for each in graph.instances], np.inf)
        share = float(getattr(said, "share", 1.0))
        whole = 1e9 if share >= 1.0 and not isinstance(said, BadVersion) else share
        yield Applied(effect, service, getattr(said, "route", None), whole, ranks)
