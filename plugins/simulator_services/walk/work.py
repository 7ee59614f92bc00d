"""A route's own work: how long it takes, how long it waits before, and whether it fails by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.conditions import Applied, work_factor
from simulator_services.graph.nodes import RouteNode
from simulator_services.language.effects import BadVersion, ClockJump, ColdStartStorm, DependencyTimeout, Errors
from simulator_services.walk import luck, outcomes
from simulator_services.walk.requests import Answered
from simulator_services.walk.scene import Scene

Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

SECOND = 1e9
FOREVER = 1 << 52


@dataclass(frozen=True)
class Work:
    """Nanoseconds of own work, of waiting before it, and of starting an instance (part of the waiting)."""

    own: Times
    waited: Times
    cold: Times


def worked(
    scene: Scene, route: RouteNode, place: int, instances: Index, starts: Times, source: Bits
) -> tuple[Work, Answered]:
    """Return what some requests cost at a place, and how those end that fail by themselves."""
    answered = Answered.at(starts)
    usual = np.exp(route.mu + route.sigma * luck.normal(source))
    slow = luck.share(source, 0) < route.described.slow
    usual = np.where(slow, usual * route.described.slow_factor, usual)
    coupling, calm_coupling = scene.now("coupling", place, starts)
    factor, cause = np.ones(len(starts)), np.zeros(len(starts), np.int16)
    effects = scene.effects(route.service, route.name)
    for effect in effects:
        full = work_factor(effect)
        if full > 1.0:
            strength = effect.strength(instances, starts)
            factor = factor * (1.0 + (full - 1.0) * strength)
            cause = np.where(strength > 0, effect.act, cause).astype(np.int16)
    own = (usual * coupling * factor).astype(np.int64)
    waited = _waited(scene, place, starts, source)
    calm = usual * calm_coupling
    blame = scene.blamed(route.service, starts)
    answered.slow((usual * coupling - calm).astype(np.int64) + waited[1], blame)
    answered.slow((usual * coupling * (factor - 1.0)).astype(np.int64), cause)
    own = own + _hanging(effects, instances, starts, source, answered)
    cold = _cold(scene, route, place, effects, instances, starts, source, answered)
    _fail(scene, route, effects, place, instances, starts, source, answered)
    return Work(own, waited[0] + cold, cold), answered


def _hanging(effects: list[Applied], instances: Index, starts: Times, source: Bits, answered: Answered) -> Times:
    """Return how much longer requests take that are not answered at all: until everybody has given up."""
    more = np.zeros(len(starts), np.int64)
    chance = luck.whole(source * np.uint64(0xA0761D6478BD642F))
    for effect in effects:
        if isinstance(effect.arguments, DependencyTimeout):
            hangs = chance < effect.arguments.rate * effect.strength(instances, starts)
            more[hangs] = FOREVER
            answered.slow(np.where(hangs, FOREVER, 0), effect.act)
    return more


def _waited(scene: Scene, place: int, starts: Times, source: Bits) -> tuple[Times, Times]:
    """Return how long requests wait for a worker, and how much of it is over the usual."""
    wait, calm = scene.now("wait", place, starts)
    spread = (0.5 + luck.share(source, 1)) * SECOND
    return (wait * spread).astype(np.int64), (np.maximum(wait - calm, 0.0) * spread).astype(np.int64)


def _cold(
    scene: Scene,
    route: RouteNode,
    place: int,
    effects: list[Applied],
    instances: Index,
    starts: Times,
    source: Bits,
    answered: Answered,
) -> Times:
    """Return how long requests wait for an instance that has to be started for them."""
    service = scene.graph.services[route.service]
    if service.kind != "function":
        return np.zeros(len(starts), np.int64)
    share, calm = scene.now("cold", place, starts)
    chance = luck.share(source, 1)
    ratio = np.log(service.described.cold.p99 / service.described.cold.p50) / 2.3263
    length = service.described.cold.p50 * np.exp(ratio * luck.normal(source * np.uint64(0x9E3779B97F4A7C15)))
    slower = np.ones(len(starts))
    for effect in effects:
        if isinstance(effect.arguments, ColdStartStorm):
            slower = np.maximum(slower, 1.0 + (effect.arguments.slower - 1.0) * effect.strength(instances, starts))
    cold = np.where(chance < share, length * slower, 0.0).astype(np.int64)
    over = np.where(chance < calm, cold - length, cold).astype(np.int64)
    answered.slow(np.where(chance < share, over, 0), scene.blamed(route.service, starts))
    return cold


def _fail(
    scene: Scene,
    route: RouteNode,
    effects: list[Applied],
    place: int,
    instances: Index,
    starts: Times,
    source: Bits,
    answered: Answered,
) -> None:
    """Let requests fail: for an effect, by themselves, or turned away because too many wait already."""
    chance = luck.whole(source * np.uint64(0xD1342543DE82EF95))
    answered.fail(chance < route.described.errors, outcomes.INTERNAL, 0)
    for effect in effects:
        said = effect.arguments
        rate = said.rate if isinstance(said, Errors) else said.errors if isinstance(said, BadVersion) else 0.0
        if rate:
            outcome = outcomes.of_status(said.status) if isinstance(said, Errors) else outcomes.INTERNAL
            harmed = chance < route.described.errors + rate * effect.strength(instances, starts)
            answered.fail(harmed, outcome, effect.act)
        elif isinstance(said, ClockJump) and said.by > said.tolerance:
            answered.fail(effect.strength(instances, starts) > 0, outcomes.UNAUTHORISED, effect.act)
    if route.writes:
        full, calm_full = scene.now("full", place, starts)
        lucky = luck.share(source, 3)
        answered.fail(lucky < calm_full, outcomes.DISK_FULL, 0)
        answered.fail(lucky < full, outcomes.DISK_FULL, scene.blamed(route.service, starts))
    refused, calm = scene.now("refused", place, starts)
    turned = luck.share(source, 1)
    function = scene.graph.services[route.service].kind == "function"
    outcome = outcomes.THROTTLED if function else outcomes.UNAVAILABLE
    answered.fail(turned < calm, outcome, 0)
    answered.fail(turned < refused, outcome, scene.blamed(route.service, starts))
