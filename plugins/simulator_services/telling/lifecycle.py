"""Instances that come and go, versions that are rolled out, numbers that are changed: told as events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulator import Coded, Durations, Happened, Host, Integers
from simulator_services.graph.nodes import Graph
from simulator_services.graph.planned import Rollout
from simulator_services.graph.presence import Change, Presence
from simulator_services.load_model.machines import Scaling
from simulator_services.telling.spans import Vocabularies

_DURATIONS = ("startup",)
_MORE, _FEWER = "cpu resource utilization (percentage of request) above target", "All metrics below target"
_INTEGERS = ("restarts", "instances", "of", "before", "after")


class Chronicler:
    """Tells what happened to instances, in a stretch of time."""

    def __init__(
        self,
        graph: Graph,
        presence: Presence,
        vocabulary: Vocabularies,
        hosts: Mapping[str, Host],
        changes: Sequence[Change],
        rollouts: Sequence[Rollout],
        scalings: Sequence[Scaling],
    ) -> None:
        self._graph, self._presence, self._vocabulary, self._hosts = graph, presence, vocabulary, hosts
        self._events = {
            "instance.started": [(c.time, c.act, self._started(c, times)) for c, times in _counted(changes, up=True)],
            "instance.stopped": [(c.time, c.act, self._stopped(c, times)) for c, times in _counted(changes, up=False)],
            "service.deployed": [(each.time, each.act, self._deployed(each)) for each in rollouts],
            "service.scaled": [(each.time, each.act, self._scaled(each)) for each in scalings],
        }

    def told(self, event: str, outlet: int, start: int, end: int) -> Happened | None:
        """Return the events of a type, or None if there is none."""
        found = [each for each in self._events[event] if start <= each[0] < end]
        if not found:
            return None
        columns = {name: self._column(event, name, [row[name] for _, _, row in found]) for name in found[0][2]}
        times, acts = (np.array([each[number] for each in found], np.int64) for number in (0, 1))
        return Happened(outlet, times, columns, acts)

    def _column(self, event: str, name: str, values: list[Any]) -> Any:
        if name in _INTEGERS:
            return Integers(np.array(values, np.int64))
        if name in _DURATIONS:
            return Durations(np.array(values, np.int64))
        vocabulary = self._vocabulary(event, name)
        return Coded(np.array([vocabulary.code(value) for value in values], np.uint32), vocabulary)

    def _whose(self, number: int, time: int) -> dict[str, Any]:
        instance = self._graph.instances[number]
        version = self._presence.version(np.array([number]), np.array([time]))[0]
        return {
            "host": self._hosts[instance.name],
            "service": self._graph.services[instance.service].name,
            "version": self._presence.versions[version],
            "region": self._graph.regions[instance.region],
            "kind": self._graph.services[instance.service].kind,
        }

    def _started(self, change: Change, restarts: int) -> dict[str, Any]:
        whose = self._whose(change.instance, change.time)
        return whose | {"restarts": restarts, "reason": change.reason, "startup": change.startup}

    def _stopped(self, change: Change, restarts: int) -> dict[str, Any]:
        whose = self._whose(change.instance, change.time)
        return whose | {"reason": change.reason, "exit_code": change.exit_code, "restarts": restarts}

    def _deployed(self, rollout: Rollout) -> dict[str, Any]:
        return {
            "host": self._hosts[self._graph.instances[rollout.instance].name],
            "service": self._graph.services[rollout.service].name,
            "version": rollout.version,
            "previous": rollout.previous,
            "region": self._graph.regions[rollout.region],
            "user": None,
            "instances": rollout.instances,
            "of": rollout.of,
            "reason": rollout.reason,
        }

    def _scaled(self, scaling: Scaling) -> dict[str, Any]:
        node = self._graph.services[scaling.place // len(self._graph.regions)]
        more = scaling.after > scaling.before
        first = next(each for each in self._graph.instances if each.place == scaling.place)
        return {
            "host": self._hosts[first.name],
            "service": node.name,
            "region": self._graph.regions[first.region],
            "before": scaling.before,
            "after": scaling.after,
            "reason": "cpu resource utilization (percentage of request) above target"
            if more
            else "All metrics below target",
        }


def _counted(changes: Sequence[Change], *, up: bool) -> Iterator[tuple[Change, int]]:
    """Yield the starts or stops, with how often the instance had been started again in its place."""
    restarts: dict[int, int] = {}
    for change in changes:
        if change.up and change.reason == "Restarted":
            restarts[change.instance] = restarts.get(change.instance, 0) + 1
        if change.up == up:
            yield change, restarts.get(change.instance, 0)
