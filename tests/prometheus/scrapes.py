"""A small mesh of services by hand: ten minutes of its events, and what a renderer samples of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulator.events.batch import Batch
from simulator.events.columns import Coded, Column, Durations, Identifiers, Integers, Vocabulary
from simulator.events.event_types import EventType, Field
from simulator.events.ids import event_ids
from simulator.plugin_manager import load_plugins
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.metrics.recorder import MetricRecorder
from simulator.telemetry.streams import RenderedBatch
from simulator.telemetry.tag import Tag
from simulator.telemetry.templates import named_backend
from simulator.world.model import Delay, Host, Witness

SECOND = 1_000_000_000
START = 1_772_438_400 * SECOND
LENGTH = 600
TAG = Tag("r1a2b3c4d", "test")
PLUGINS = load_plugins()
ROUTES = ("/cart/{id}", '/search?q="a\\b"', "/pay\nnow")


def instance(service: str, number: int, kind: str = "service", **more: str) -> Host:
    attributes = {"service": service, "kind": kind, "region": "eu-1", "version": "1.0", "namespace": "shop", **more}
    name = f"{service}-7c9f-{number}"
    return Host(name, f"10.1.{len(service)}.{number}", "linux", f"{name}.shop.example", attributes=attributes)


CARTS = [instance("cart", number) for number in range(1, 4)]
STANDBY = instance("cart", 9, standby="true")
QUEUE, WORKER = instance("orders", 1, "queue"), instance("worker", 1, "function")
HOSTS = [*CARTS, STANDBY, QUEUE, WORKER]


class Mesh:
    """Events of ten minutes; the same seed gives the same ones."""

    def __init__(self, seed: int = 1, rows: int = 1200) -> None:
        self._draw = np.random.Generator(np.random.Philox(seed))
        self._vocabularies: dict[tuple[str, str], Vocabulary] = {}
        self.happened: list[tuple[EventType, Batch]] = []
        draw = self._draw
        times = np.sort(draw.uniform(0, LENGTH, rows))
        statuses = draw.choice([200, 200, 200, 500], rows).tolist()
        common = {"service": ["cart"], "version": ["1.0"], "duration": draw.lognormal(-3, 1.5, rows)}
        failed = ["500" if status == 500 else None for status in statuses]
        asked = {
            "method": ["GET", "POST"],
            "route": draw.choice(ROUTES, rows).tolist(),
            "status": statuses,
            "error": failed,
        }
        self.add("service.request", times, CARTS, {**common, **asked, "kind": ["server"], "protocol": ["http"]})
        calls = {"kind": ["client"], "peer": ["search"], "attempt": [1, 1, 2]}
        self.add("service.call", times, CARTS, {**common, **asked, **calls, "protocol": ["http"]})
        few = times[::10]
        grpc = {"protocol": ["grpc"], "method": ["POST"], "route": ["shop.Cart/Add"], "status": [0, 14]}
        self.add("service.request", few, CARTS, {**common, **grpc, "kind": ["server"]})
        self.add("service.call", few, CARTS, {**common, **grpc, "kind": ["client"], "peer": ["search"]})
        database = {
            "protocol": ["database"],
            "system": ["postgresql"],
            "method": ["SELECT"],
            "peer": ["carts"],
            "status": [0],
        }
        self.add("service.call", few, CARTS, {**common, **database, "kind": ["client"], "peer_kind": ["database"]})
        sent = {"protocol": ["messaging"], "method": ["publish"], "peer": ["orders"], "status": [0]}
        self.add("service.call", few, CARTS, {**common, **sent, "kind": ["producer"]})
        cold = {"cold": [0, 1], "cold_duration": [0.0, 1.3]}
        worked = {
            **common,
            **cold,
            "service": ["worker"],
            "kind": ["consumer"],
            "route": ["orders"],
            "method": ["process"],
        }
        self.add("service.request", few, [WORKER], {**worked, "protocol": ["messaging"], "status": [0]})
        self._look_at_all()
        self.add("instance.stopped", [200.0], CARTS[:1], {"reason": ["OOMKilled"], "service": ["cart"]})
        self.add("instance.started", [230.0], CARTS[:1], {"restarts": [1], "service": ["cart"]})
        self.add("instance.started", [300.0], [STANDBY], {"service": ["cart"]})
        self.add("instance.stopped", [450.0], [STANDBY], {"reason": ["ScaledDown"], "service": ["cart"]})
        self.add("instance.stopped", [500.0], CARTS[1:2], {"reason": ["Error"], "service": ["cart"]})

    def _look_at_all(self) -> None:
        draw = self._draw
        times = np.repeat(np.arange(1.0, LENGTH, 15), len(HOSTS))
        rows = len(times)
        sizes = {name: draw.integers(1, 2**31, rows) for name in ("memory", "received", "sent", "packets_lost")}
        pools = {"pool_size": [20], "pool_in_use": draw.integers(0, 20, rows), "pool_waiting": [0, 3]}
        disk = {"disk": draw.integers(0, 10**9, rows), "disk_size": [10**9], "memory_limit": [2**31]}
        other = {"cpu": draw.uniform(0, 15, rows), "cpu_stolen": [0.25], "clock_offset": [-0.002], "workers": [32]}
        waiting = {
            "queue_depth": [0, 7],
            "queue_age": [0.0, 4.5],
            "in_flight": [3],
            "certificate_expires": [1_780_000_000],
        }
        services = [host.attributes["service"] for host in HOSTS]
        values = {**sizes, **pools, **disk, **other, **waiting, "service": services, "version": ["1.0"]}
        self.add("instance.measured", times, HOSTS, values)

    def add(self, name: str, times: Sequence[float], hosts: Sequence[Host], values: Mapping[str, Any]) -> None:
        """Add events; shorter lists of values are repeated."""
        event = PLUGINS.event_types[name]
        moments = START + np.rint(np.asarray(times) * SECOND).astype(np.int64)
        given = {"host": hosts, **values}
        columns = {
            field.name: self._column(event, field, given.get(field.name), len(moments)) for field in event.fields
        }
        number = len(self.happened)
        self.happened.append((event, Batch(number, moments, event_ids(number, 0, len(moments)), columns)))

    def _column(self, event: EventType, field: Field, values: Sequence[Any] | None, rows: int) -> Column:
        if field.kind == "identifier":
            return Identifiers(np.zeros((rows, field.width), np.uint8))
        if field.kind in ("integer", "duration"):
            scale = SECOND if field.kind == "duration" else 1
            numbers = np.rint(np.resize(np.asarray([0] if values is None else values, float), rows) * scale).astype(
                np.int64
            )
            return Durations(numbers) if field.kind == "duration" else Integers(numbers)
        key = ("host", "") if field.kind == "host" else (event.name, field.name)
        vocabulary = self._vocabularies.setdefault(key, Vocabulary())
        default = field.default if isinstance(field.default, str | int) else None
        codes = [vocabulary.code(value) for value in ([default] if values is None else values)]
        return Coded(np.resize(np.array(codes, np.uint32), rows), vocabulary)

    def played(self, renderer: str, window: float = LENGTH, backend: str = "numba") -> list[RenderedBatch]:
        found = recorder(renderer, backend)
        rendered: list[RenderedBatch] = []
        for low in range(START, START + LENGTH * SECOND, round(window * SECOND)):
            high = min(low + round(window * SECOND), START + LENGTH * SECOND)
            due = [(event, now) for event, batch in self.happened if len(now := batch.between(low, high))]
            rendered += found.records(due, high)
        return rendered


def recorder(name: str, backend: str = "numba") -> MetricRecorder:
    renderer = PLUGINS.renderers[name]
    deployment = Deployment(name, (Witness(name, delay=Delay(0, 0)),), watches_hosts=True, seed=1)
    return MetricRecorder(
        renderer, PLUGINS.format_of(renderer), TAG, deployment, tuple(PLUGINS.metrics.values()), HOSTS,
        seed=1, start=START, emission=900, backend=named_backend(backend),
    )  # fmt: skip


def text(rendered: Sequence[RenderedBatch]) -> str:
    return b"".join(batch.data.tobytes() for batch in rendered).decode()
