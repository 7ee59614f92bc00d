"""Remote write: the same samples as the exposition has, as protobuf reads them and as a real Prometheus takes them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simulator.delivery.gate import Gate
from simulator.delivery.sinks import FolderSink
from simulator.errors import GuardError
from simulator_prometheus.snappy import compressed, uncompressed
from tests.prometheus.exposition.test_exposition import SAMPLES
from tests.prometheus.remote_write import write_request
from tests.prometheus.scrapes import LENGTH, PLUGINS, SECOND, START, TAG, Mesh
from tests.servers import prometheus

STALE = 0x7FF0000000000002
RENDERED = Mesh().played("prometheus.metrics_remote_write")
Key = tuple[tuple[str, str], ...]


def bodies() -> Iterator[bytes]:
    for batch in RENDERED:
        for start, end in pairwise([0, *batch.ends.tolist()]):
            record = batch.data[start:end].tobytes()
            yield record[next(place for place, byte in enumerate(record, 1) if byte < 128) :]


def bits(value: float) -> int:
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])


def read() -> list[tuple[Key, int, int]]:
    """Return all samples as protobuf reads them: labels, time, and the bits of the value."""
    found = []
    for body in bodies():
        for series in write_request.parsed(uncompressed(body)).timeseries:
            labels = tuple((label.name, label.value) for label in series.labels)
            found += [(labels, sample.timestamp, bits(sample.value)) for sample in series.samples]
    return found


def test_protobuf_reads_the_samples_that_the_exposition_has():
    expected = {
        (tuple(sorted({"__name__": name, **labels}.items())), time): bits(value)
        for name, labels, value, time in ((n, unescaped(ls), v, t) for n, ls, v, t in SAMPLES)
    }
    found = {(labels, time): value for labels, time, value in read() if value != STALE}

    assert found == expected


def unescaped(labels: dict[str, str]) -> dict[str, str]:
    return {
        name: value.replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\0", "\\")
        for name, value in labels.items()
    }


def test_labels_are_sorted_by_name_and_said_once():
    for labels, _, _ in read():
        names = [name for name, _ in labels]
        assert names == sorted(set(names))


def test_series_end_with_a_stale_marker_when_their_target_goes_down():
    ended: dict[str, set[int]] = {}
    for labels, time, value in read():
        if value == STALE:
            ended.setdefault(dict(labels)["pod"], set()).add(time // 1000 - START // SECOND)

    assert {min(times) // 20 * 20 for times in (ended["cart-7c9f-1"], ended["cart-7c9f-2"])} == {200, 500}
    assert {450 <= time < 466 for time in ended["cart-7c9f-9"]} == {True}
    assert any(dict(labels)["__name__"] == "up" for labels, _, value in read() if value == STALE)


def test_a_body_has_one_scrape():
    for body in bodies():
        request = write_request.parsed(uncompressed(body))
        assert len({sample.timestamp for series in request.timeseries for sample in series.samples}) == 1
        assert (
            len({label.value for series in request.timeseries for label in series.labels if label.name == "pod"}) == 1
        )
    ids = np.concatenate([batch.ids for batch in RENDERED])
    assert len(np.unique(ids)) == len(ids) == len(list(bodies()))


def test_windows_change_nothing():
    parts = Mesh().played("prometheus.metrics_remote_write", 31.4)

    assert b"".join(each.data.tobytes() for each in parts) == b"".join(each.data.tobytes() for each in RENDERED)


def test_bodies_leave_through_the_gate(tmp_path):
    renderer = PLUGINS.renderers["prometheus.metrics_remote_write"]
    gate = Gate(FolderSink(tmp_path), TAG, {renderer.name: PLUGINS.format_of(renderer)})
    gate.open(renderer.name)
    for batch in RENDERED:
        gate.deliver(batch)
    gate.close()

    assert (tmp_path / renderer.name / f"{renderer.name}.binpb").stat().st_size == sum(len(b.data) for b in RENDERED)


def test_a_body_without_the_tag_does_not_leave(tmp_path):
    renderer = PLUGINS.renderers["prometheus.metrics_remote_write"]
    gate = Gate(FolderSink(tmp_path), replace(TAG, run="r00000000"), {renderer.name: PLUGINS.format_of(renderer)})
    gate.open(renderer.name)

    with pytest.raises(GuardError, match="does not carry the tag"):
        gate.deliver(RENDERED[0])
    gate.close()


@pytest.mark.parametrize("body", [b"", b"\xff" * 9, b"\xff\xff\xff\xff\x7f", compressed(b"x" * 99)[:-3]])
def test_what_is_not_compressed_is_refused(body):
    with pytest.raises(ValueError, match="body"):
        uncompressed(body)


def test_a_real_prometheus_takes_the_bodies_and_gives_the_samples_back(tmp_path):
    headers = {
        "Content-Encoding": "snappy",
        "Content-Type": "application/x-protobuf",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    end = str(START // SECOND + LENGTH)
    with prometheus(tmp_path) as server:
        for body in bodies():
            server.post("/api/v1/write", body, headers)
        everything, mine = f'{{feint_run="{TAG.run}"}}[{LENGTH}s]', 'sum(http_requests_total{pod="cart-7c9f-2"})'
        answer = server.get("/api/v1/query", query=everything, time=end)["data"]["result"]
        before = server.get("/api/v1/query", query=mine, time=str(START // SECOND + 480))
        after = server.get("/api/v1/query", query=mine, time=str(START // SECOND + 520))
    given = {
        (tuple(sorted(series["metric"].items())), round(float(time) * 1000)): bits(float(value))
        for series in answer
        for time, value in series["values"]
    }

    assert given == {(labels, time): value for labels, time, value in read() if value != STALE}
    assert float(before["data"]["result"][0]["value"][1]) > 100
    assert after["data"]["result"] == []  # stale markers ended what its last scrape had
