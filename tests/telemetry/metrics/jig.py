"""A small world of instances, events by hand, and a recorder of their metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from simulator.events.batch import Batch
from simulator.events.columns import Coded, Column, Durations, Integers, Vocabulary
from simulator.events.event_types import EventType, Field
from simulator.events.ids import event_ids
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.layouts import Layout, PatternLayout
from simulator.telemetry.metrics.metric import Measure, Metric, Sampling
from simulator.telemetry.metrics.recorder import MetricRecorder
from simulator.telemetry.renderer import Renderer
from simulator.telemetry.streams import RenderedBatch
from simulator.telemetry.tag import Tag
from simulator.telemetry.templates import named_backend
from simulator.world.model import Delay, Host, Witness

SECOND = 1_000_000_000
START = 1_767_225_600 * SECOND
AT_ONCE = Delay(0, 0)
TAG = Tag("r1a2b3c4d", "test")
EMISSION = 7
REQUEST = EventType(
    "thing.asked",
    "A thing was asked",
    (
        Field("host", "host"),
        Field("route", "text"),
        Field("status", "code"),
        Field("duration", "duration"),
        Field("bytes", "integer"),
    ),
)
MEASURED = EventType("thing.measured", "A thing was looked at", (Field("host", "host"), Field("memory", "integer")))
STARTED = EventType("thing.started", "A thing came up", (Field("host", "host"),))
STOPPED = EventType("thing.stopped", "A thing went down", (Field("host", "host"), Field("reason", "text")))
HOSTS = [
    Host(f"thing-{n}", f"10.0.0.{n}", "linux", f"thing-{n}.example.test", attributes={"service": "thing"})
    for n in range(1, 5)
]
STANDBY = Host(
    "thing-9", "10.0.0.9", "linux", "thing-9.example.test", attributes={"service": "thing", "standby": "true"}
)
DESK = Host("desk-1", "10.0.1.1", "windows", "desk-1.example.test")
HOST_NAMES, ROUTES, STATUSES, REASONS = Vocabulary(), Vocabulary(), Vocabulary(), Vocabulary()

REQUESTS = Metric(
    "things.asked",
    "counter",
    "Requests.",
    (Measure("thing.asked", labels={"route": "route", "code": "status"}, lasts="duration"),),
)
SENT = Metric("things.sent", "counter", "Bytes.", (Measure("thing.asked", "bytes"),), "By")
TOOK = Metric(
    "things.duration", "histogram", "Duration.",
    (Measure("thing.asked", "duration", {"route": "route"}, lasts="duration"),), "s", (0.01, 0.1, 1.0),
)  # fmt: skip
BUSY = Metric(
    "things.busy", "updown", "Under way.", (Measure("thing.asked"), Measure("thing.asked", "-1", lasts="duration"))
)
MEMORY = Metric("things.memory", "gauge", "Memory.", (Measure("thing.measured", "memory"),), "By")
METRICS = (REQUESTS, SENT, TOOK, BUSY, MEMORY)
OWN = (
    Metric("up", "gauge", "There.", (Measure("", "alive"),)),
    Metric("took", "gauge", "Seconds.", (Measure("", "duration"),)),
    Metric("samples", "gauge", "Samples.", (Measure("", "samples"),)),
)


@dataclass(frozen=True)
class Lines:
    """A format of one sample a line."""

    name: str = "lines"
    extension: str = "txt"
    layout: Layout = PatternLayout(r"(?P<time>\d+) (?P<tag>\S+) (?P<rest>.*)", "epoch")

    def wrapped(self, template: str, tag: Tag) -> str:
        return f"{{{{ time|nanoseconds }}}} {self.tag_text(tag)}{template}"

    def header(self, tag: Tag) -> str:
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f"{tag.run} "

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("tag") == tag.run


def told(series: object) -> str:
    labels = ",".join(f"{name}={value}" for name, value in series.labels.items())
    bound = "" if series.le is None else f"<={series.le}"
    return f"{series.metric.name}/{series.part}{bound}{{{labels}}}@{series.host.name}"


NUMBER = "{{ series|told }} {{ value|number }}"
HISTOGRAM = "{{ series|told }} {{ count }} {{ sum|number }} {{ buckets|join('/') }}"


def requests(
    times: Sequence[float],
    hosts: Sequence[Host],
    *,
    routes=("/",),
    statuses=(200,),
    durations=(0.05,),
    sizes=(100,),
    emission=0,
) -> tuple[EventType, Batch]:
    rows = len(times)
    columns: dict[str, Column] = {
        "host": coded(hosts, HOST_NAMES, rows),
        "route": coded(routes, ROUTES, rows),
        "status": coded(statuses, STATUSES, rows),
        "duration": Durations(np.resize(np.array([round(d * SECOND) for d in durations], np.int64), rows)),
        "bytes": Integers(np.resize(np.array(sizes, np.int64), rows)),
    }
    return REQUEST, batch(times, columns, emission)


def measured(
    times: Sequence[float], hosts: Sequence[Host], memory: Sequence[int], emission=1
) -> tuple[EventType, Batch]:
    rows = len(times)
    sizes = Integers(np.resize(np.array(memory, np.int64), rows))
    return MEASURED, batch(times, {"host": coded(hosts, HOST_NAMES, rows), "memory": sizes}, emission)


def started(times: Sequence[float], host: Host, emission=2) -> tuple[EventType, Batch]:
    return STARTED, batch(times, {"host": coded([host], HOST_NAMES, len(times))}, emission)


def stopped(times: Sequence[float], host: Host, reason="Error", emission=3) -> tuple[EventType, Batch]:
    columns = {"host": coded([host], HOST_NAMES, len(times)), "reason": coded([reason], REASONS, len(times))}
    return STOPPED, batch(times, columns, emission)


def coded(values: Iterable[object], vocabulary: Vocabulary, rows: int) -> Coded:
    return Coded(np.resize(np.array([vocabulary.code(value) for value in values], np.uint32), rows), vocabulary)


def batch(times: Sequence[float], columns: Mapping[str, Column], emission: int) -> Batch:
    moments = np.array([START + round(time * SECOND) for time in times], np.int64)
    assert (np.diff(moments) >= 0).all()
    return Batch(emission, moments, event_ids(emission, 0, len(moments)), columns)


def recorder(
    sampling: Sampling,
    *,
    metrics: Sequence[Metric] = METRICS,
    hosts: Sequence[Host] = HOSTS,
    backend="numba",
    delay=AT_ONCE,
    seed=3,
) -> MetricRecorder:
    renderer = Renderer(
        "test.metrics",
        "Tests",
        "lines",
        {"sample.number": NUMBER, "sample.histogram": HISTOGRAM},
        filters={"told": told},
        metrics=sampling,
    )
    deployment = Deployment(renderer.name, (Witness(renderer.name, delay=delay),), watches_hosts=True, seed=seed)
    return MetricRecorder(
        renderer, Lines(), TAG, deployment, metrics, hosts,
        seed=seed, start=START, emission=EMISSION, backend=named_backend(backend),
    )  # fmt: skip


def played(
    found: MetricRecorder, happened: Sequence[tuple[EventType, Batch]], seconds: float, window: float | None = None
) -> list[RenderedBatch]:
    """Play events for so many seconds, in windows."""
    rendered, low, end = [], START, START + round(seconds * SECOND)
    while low < end:
        high = min(end, low + round((window or seconds) * SECOND))
        due = [(event, now) for event, each in happened if len(now := each.between(low, high))]
        rendered += list(found.records(due, high))
        low = high
    return rendered


def text(rendered: Sequence[RenderedBatch]) -> str:
    return b"".join(each.data.tobytes() for each in rendered).decode()


Samples = dict[str, list[tuple[float, float]]]


def samples(rendered: Sequence[RenderedBatch]) -> Samples:
    """Return the samples of each series: when, in seconds from the start, and what."""
    found: Samples = {}
    for line in text(rendered).splitlines():
        time, _, series, value = line.split(" ")
        found.setdefault(series, []).append(((int(time) - START) / SECOND, float(value) if value != "+Inf" else inf))
    return found
