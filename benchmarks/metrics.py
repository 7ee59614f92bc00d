"""Metrics: samples a second, written as text and packed for remote write, against the same made in Python.

    python benchmarks/metrics.py [--json] [--rounds 5] [--series 4000] [--scrapes 60]

Each round does everything once, one after the other, over the same samples:

- ``exposition``: columns of samples rendered by the renderer ``prometheus.metrics``, tag included,
  against a loop of f-strings that is given the ready text of each series;
- ``remote_write``: the same samples packed by ``prometheus.metrics_remote_write`` into bodies that
  snappy compressed, against protobuf's WriteRequest filled label by label, serialised and compressed
  by the same snappy; asserted equal byte for byte before compression;
- ``sampling``: events of instances counted, sampled and rendered, with what a run sets up at first (no counterpart).

Figures are CPU seconds (user and system), medians of the rounds; ratios are medians of the ratios within a round.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from simulator import Batch, Coded, Metric, Numbers, Renderer, Series, Vocabulary
from simulator.events.columns import Times
from simulator.events.ids import event_ids
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.metrics.sample_types import NUMBER
from simulator.telemetry.streams import StreamRecorder
from simulator.world.model import Delay, Witness
from simulator_prometheus.exposition import exposed_labels
from simulator_prometheus.names import series_labels, series_name
from simulator_prometheus.remote_write import packing
from simulator_prometheus.snappy import compressed, uncompressed
from tests.prometheus.remote_write.write_request import CLASSES
from tests.prometheus.scrapes import LENGTH, PLUGINS, START, TAG, Mesh, instance

INTERVAL = 15_000_000_000
HOSTS = 40
PYTHON_SCRAPES = 4  # of each target: enough to time a loop


def samples(series: int, scrapes: int) -> Batch:
    """Make samples: counters, sums and gauges of many targets, each with six labels and its target's five."""
    draw = np.random.Generator(np.random.Philox(7))
    hosts = [instance("cart", number) for number in range(HOSTS)]
    metric = Metric("http.server.request.duration", "histogram", "", (), "s")
    names = ("http.request.method", "http.response.status_code", "http.route", "version", "error.type")
    all_series = [
        Series(
            metric,
            {name: f"{name}-{number % 7}" for name in names},
            hosts[number * HOSTS // series],
            "bucket",
            number / 8,
        )
        for number in range(series)
    ]
    rows = series * scrapes
    codes = np.tile(np.arange(series), scrapes)
    whole = draw.integers(0, 5_000_000, rows).astype(float)
    values = np.where(codes % 16 == 0, whole / 1e3, whole // 100)
    times = np.repeat(START + INTERVAL * np.arange(scrapes), series) + codes * HOSTS // series * 1_000_000
    columns = {
        "series": Coded(codes.astype(np.uint32), Vocabulary(all_series)),
        "host": Coded((codes * HOSTS // series).astype(np.uint32), Vocabulary(hosts)),
        "value": Numbers(values),
        "start": Times(np.full(rows, START)),
    }
    return Batch(0, times, event_ids(0, 0, rows), columns)


def rows_of(batch: Batch, rows: int) -> Iterator[tuple[Series, float, int]]:
    series, value = batch.columns["series"], batch.columns["value"]
    return zip(
        (series.row(row) for row in range(rows)), value.values[:rows].tolist(), (batch.times[:rows] // 10**6).tolist(),
        strict=True,
    )  # fmt: skip


def exposition(batch: Batch) -> tuple[Callable[[], object], Callable[[], object], int]:
    renderer = PLUGINS.renderers["prometheus.metrics"]
    recorder = StreamRecorder(renderer, PLUGINS.format_of(renderer), TAG, _everywhere(renderer))
    rows = min(len(batch), 200_000)
    text = {each: f'{series_name(each)}{{feint_run="{TAG.run}",{exposed_labels(each)}}}' for each in _all(batch)}
    plain = list(rows_of(batch, rows))

    def loop() -> bytes:
        return "".join([f"{text[series]} {value!r} {moment}\n" for series, value, moment in plain]).encode()

    return lambda: deque(recorder.records([(NUMBER, batch)]), 0), loop, rows


def remote_write(batch: Batch, series: int) -> tuple[Callable[[], object], Callable[[], object], int]:
    packed = packing(TAG)
    rows = min(len(batch), series * PYTHON_SCRAPES)
    labels = {
        each: sorted({"__name__": series_name(each), "feint_run": TAG.run, **series_labels(each)}.items())
        for each in _all(batch)
    }
    plain = list(rows_of(batch, rows))
    stops = [0, *packed(batch.take(np.arange(rows))).stops.tolist()]

    def loop() -> list[bytes]:
        bodies = []
        for start, stop in pairwise(stops):
            request = CLASSES["WriteRequest"]()
            for each, value, moment in plain[start:stop]:
                added = request.timeseries.add()
                for name, text in labels[each]:
                    added.labels.add(name=name, value=text)
                added.samples.add(value=value, timestamp=moment)
            bodies.append(compressed(request.SerializeToString()))
        return bodies

    ours = packed(batch.take(np.arange(rows)))
    for body, (start, end) in zip(loop(), pairwise([0, *ours.ends.tolist()]), strict=True):
        record = ours.data[start:end].tobytes()
        mine = record[next(place for place, byte in enumerate(record, 1) if byte < 128) :]
        assert uncompressed(mine) == uncompressed(body)
    return lambda: packed(batch), loop, rows


def _all(batch: Batch) -> list[Series]:
    column = batch.columns["series"]
    assert isinstance(column, Coded)
    return column.vocabulary.values


def _everywhere(renderer: Renderer) -> Deployment:
    return Deployment(renderer.name, (Witness(renderer.name, delay=Delay(0, 0)),), watches_hosts=True, seed=1)


def timed(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def measured(rounds: int, series: int, scrapes: int) -> dict[str, Any]:
    batch = samples(series, scrapes)
    works = {"exposition_vs_fstrings": exposition(batch), "remote_write_vs_protobuf": remote_write(batch, series)}
    mesh = Mesh(rows=30_000)
    found: dict[str, Any] = {"samples": len(batch), "rates": {}, "ratios": {}}
    for name, (ours, theirs, rows) in works.items():
        ours()
        pairs = [(len(batch) / timed(ours), rows / timed(theirs)) for _ in range(rounds)]
        found["rates"][name] = {
            "ours": statistics.median(p[0] for p in pairs),
            "python": statistics.median(p[1] for p in pairs),
        }
        found["ratios"][name] = statistics.median(mine / other for mine, other in pairs)
    events, rendered = sum(len(each) for _, each in mesh.happened), sum(map(len, mesh.played("prometheus.metrics")))
    seconds = statistics.median(timed(lambda: mesh.played("prometheus.metrics")) for _ in range(rounds))
    found["sampling"] = {
        "events_per_second": events / seconds,
        "samples_per_second": rendered / seconds,
        "seconds": LENGTH,
    }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--series", type=int, default=4_000)
    parser.add_argument("--scrapes", type=int, default=60)
    chosen = parser.parse_args()
    found = measured(chosen.rounds, chosen.series, chosen.scrapes)
    if chosen.json:
        print(json.dumps(found))
        return
    for name, ratio in found["ratios"].items():
        rates = found["rates"][name]
        print(f"{name:28} {ratio:6.1f}×   {rates['ours'] / 1e6:6.2f} M/s against {rates['python'] / 1e6:.3f} M/s")
    print("sampling", {name: round(value) for name, value in found["sampling"].items()})


if __name__ == "__main__":
    main()
