"""What effects do directly: to which instances, when, and how strongly. What follows from it is the weather's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import Effect
from simulator_services.graph.nodes import Graph
from simulator_services.graph.reaching import reached_by
from simulator_services.language.effects import BadVersion, ColdStartStorm, CpuSteal, Latency, RegionLoss

PULLED = 1_000_000_000  # from the decision to the first instance that runs another version
FOR_EVER = 1 << 60
ROLLING = 4_000_000_000  # between one instance of a place and the next, when a version is rolled out
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
    turns: Mapping[int, tuple[int, int]]  # of a bad version: when each instance gets it, and is rid of it
    outside: bool  # the service has no instances here

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
        if isinstance(self.arguments, BadVersion):
            strength = np.zeros(len(times))
            for instance, (since, until) in self.turns.items():
                strength[(instances == instance) & (times >= since) & (times < until)] = 1.0
            return strength
        strength = self.effect.strength(times)
        return strength if self.outside else np.where(self.ranks[instances] < self.share - 1e-9, strength, 0.0)

    def is_on(self, start: int, end: int) -> bool:
        last = max((until for _, until in self.turns.values()), default=self.effect.end)
        return self.effect.start < end and last > start


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

    def blamed(self, service: int, times: Times, aftermath: int = FOR_EVER) -> NDArray[np.int16]:
        """Return the act that bad weather at a service is due to: that of the latest effect that reaches it.

        What an effect set off may outlive it; ``aftermath`` says for how long it is blamed then.
        """
        acts = np.zeros(len(times), np.int16)
        for effect in self.reaching[service]:
            acts[(times >= effect.start) & (times < effect.end + aftermath)] = effect.act
        return acts

    def traffic_shares(self, times: Times) -> Floats:
        """Return the share of the traffic that comes in at each region: shape (times, regions)."""
        shares = np.tile(self.graph.shares, (len(times), 1))
        for effect in self.effects:
            said = effect.arguments
            if isinstance(said, RegionLoss):
                lost = self.graph.regions.index(said.region)
                moved = (times >= effect.start + said.failover) & (times < effect.end)
                rest = 1.0 - shares[moved, lost]
                shares[moved, lost] = 0.0
                shares[moved] /= np.maximum(rest, 1e-9)[:, None]
        return shares

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
        entries = sorted({graph.routes[route].service for route in graph.entries})
        services = [graph.service_numbers[name]] if name is not None else entries
    region = getattr(said, "region", None)
    for service in services:
        hit = [each.service == service and region in (None, graph.regions[each.region]) for each in graph.instances]
        ranks = np.where(hit, [each.rank for each in graph.instances], np.inf)
        of_requests = isinstance(said, ColdStartStorm)  # all other shares are of instances
        share = 1.0 if of_requests else float(getattr(said, "share", 1.0))
        whole = 1e9 if share >= 1.0 and not isinstance(said, BadVersion) else share
        yield Applied(
            effect=effect,
            service=service,
            route=getattr(said, "route", None),
            share=whole,
            ranks=ranks,
            turns=_turns(graph, effect, ranks, share) if isinstance(said, BadVersion) else {},
            outside=graph.services[service].kind == "external",
        )


def _turns(graph: Graph, effect: Effect, ranks: Floats, share: float) -> dict[int, tuple[int, int]]:
    """Return when each instance gets a bad version, and when it is rolled back: one after the other."""
    said = effect.arguments
    found = {}
    promoted = share if said.promoted is None else max(share, said.promoted)
    for instance in np.flatnonzero(ranks < max(share, promoted) - 1e-9):
        canary = ranks[instance] < share - 1e-9
        since = effect.start if canary else effect.start + said.promoted_after
        since += int(effect.ramp * ranks[instance] / max(share, 1e-9)) if canary else 0
        turn = PULLED + graph.instances[instance].ordinal * ROLLING
        if since + turn < effect.end:
            found[int(instance)] = (since + turn, effect.end + turn)
    return found
