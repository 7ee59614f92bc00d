"""OTLP: spans, log records and data points in protobuf, per core, against OpenTelemetry's SDK and protobuf's classes.

    python benchmarks/otlp.py [--json] [--rounds 5] [--batches 6]

The records are those of the renderers that ship, tag included: each a request of its own, after its
length. In each round everything runs once, one after the other:

- ours: columns are sampled in batches of 16,384 rows (Philox; Zipf categories, Poisson times,
  log-normal durations) and rendered to bytes;
- protobuf: the same messages are built in Python with the classes of ``opentelemetry-proto`` (upb),
  from plain Python values ready at hand, and serialised; the bytes are asserted to be ours;
- the SDK: spans with the same attributes are started and ended, and encoded by its OTLP exporter in
  batches of 512, with no network behind it.

Figures are CPU seconds (user and system), medians of the rounds; ratios are medians of the
ratios within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from draws import BATCH, START, Draw, durations, identifiers, poisson, sizes, zipf
from otlp_peers import TAG, Row, built_log, built_point, built_span, span_attributes, with_the_sdk

from simulator import Host, Metric, Outsider, Series
from simulator.events.columns import Coded, Column, Integers, Numbers, Times, Vocabulary
from simulator.plugin_manager import load_plugins
from simulator.telemetry.messages.compiled import CompiledMessage
from simulator.telemetry.metrics.sample_types import NUMBER
from simulator.telemetry.streams import compiled_record
from simulator.telemetry.templates import named_backend

PEER_ROWS = 4_096
SERVICES = [f"service-{number}" for number in range(20)]


def ports(draw: Draw) -> Column:
    return Integers(32_768 + (draw.bit_generator.random_raw(BATCH // 4).view(np.uint16) >> 2).astype(np.int64))


def _instances() -> list[Host]:
    return [
        Host(
            f"{service}-7c9f-{number}", f"10.1.{place}.{number}", "linux", f"{service}-{number}.bench.test",
            attributes={"service": service, "kind": "service", "namespace": "shop", "region": "eu-1"},
        )
        for place, service in enumerate(SERVICES) for number in range(3)
    ]  # fmt: skip


DRAWS: Mapping[str, Callable[[Draw], Column]] = {
    "host": zipf(_instances(), 0.6),
    "version": zipf(["1.4.2", "1.5.0"], 3.0),
    "trace": identifiers(16),
    "span": identifiers(8),
    "parent": identifiers(8),
    "root": zipf([0, 1], 2.5),
    "source": zipf([Outsider(f"o{n}", f"198.51.100.{n}") for n in range(200)]),
    "source_port": ports,
    "method": zipf(["GET", "POST", "PUT"], 3.0),
    "route": zipf([f"/shop/products/{n}/{{id}}" for n in range(60)]),
    "status": zipf([200, 404, 500, 503], 3.0),
    "error": zipf([None]),
    "failed": zipf([0]),
    "protocol": zipf(["http"]),
    "duration": durations,
    "bytes": sizes,
    "time": poisson,
}


def _series() -> list[Series]:
    metric = Metric("http.requests", "counter", "Requests that an HTTP server has answered.", (), "{request}")
    labels = [
        {"method": method, "route": f"/shop/products/{n}/{{id}}", "code": "200", "version": "1.4.2"}
        for method in ("GET", "POST") for n in range(10)
    ]  # fmt: skip
    return [Series(metric, each, host) for host in _instances() for each in labels]


def whose(draw: Draw) -> dict[str, Column]:
    """Return series and, of each, its host."""
    series = _ALL_SERIES(draw)
    assert isinstance(series, Coded)
    return {"series": series, "host": Coded(_HOST_OF_SERIES[series.codes], _HOSTS)}


_ALL_SERIES = zipf(_series(), 0.2)
_HOSTS = Vocabulary(_instances())
_HOST_OF_SERIES = np.repeat(np.arange(len(_HOSTS), dtype=np.uint32), 20)


def values(draw: Draw) -> Column:
    return Numbers(draw.integers(0, 1_000_000, BATCH).astype(np.float64))


def starts(_: Draw) -> Column:
    return Times(np.full(BATCH, START - 3_600_000_000_000))


POINTS: Mapping[str, Callable[[Draw], Column]] = {"time": poisson, "start": starts, "value": values}


@dataclass(frozen=True)
class Work:
    """Records of one kind: ours, and built by protobuf's classes."""

    name: str
    message: CompiledMessage
    built: Callable[[Row], bytes]

    draws: Mapping[str, Callable[[Draw], Column]]

    def columns(self, draw: Draw) -> dict[str, Column]:
        found = whose(draw) if self.name == "metric_points" else {}
        return found | {name: self.draws[name](draw) for name in sorted(self.message.fields - found.keys())}

    def ours(self, batches: int) -> None:
        draw, backend = np.random.Generator(np.random.Philox(1)), named_backend("numba")
        for _ in range(batches):
            self.message.render(self.columns(draw), BATCH, backend)


def works() -> Iterator[Work]:
    plugins = load_plugins()
    request = plugins.event_types["service.request"]
    for name, signal, event, built, draws in (
        ("spans", "traces", request, built_span, DRAWS),
        ("logs", "logs", request, built_log, DRAWS),
        ("metric_points", "metrics", NUMBER, built_point, POINTS),
    ):
        renderer = plugins.renderers[f"otlp_protobuf.{signal}"]
        record = renderer.records(event.name)[0]  # the first: of HTTP, of requests that went well, of counters
        message = compiled_record(renderer, event, record, plugins.format_of(renderer), TAG)
        assert isinstance(message, CompiledMessage)
        yield Work(name, message, built, draws)


def cpu(job: Callable[[], object]) -> float:
    """Return the CPU seconds, of this process and in the kernel, that a job takes."""
    before = time.process_time()
    job()
    return time.process_time() - before


def round_of(work: Work, rows: list[Row], batches: int) -> dict[str, float]:
    """Return the CPU seconds a record of each contestant."""
    found = {
        "ours": cpu(lambda: work.ours(batches)) / (batches * BATCH),
        "protobuf": cpu(lambda: [work.built(row) for row in rows]) / len(rows),
    }
    if work.name == "spans":
        found["sdk"] = cpu(lambda: with_the_sdk(rows)) / len(rows)
    return found


def prepared(work: Work) -> tuple[list[Row], float]:
    """Return rows of plain values, and the bytes a record; what is built of them are asserted to be our bytes."""
    draw = np.random.Generator(np.random.Philox(1))
    columns = {name: each(draw) for name, each in work.draws.items()} | work.columns(draw)
    rows: list[Row] = [{name: each.row(row) for name, each in columns.items()} for row in range(PEER_ROWS)]
    if work.name == "spans":
        rows = [{**row, "attributes": span_attributes(row)} for row in rows]
    rendered = work.message.render(columns, BATCH, named_backend("numba"))
    assert rendered.rows()[:PEER_ROWS] == [work.built(row) for row in rows]
    return rows, len(rendered.data) / BATCH


def measured(rounds: int, batches: int) -> dict[str, Any]:
    """Run all rounds, and return nanoseconds a record and the ratios."""
    answer: dict[str, Any] = {"nanoseconds_per_record": {}, "bytes_per_record": {}, "ratios": {}, "rounds": rounds}
    for work in works():
        rows, answer["bytes_per_record"][work.name] = prepared(work)
        work.ours(batches)  # fills tables and caches, as the first batches of any run do
        found = [round_of(work, rows, batches) for _ in range(rounds)]
        for name in found[0]:
            median = statistics.median(each[name] for each in found)
            answer["nanoseconds_per_record"][f"{work.name}_{name}"] = median * 1e9
            if name != "ours":
                ratio = statistics.median(each[name] / each["ours"] for each in found)
                answer["ratios"][f"otlp_{work.name}_vs_{name}"] = ratio
    return {**answer, "cores": os.cpu_count()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--json", action="store_true", help="print one JSON object")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--batches", type=int, default=6, help="of 16,384 rows, in each round")
    given = options.parse_args()
    answer = measured(given.rounds, given.batches)
    if given.json:
        print(json.dumps(answer))
        return
    for name, figure in answer["nanoseconds_per_record"].items():
        size = answer["bytes_per_record"][name.rpartition("_")[0]]
        print(f"{name:24} {figure:9.0f} ns/record {1e3 / figure:8.2f} M records/s/core, {size:.0f} bytes each")
    for name, ratio in answer["ratios"].items():
        print(f"{name:30} {ratio:7.1f}")


if __name__ == "__main__":
    main()
