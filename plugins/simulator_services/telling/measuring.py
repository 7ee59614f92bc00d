"""What instances are measured at: gauges out of the weather, every 15 seconds, with a noise of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import Coded, Durations, Happened, Host, Integers
from simulator_services.graph.nodes import ServiceNode
from simulator_services.language.effects import CertificateExpiry, ClockJump, CpuLoad, CpuSteal, PacketLoss
from simulator_services.load_model.forces import PACKETS
from simulator_services.load_model.machines import PER_REQUEST
from simulator_services.telling.spans import Vocabularies
from simulator_services.walk import luck
from simulator_services.walk.scene import Scene

Floats = NDArray[np.float64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

EVENT = "instance.measured"
PERIOD = 15_000_000_000
_SECONDS = PERIOD / 1e9
_COVERS = (1, 4, 16)  # measurements that a layer of the noise lasts: together it wanders, as AR(1) does
_DATE = 1_000_000_000
_FEW = 0.05  # who wait: so few on average are none, any more are one
_CLOCK = 2e6  # nanoseconds that a clock in order may be off, to both sides together
_TIMES = ("cpu", "cpu_stolen", "queue_age", "clock_offset")


class Meter:
    """Measures instances. Their phases, and the noise of each, follow from the seed and their names."""

    def __init__(
        self, scene: Scene, vocabulary: Vocabularies, hosts: Mapping[str, Host], seed: int, outlet: int
    ) -> None:
        self._scene, self._vocabulary, self._seed, self._outlet = scene, vocabulary, seed, outlet
        graph = scene.graph
        names = np.array([int.from_bytes(digest(each.name), "big") for each in graph.instances], np.uint64)
        self._names = names
        self._phases = (luck.bits(names, seed, "measured") % np.uint64(PERIOD)).astype(np.int64)
        self._places = np.array([each.place for each in graph.instances], np.intp)
        nodes = [graph.services[each.service] for each in graph.instances]
        self._limits = {name: np.array([value(node) for node in nodes], np.float64) for name, value in _LIMITS.items()}
        sizes = [[float(route.described.bytes_) for route in graph.routes if route.service == n.number] for n in nodes]
        self._sizes = np.array([1.5 * np.mean(each or [0.0]) for each in sizes])
        self._codes = {
            "host": self._coded("host", [hosts[each.name] for each in graph.instances]),
            "service": self._coded("service", [node.name for node in nodes]),
            "region": self._coded("region", [graph.regions[each.region] for each in graph.instances]),
            "kind": self._coded("kind", [node.kind for node in nodes]),
        }
        self._versions = self._coded("version", scene.presence.versions)

    def told(self, start: int, end: int) -> Happened | None:
        """Return the measurements of a stretch of time."""
        instances, times = self._beats(start, end)
        if not len(times):
            return None
        columns: dict[str, Any] = {
            name: self._column(name, each) for name, each in self._gauges(instances, times).items()
        }
        codes = {name: table[instances] for name, table in self._codes.items()}
        codes["version"] = self._versions[self._scene.presence.version(instances, times)]
        columns |= {name: Coded(each, self._vocabulary(EVENT, name)) for name, each in codes.items()}
        return Happened(self._outlet, times, columns)

    def _coded(self, field: str, values: Sequence[Any]) -> NDArray[np.uint32]:
        vocabulary = self._vocabulary(EVENT, field)
        return np.array([vocabulary.code(value) for value in values], np.uint32)

    def _column(self, name: str, values: NDArray[Any]) -> Durations | Integers:
        whole = values.astype(np.int64)
        return Durations(whole) if name in _TIMES else Integers(whole)

    def _beats(self, start: int, end: int) -> tuple[Index, Times]:
        """Return who is measured when, ascending in time: every instance at its phase, while it is there."""
        first = (start - self._scene.start) // PERIOD
        beats = np.arange(max(first - 1, 0), 1 + (end - self._scene.start) // PERIOD)
        times = (self._scene.start + self._phases[None, :] + beats[:, None] * PERIOD).ravel()
        instances = np.tile(np.arange(len(self._phases)), len(beats))
        there = (times >= start) & (times < end)
        times, instances = times[there], instances[there]
        there = np.ones(len(times), np.bool_)
        for number in range(len(self._phases)):
            for low, high in self._scene.presence.spans_down(number):
                if low < end and high > start:
                    there &= (instances != number) | (times < low) | (times >= high)
        times, instances = times[there], instances[there]
        order = np.argsort(times, kind="stable")
        return instances[order], times[order]

    def _gauges(self, instances: Index, times: Times) -> dict[str, NDArray[Any]]:
        weather, limits = self._scene.weather, {name: each[instances] for name, each in self._limits.items()}
        steps, places = weather.steps_at(times), self._places[instances]
        now = {name: table[places, steps] for name, table in weather.tables.items()}
        up = np.maximum(now["up"], 1.0)
        noise = {name: self._noise(instances, times, name) for name in ("cpu", "load", "memory", "network")}
        rate, busy = now["rate"] / up, now["busy"] / up
        queues = limits["queue"] > 0
        moved = rate * _SECONDS * np.maximum(1.0 + 0.1 * noise["network"], 0.0)
        grown, disk = (self._own(tables, instances, steps) for tables in (weather.grown, weather.disks))
        memory = limits["memory"] * (1.0 + 0.02 * noise["memory"]) + busy * PER_REQUEST + grown
        idle = 0.006 * limits["cores"]  # what a process uses that nobody asks anything
        cpu = (now["used"] * now["left"] * limits["cores"] + idle) * (1.0 + 0.08 * noise["cpu"])
        taken = now["pool_used"] / up * (1.0 + 0.1 * noise["load"])
        cpu = cpu + self._of(CpuLoad, instances, times, "cores")
        return {
            "cpu": np.clip(cpu, 0.0, limits["cores"]) * PERIOD,
            "cpu_stolen": self._of(CpuSteal, instances, times, "steal") * limits["cores"] * PERIOD,
            "cpu_limit": np.round(1000 * limits["cores"]),
            "memory": np.minimum(memory, limits["memory_limit"]),
            "memory_limit": limits["memory_limit"],
            "disk": disk,
            "disk_size": limits["disk"],
            "in_flight": np.clip(np.round(busy * (1.0 + 0.3 * noise["load"])), 0.0, limits["workers"]),
            "workers": limits["workers"],
            "pool_in_use": np.clip(np.round(now["pool_leaked"] + taken), 0, now["pool_size"]),
            "pool_size": now["pool_size"],
            "pool_waiting": np.maximum(np.ceil(now["pool_waiting"] / up - _FEW), 0.0),
            "queue_depth": np.round(np.where(queues, now["depth"], now["waiting"] / up)),
            "queue_age": np.where(queues, now["age"], now["wait"]) * 1e9,
            "certificate_expires": self._expires(instances, times),
            "received": moved * 700,
            "sent": moved * self._sizes[instances] + self._of(CpuLoad, instances, times, "sends") * _SECONDS,
            "packets_lost": np.round(self._of(PacketLoss, instances, times, "loss") * rate * _SECONDS * PACKETS),
            "clock_offset": self._clock(instances, times),
        }

    def _noise(self, instances: Index, times: Times, name: str) -> Floats:
        """Return numbers about 0, most within 1, that wander: layers of chance, each smooth over its length."""
        beats = (times // PERIOD).astype(np.uint64)
        total = np.zeros(len(times))
        for cover in _COVERS:
            at, rest = beats // np.uint64(cover), (beats % np.uint64(cover)).astype(np.float64) / cover
            path = f"noise/{name}/{cover}"
            low = luck.whole(luck.bits(self._names[instances] + at, self._seed, path))
            high = luck.whole(luck.bits(self._names[instances] + at + np.uint64(1), self._seed, path))
            total += 2.0 * (low + rest * (high - low)) - 1.0
        return np.asarray(total / np.sqrt(len(_COVERS)))

    def _own(self, tables: Mapping[int, Floats], instances: Index, steps: Index) -> Floats:
        found = np.zeros(len(steps))
        for number, table in tables.items():
            mine = instances == number
            found[mine] = table[steps[mine]]
        return found

    def _of(self, kind: type, instances: Index, times: Times, field: str) -> Floats:
        """Return how strong an effect of a kind is on instances: what it says, times its strength."""
        found = np.zeros(len(times))
        for applied in self._scene.conditions.all():
            if isinstance(applied.arguments, kind):
                found = np.maximum(found, applied.strength(instances, times) * getattr(applied.arguments, field))
        return found

    def _clock(self, instances: Index, times: Times) -> Floats:
        keys = self._names[instances] + times.astype(np.uint64)
        found = (luck.whole(luck.bits(keys, self._seed, "clock")) - 0.5) * _CLOCK
        for applied in self._scene.conditions.all():
            said = applied.arguments
            if isinstance(said, ClockJump):
                found = found + applied.strength(instances, times) * (-said.by if said.back else said.by)
        return found

    def _expires(self, instances: Index, times: Times) -> Times:
        lasts = self._limits["certificate"][instances].astype(np.int64)
        expires = np.where(lasts > 0, self._scene.start + lasts, 0)
        for applied in self._scene.conditions.all():
            if isinstance(applied.arguments, CertificateExpiry):
                hit = (applied.ranks[instances] < applied.share - 1e-9) & (times < applied.effect.end)
                expires = np.where(hit, applied.effect.start, expires)
        return np.asarray(expires // _DATE)


_LIMITS: Mapping[str, Callable[[ServiceNode], float]] = {
    "cores": lambda node: node.described.cores,
    "memory": lambda node: node.described.memory,
    "memory_limit": lambda node: node.memory_limit,
    "disk": lambda node: node.described.disk.size if node.described.disk else 0,
    "workers": lambda node: node.workers,
    "certificate": lambda node: node.described.certificate if node.kind in ("service", "function") else 0,
    "queue": lambda node: node.kind == "queue",
}


def digest(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=8).digest()
