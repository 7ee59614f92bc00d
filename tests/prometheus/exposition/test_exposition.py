"""The text exposition: read by Prometheus' own tool, by the store, and equal to the events it counts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator.delivery.gate import Gate
from simulator.delivery.sinks import FolderSink
from simulator.detection import Column, RecordedRun, Schedule, Stream
from simulator.errors import TemplateError
from simulator_prometheus.formats import TextFormat
from simulator_sandbox.store import DuckDBStore
from tests.prometheus.scrapes import CARTS, LENGTH, PLUGINS, SECOND, START, TAG, Mesh, recorder, text
from tests.servers import found

MESH = Mesh()
RENDERED = MESH.played("prometheus.metrics")
TEXT = text(RENDERED)
HEADING = recorder("prometheus.metrics").heading
LINE = re.compile(r'([a-zA-Z_:][\w:]*)\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\} (\S+) (\d+)')
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')


def samples() -> list[tuple[str, dict[str, str], float, int]]:
    read = []
    for line in TEXT.splitlines():
        match = LINE.fullmatch(line)
        assert match, line
        read.append((match[1], dict(LABEL.findall(match[2])), float(match[3]), int(match[4])))
    return read


SAMPLES = samples()
UP = {
    host.name: [time for name, labels, up, time in SAMPLES if name == "up" and labels["pod"] == host.name and up]
    for host in CARTS
}


def scrapes() -> dict[str, list[str]]:
    read: dict[str, list[str]] = {}
    for line in TEXT.splitlines():
        instance = re.search(r'instance="([^"]*)"', line)
        assert instance
        read.setdefault(f"{instance[1]} {line.rpartition(' ')[2]}", []).append(line)
    return read


def test_prometheus_finds_nothing_wrong_with_a_scrape(tmp_path):
    read = list(scrapes().values())
    for scrape in [*sorted(read, key=len)[-3:], *read[-6:]]:
        (tmp_path / "scrape").write_text(HEADING + "\n".join(scrape) + "\n", encoding="utf-8")
        checked = promtool_on(tmp_path / "scrape")
        assert checked == (0, ""), checked


def promtool_on(file: Path) -> tuple[int, str]:

    with file.open("rb") as said:
        answer = subprocess.run(
            [found("promtool"), "check", "metrics"], stdin=said, capture_output=True, text=True, check=False
        )
    return answer.returncode, answer.stdout + answer.stderr


def test_every_metric_that_its_events_touch_is_there():
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name, _, _, _ in SAMPLES}
    told = dict(re.findall(r"# TYPE (\S+) (\S+)", HEADING))

    assert families == told.keys()
    assert {"counter", "gauge", "histogram"} == set(told.values())


def test_counters_are_the_requests_that_were_answered():
    """All that were over when their instance was last scraped, in each of its lives."""
    restart = {CARTS[0].name: START + 230 * SECOND}
    last: dict[tuple[str, bool], float] = {}
    for name, labels, value, time in SAMPLES:
        if name == "http_requests_total":
            last[",".join(sorted(labels.values())), time * 10**6 < restart.get(labels["pod"], START)] = value
    event, batch = MESH.happened[0]
    counted = 0
    for row in range(len(batch)):
        host, born = batch.columns["host"].row(row).name, int(batch.times[row])
        due, again = born + int(batch.columns["duration"].row(row)), restart.get(host, START)
        scraped = [time * 10**6 for time in UP[host] if (time * 10**6 < again) == (born < again)]
        counted += due <= max(scraped)

    assert event.name == "service.request"
    assert sum(last.values()) == counted
    assert counted > len(batch) * 0.8


def test_buckets_add_up():
    by_scrape: dict[tuple[str, int, str], dict[str, float]] = {}
    for name, labels, value, time in SAMPLES:
        if match := re.fullmatch(r"(.*)_(bucket|count)", name):
            rest = ",".join(f"{label}={labels[label]}" for label in sorted(labels) if label != "le")
            by_scrape.setdefault((match[1], time, rest), {})[labels.get("le", "count")] = value
    assert len(by_scrape) > 1000
    for parts in by_scrape.values():
        count = parts.pop("count")
        bounds = sorted(parts, key=float)
        assert bounds[-1] == "+Inf"
        assert parts["+Inf"] == count
        assert [parts[bound] for bound in bounds] == sorted(parts.values())


def test_a_target_that_is_down_says_so_and_nothing_else():
    down = [lines for lines in scrapes().values() if any(line.startswith("up{") and " 0 " in line for line in lines)]

    assert len(down) >= 6
    assert all(len(lines) == 1 for lines in down)


def test_a_target_that_was_scaled_down_is_not_scraped_any_more():
    seen = [time for name, labels, _, time in SAMPLES if name == "up" and labels["pod"] == "cart-7c9f-9"]

    assert min(seen) >= START // 10**6 + 300_000
    assert max(seen) <= START // 10**6 + 450_000


def test_restarts_are_known_before_and_after():
    restarts = {
        value
        for name, labels, value, _ in SAMPLES
        if name.endswith("restarts_total") and labels["pod"] == "cart-7c9f-1"
    }

    assert restarts == {0, 1}


@pytest.mark.parametrize("backend", ["python", "pyarrow"])
def test_the_bytes_are_the_same_in_windows_and_with_other_backends(backend):
    assert text(Mesh().played("prometheus.metrics", 47.3, backend)) == TEXT


def test_samples_leave_through_the_gate_and_are_read_from_the_store(tmp_path):
    renderer = PLUGINS.renderers["prometheus.metrics"]
    form = PLUGINS.format_of(renderer)
    gate = Gate(FolderSink(tmp_path), TAG, {renderer.name: form})
    heading = gate.open(renderer.name, HEADING)
    for batch in RENDERED:
        gate.deliver(batch)
    gate.close()
    rows = sum(len(batch) for batch in RENDERED)
    delivered = np.concatenate([batch.delivered for batch in RENDERED])
    table = {"stream": [renderer.name] * rows, "line": np.arange(rows) + heading + 1, "delivered": delivered}
    pq.write_table(pa.table(table), tmp_path / "deliveries.parquet")
    stream = Stream(renderer, form, tmp_path / renderer.name / f"{renderer.name}.prom")
    schedule = Schedule(START, START + LENGTH * SECOND, SECOND, SECOND)
    run = RecordedRun(tmp_path, TAG, (stream,), tmp_path / "deliveries.parquet", schedule)
    with DuckDBStore(run) as store:
        view = store.table(renderer.name, {name: Column(name) for name in ("name", "labels", "value")})
        read = store.query(f"SELECT name, labels, value, time FROM {view} ORDER BY line").to_pylist()

    assert len(read) == len(SAMPLES)
    for row, (name, labels, value, time) in zip(read, SAMPLES, strict=True):
        assert (row["name"], float(row["value"]), row["time"]) == (name, value, time * 10**6)
        assert dict(LABEL.findall(row["labels"])) == {key: each for key, each in labels.items() if key != "feint_run"}


def test_a_template_has_to_say_where_its_labels_stand():
    with pytest.raises(TemplateError, match="has labels between"):
        TextFormat().wrapped("up 1", TAG)
