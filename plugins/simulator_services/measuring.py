"""What instances are measured at: gauges out of the weather, every 15 seconds, with a noise of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import Coded, Durations, Happened, Host, Integers
from simulator_services import luck
from simulator_services.effects import CertificateExpiry, ClockJump, CpuSteal, PacketLoss
from simulator_services.forces import PACKETS
from simulator_services.graph import Instance
from simulator_services.machines import PER_REQUEST
from simulator_services.scene import Scene
from simulator_services.telling import Vocabularies

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

EVENT = "instance.measured"
PERIOD = 15_000_000_000
_SECONDS = PERIOD / 1e9
_COVERS = (1, 4, 16)  # measurements that a layer of the noise lasts: together it wanders, as AR(1) does
_DATE = 1_000_000_000


class Meter:
    """Measures instances. Their phases, and the noise of each, follow from the seed and their names."""

    def __init__(
        self, scene: Scene, vocabulary: Vocabularies, hosts: Mapping[str, Host], seed: int, outlet: int
    ) -> None:
        self._scene, self._vocabulary, self._seed, self._outlet = scene, vocabulary, seed, outlet
        self._hosts = hosts
        graph = scene.graph
        self._routes_of = [[each for each in graph.routes if each.service == node.number] for node in graph.services]

    def told(self, start: int, end: int) -> Happened | None:
        """Return the measurements of a stretch of time."""
        parts = [part for each in self._scene.graph.instances if (part := self._measured(each, start, end)) is not None]
        if not parts:
            return None
        joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        order = np.argsort(joined["times"], kind="stable")
        joined = {name: values[order] for name, values in joined.items()}
        times = joined.pop("times")
        return Happened(self._outlet, times, {name: self._column(name, each) for name, each in joined.items()})

    def _column(self, name: str, values: NDArray[Any]) -> Any:
        if name in ("host", "service", "version", "region", "kind"):
            return Coded(values.astype(np.uint32), self._vocabulary(EVENT, name))
        whole = values.astype(np.int64)
        return Durations(whole) if name in ("cpu", "cpu_stolen", "queue_age", "clock_offset") else Integers(whole)

    def _measured(self, instance: Instance, start: int, end: int) -> dict[str, NDArray[Any]] | None:
        key = np.array([instance.number], np.uint64)
        phase = int(luck.bits(key, self._seed, f"measured/{instance.name}")[0] % np.uint64(PERIOD))
        first = -(-(start - self._scene.start - phase) // PERIOD)
        times = self._scene.start + phase + np.arange(max(first, 0), 1 + (end - self._scene.start) // PERIOD) * PERIOD
        times = times[(times >= start) & (times < end)]
        for low, high in self._scene.presence.spans_down(instance.number):
            times = times[(times < low) | (times >= high)]
        return self._gauges(instance, times) if len(times) else None

    def _gauges(self, instance: Instance, times: Times) -> dict[str, NDArray[Any]]:
        graph, rows = self._scene.graph, len(times)
        node = graph.services[instance.service]
        steps = self._scene.weather.steps_at(times)
        tables = {name: self._scene.weather.tables[name][instance.place][steps] for name in self._scene.weather.tables}
        up = np.maximum(tables["up"], 1.0)
        noise = [self._noise(instance, times, name) for name in ("cpu", "load", "memory", "network")]
        rate, busy = tables["rate"] / up, tables["busy"] / up
        in_flight = np.round(np.maximum(busy * (1.0 + 0.3 * noise[1]), 0.0))
        memory = node.described.memory * (1.0 + 0.02 * noise[2]) + busy * PER_REQUEST + self._grown(instance, times)
        spare = 0.006 * node.described.cores  # what an idle process uses
        cpu = (tables["used"] * tables["left"] * node.described.cores + spare) * (1.0 + 0.08 * noise[0])
        size = 1.5 * np.mean([float(each.described.bytes_) for each in self._routes_of[node.number]] or [0.0])
        pool = node.described.pool
        said = self._codes(instance, times)
        return said | {
            "times": times,
            "cpu": np.clip(cpu, 0.0, node.described.cores) * PERIOD,
            "cpu_stolen": self._of(CpuSteal, instance, times, "steal") * node.described.cores * PERIOD,
            "cpu_limit": np.full(rows, round(1000 * node.described.cores)),
            "memory": np.minimum(memory, node.memory_limit),
            "memory_limit": np.full(rows, node.memory_limit),
            "disk": self._disk(instance, steps),
            "disk_size": np.full(rows, node.described.disk.size if node.described.disk else 0),
            "in_flight": np.minimum(in_flight, node.workers),
            "workers": np.full(rows, node.workers),
            "pool_in_use": np.ceil(tables["pool_used"] / up * (1.0 + 0.1 * noise[1]) - 0.3).clip(
                0, pool.size if pool else 0
            ),
            "pool_size": tables["pool_size"] if pool else np.zeros(rows),
            "pool_waiting": np.round(tables["pool_waiting"] / up),
            "queue_depth": np.round(tables["depth"] if node.kind == "queue" else tables["waiting"] / up),
            "queue_age": (tables["age"] if node.kind == "queue" else tables["wait"]) * 1e9,
            "certificate_expires": self._expires(instance, times),
            "received": np.maximum(rate * _SECONDS * 700 * (1.0 + 0.1 * noise[3]), 0.0),
            "sent": np.maximum(rate * _SECONDS * size * (1.0 + 0.1 * noise[3]), 0.0),
            "packets_lost": np.round(self._of(PacketLoss, instance, times, "loss") * rate * _SECONDS * PACKETS),
            "clock_offset": self._clock(instance, times),
        }

    def _codes(self, instance: Instance, times: Times) -> dict[str, NDArray[Any]]:
        node = self._scene.graph.services[instance.service]
        presence = self._scene.presence
        versions = [self._code("version", each) for each in presence.versions]
        same = {
            "host": self._hosts[instance.name],
            "service": node.name,
            "region": self._scene.graph.regions[instance.region],
            "kind": node.kind,
        }
        codes = {name: np.full(len(times), self._code(name, value), np.uint32) for name, value in same.items()}
        ran = presence.version(np.full(len(times), instance.number), times)
        return codes | {"version": np.array(versions, np.uint32)[ran]}

    def _code(self, field: str, value: Any) -> int:
        return self._vocabulary(EVENT, field).code(value)

    def _noise(self, instance: Instance, times: Times, name: str) -> Floats:
        """Return numbers about 0, most within 1, that wander: layers of chance, each smooth over its length."""
        beats = times // PERIOD
        total = np.zeros(len(times))
        for cover in _COVERS:
            at, rest = beats // cover, (beats % cover) / cover
            path = f"noise/{instance.name}/{name}/{cover}"
            low = luck.whole(luck.bits(at.astype(np.uint64), self._seed, path))
            high = luck.whole(luck.bits((at + 1).astype(np.uint64), self._seed, path))
            total += 2.0 * (low + rest * (high - low)) - 1.0
        return np.asarray(total / np.sqrt(len(_COVERS)))

    def _grown(self, instance: Instance, times: Times) -> Floats:
        grown = self._scene.weather.grown.get(instance.number)
        return np.zeros(len(times)) if grown is None else grown[self._scene.weather.steps_at(times)]

    def _disk(self, instance: Instance, steps: NDArray[np.intp]) -> Floats:
        table = self._scene.weather.disks.get(instance.number)
        return np.zeros(len(steps)) if table is None else table[steps]

    def _of(self, kind: type, instance: Instance, times: Times, field: str) -> Floats:
        """Return how strong an effect of a kind is on an instance: what it says, times its strength."""
        found = np.zeros(len(times))
        for applied in self._scene.conditions.applied[instance.service]:
            if isinstance(applied.arguments, kind):
                strength = applied.strength(np.full(len(times), instance.number), times)
                found = np.maximum(found, strength * getattr(applied.arguments, field))
        return found

    def _clock(self, instance: Instance, times: Times) -> Floats:
        found = (luck.whole(luck.bits(times.astype(np.uint64), self._seed, f"clock/{instance.name}")) - 0.5) * 2e6
        for applied in self._scene.conditions.applied[instance.service]:
            said = applied.arguments
            if isinstance(said, ClockJump):
                strength = applied.strength(np.full(len(times), instance.number), times)
                found = found + strength * (-said.by if said.back else said.by)
        return found

    def _expires(self, instance: Instance, times: Times) -> Times:
        node = self._scene.graph.services[instance.service]
        if not node.described.certificate or node.kind not in ("service", "function"):
            return np.zeros(len(times), np.int64)
        renewed = self._scene.start + node.described.certificate
        expires = np.full(len(times), renewed)
        for applied in self._scene.conditions.applied[instance.service]:
            hit = applied.ranks[instance.number] < applied.share - 1e-9
            if isinstance(applied.arguments, CertificateExpiry) and hit:
                expires = np.where(times < applied.effect.end, applied.effect.start, expires)
        return np.asarray(expires // _DATE)
