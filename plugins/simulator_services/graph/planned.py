"""Changes to instances that effects ask for: deaths, lost regions, versions rolled out and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simulator_services.graph.conditions import Applied, Conditions
from simulator_services.graph.nodes import Graph
from simulator_services.graph.presence import Change
from simulator_services.language.effects import BadVersion, InstanceDeath, RegionLoss

SWAP = 200_000_000  # a rollout starts the new before it stops the old: so long nobody is there
_GONE = 137


@dataclass(frozen=True, slots=True)
class Rollout:
    """Somebody rolls a version out on some instances of a service in a region."""

    time: int
    service: int
    region: int
    instance: int
    version: str
    previous: str
    instances: int
    of: int
    reason: str
    act: int


def changes(graph: Graph, conditions: Conditions, end: int) -> list[Change]:
    """Return the changes that effects ask for before the end of a run, ascending in time."""
    found: list[Change] = []
    for applied in conditions.all():
        if isinstance(applied.arguments, InstanceDeath | RegionLoss):
            found += _deaths(graph, applied)
        elif isinstance(applied.arguments, BadVersion):
            found += _versions(graph, applied)
    return sorted((each for each in found if each.time < end), key=lambda each: (each.time, each.instance))


def rollouts(graph: Graph, conditions: Conditions, end: int) -> list[Rollout]:
    """Return who rolled what out when, ascending in time."""
    found = [each for applied in conditions.all() for each in _rollouts(graph, applied)]
    return sorted((each for each in found if each.time < end), key=lambda each: (each.time, each.instance))


def _deaths(graph: Graph, applied: Applied) -> Iterator[Change]:
    effect = applied.effect
    for number in np.flatnonzero(applied.ranks < min(applied.share, 1.0) - 1e-9):
        instance = graph.instances[number]
        since = (
            effect.start + int(effect.ramp * instance.rank / max(applied.share, 1e-9)) + instance.ordinal * 1_000_000
        )
        startup = graph.services[instance.service].described.startup
        if since < effect.end:
            yield Change(since, instance.number, up=False, reason="NodeLost", act=applied.act, exit_code=_GONE)
            yield Change(effect.end + startup, instance.number, up=True, reason="Restarted", startup=startup)


def _versions(graph: Graph, applied: Applied) -> Iterator[Change]:
    for number, (since, until) in applied.turns.items():
        service = graph.services[graph.instances[number].service].described
        for time, version, reason in (
            (since, applied.arguments.version, "RolledOut"),
            (until, service.version, "RolledBack"),
        ):
            yield Change(time - SWAP, number, up=False, reason="Completed", act=applied.act, exit_code=143)
            yield Change(
                time, number, up=True, reason=reason, act=applied.act, startup=service.startup, version=version
            )


def _rollouts(graph: Graph, applied: Applied) -> Iterator[Rollout]:
    said, effect = applied.arguments, applied.effect
    if not isinstance(said, BadVersion):
        return
    service = graph.services[applied.service]
    usual = service.described.version
    for region in service.regions:
        mine = [each for each in applied.turns if graph.instances[each].region == region]
        first = [each for each in mine if applied.ranks[each] < said.share - 1e-9]
        later = [each for each in mine if each not in first]
        canary = "canary" if said.share < 1 else "rollout"
        for time, who, version, previous, reason in (
            (effect.start, first, said.version, usual, canary),
            (effect.start + said.promoted_after, later, said.version, usual, "rollout"),
            (effect.end, mine, usual, said.version, "rollback"),
        ):
            if who:
                yield Rollout(
                    time, service.number, region, who[0], version, previous,
                    len(who), service.instances, reason, applied.act,
                )  # fmt: skip
