"""A jig: events of services as columns, made by hand, and what the renderers make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from google.protobuf.internal.decoder import _DecodeVarint

from simulator import EventType, Format, Host, Metric, Outsider, Renderer, Series, Tag, User
from simulator.delivery.gate import Gate
from simulator.events.batch import Batch
from simulator.events.columns import (
    Coded,
    Column,
    Durations,
    Identifiers,
    Integers,
    Lists,
    Numbers,
    Times,
    Vocabulary,
)
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.metrics.sample_types import HISTOGRAM, NUMBER
from simulator.telemetry.streams import RenderedBatch, StreamRecorder
from simulator.telemetry.templates import named_backend
from simulator.world.model import Witness
from simulator_otel import simulator_formats, simulator_renderers
from simulator_services.event_types import EVENT_TYPES

TAG = Tag("r1a2b3c4d", "bad-deploy")
START = 1_772_438_401_123_456_789
TYPES = {event.name: event for event in (*EVENT_TYPES, NUMBER, HISTOGRAM)}
RENDERERS = {renderer.name: renderer for renderer in simulator_renderers()}
FORMATS = {form.name: form for form in simulator_formats()}


def _instance(service: str, kind: str, number: int) -> Host:
    attributes = {"service": service, "kind": kind, "region": "eu-1", "namespace": "shop", "version": "1.4.2"}
    name = f"{service}-7c9f-{number}"
    return Host(name, f"10.1.{len(service)}.{number}", "linux", f"{name}.shop.test", attributes=attributes)


HOSTS = (
    *(_instance(service, "service", number) for service in ("checkout", "cart", "zoë's") for number in range(3)),
    _instance("resize", "function", 1),
    Host("bare", "10.1.0.1", "linux", "bare.shop.test"),
)
_SOURCES = (*HOSTS[:3], *(Outsider(f"client{n}", f"198.51.100.{n}") for n in range(5)), None)
_VALUES: dict[str, Sequence[Any]] = {
    "host": HOSTS,
    "service": ["checkout", "cart", "zoë's"],
    "version": ["1.4.2", "1.5.0", None],
    "region": ["eu-1"],
    "root": [0, 1],
    "caller": [None, "web"],
    "source": _SOURCES,
    "kind": ["server", "consumer"],
    "protocol": ["http", "grpc", "messaging", "function"],
    "method": ["GET", "POST", "process"],
    "route": ["/cart/{id}", "/", 'shop.Cart/Add"Item"', "orders", "/" + "x" * 140],
    "status": [200, 404, 500, 503, 0, 14, 13],
    "error": [None, "500", "pool_timeout", "UNAVAILABLE", 'odd "one"'],
    "failed": [0, 1],
    "cold": [0, 1],
    "peer": ["cart", "orders-db", "pay.example.test"],
    "peer_kind": ["service", "database"],
    "peer_host": (*HOSTS[:2], Outsider("pay", "198.51.100.77"), None),
    "port": [443, 5432],
    "system": [None, "postgresql", "kafka"],
    "attempt": [1, 2, 3],
    "reason": ["OOMKilled", "Completed", "Started"],
    "exit_code": [0, 137],
    "previous": [None, "1.4.1"],
    "user": [None, User("ann")],
}
_OF_CALLS = {"kind": ["client", "producer"], "protocol": ["http", "grpc", "database", "messaging"]}
_REQUIRED = {"service.deployed": {"version": ["1.4.2", "1.5.0"]}}


_BOUNDS = (0.005, 0.25, 1, 10)
_METRICS = (
    Metric("http.requests", "counter", "Requests that were answered.", ()),
    Metric("http.server.active_requests", "updown", "Requests.", (), "{request}"),
    Metric("process.memory.usage", "gauge", "Memory in use.", (), "By"),
)
_TOOK = Metric("http.server.request.duration", "histogram", "How long it took.", (), "s", _BOUNDS)
_LABELS = ({}, {"http.route": "/cart/{id}", "version": "1.4.2"}, {"version": "1.5.0"}, {"a": 'odd "one"', "b": ""})


def _series(metrics: Sequence[Metric]) -> list[Series]:
    return [Series(metric, labels, host) for metric in metrics for labels in _LABELS for host in HOSTS[:2]]


_SERIES = {"sample.number": _series(_METRICS), "sample.histogram": _series((_TOOK,))}


def batch_of(event: EventType, rows: int, seed: int = 1) -> Batch:
    """Return events of a type: each coded field takes its values one as often as the other."""
    draw = np.random.Generator(np.random.Philox(seed))
    columns = {field.name: _column(event, field.name, field.kind, field.width, rows, draw) for field in event.fields}
    times = START + np.cumsum(draw.integers(0, 5_000_000, rows))
    return Batch(0, times, np.arange(rows, dtype=np.uint64) + np.uint64(seed << 32), columns)


def _column(event: EventType, name: str, kind: str, width: int, rows: int, draw: np.random.Generator) -> Column:  # noqa: PLR0911
    if kind == "identifier":
        values = draw.integers(0, 256, (rows, width)).astype(np.uint8)
        if name in ("parent", "link_trace", "link_span"):
            values[::3] = 0
        return Identifiers(values)
    if kind == "duration":
        return Durations(draw.integers(0, 3_000_000_000, rows))
    if kind == "integer":
        return Integers(draw.integers(0, 70_000, rows))
    if kind == "time":
        return Times(START - draw.integers(1, 10**12, rows))
    if kind == "number":
        return Numbers(np.round(draw.normal(0, 1e6, rows), 3) * draw.integers(0, 2, rows) + 0.0)  # no -0.0
    if kind == "list":
        return Lists(draw.integers(0, 400, (rows, len(_BOUNDS) + 1)) * draw.integers(0, 2, (rows, 1)))
    values = _SERIES[event.name] if kind == "series" else _VALUES.get(name, [])
    if event.name == "service.call":
        values = _OF_CALLS.get(name, values)
    values = _REQUIRED.get(event.name, {}).get(name, values)
    return Coded(draw.integers(0, len(values), rows).astype(np.uint32), Vocabulary(values))


def recorder(name: str, backend: str = "numba", tag: Tag = TAG) -> StreamRecorder:
    renderer: Renderer = RENDERERS[name]
    deployment = Deployment(name, (Witness(name),), bool(renderer.witness), 1)
    return StreamRecorder(renderer, form_of(name), tag, deployment, named_backend(backend))


def form_of(name: str) -> Format:
    return FORMATS[RENDERERS[name].format]


def recorded(
    name: str, rows: int = 400, backend: str = "numba", events: Sequence[str] = (), seed: int = 1
) -> RenderedBatch:
    """Return what a renderer records of so many events of each type that it knows, or of some."""
    wanted = events or tuple(RENDERERS[name].templates)
    batches = [(TYPES[event], batch_of(TYPES[event], rows, seed + n)) for n, event in enumerate(wanted)]
    (found,) = recorder(name, backend).records(batches)
    return found


class Kept:
    """A sink that keeps what it gets."""

    def __init__(self) -> None:
        self.data = b""

    def open(self, stream: str, extension: str, header: bytes) -> None:
        self.data += header

    def write(self, stream: str, data: bytes | memoryview) -> None:
        self.data += data

    def close(self) -> None: ...


def through_the_gate(batch: RenderedBatch, tag: Tag = TAG) -> bytes:
    sink = Kept()
    Gate(sink, tag, {batch.stream: form_of(batch.stream)}).deliver(batch)
    return sink.data


def messages(data: bytes) -> Iterator[bytes]:
    """Yield the messages of a length-delimited file."""
    place = 0
    while place < len(data):
        length, place = _DecodeVarint(data, place)
        yield data[place : place + length]
        place += length
    assert place == len(data)
