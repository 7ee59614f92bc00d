"""The same series in our store and in a real Prometheus, and what both say to an expression."""

from __future__ import annotations

import http.client
import json
import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from simulator_prometheus.promql.errors import EvaluationError
from simulator_prometheus.promql.evaluate import Scalar, evaluate
from simulator_prometheus.promql.expressions import parsed
from simulator_prometheus.promql.series import STALE, Labels, SeriesStore, labels_of
from tests.servers import Server, prometheus

START = 1_700_000_000_000  # ms
MINUTE = 60_000
HOUR = 60 * MINUTE
_MOST_OF_A_BODY = 8 << 20  # bytes
_REMOTE_WRITE = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
_SERIES = re.compile(r"match group \{.*\] *;")  # which of several such groups is told of
Series = tuple[Labels, np.ndarray, np.ndarray]


def labelled(name: str, **labels: str) -> Labels:
    return labels_of([("__name__", name), *labels.items()])


def series(seed: int = 4) -> list[Series]:
    """Make an hour of series: scraped every 15 s at a phase of their own, with resets, gaps, ends and odd values."""
    random = np.random.default_rng(seed)
    made = list(_counters(random))
    made += _gauges(random)
    made += _histograms(random)
    for instance in "abc":
        times = _times(random)
        made.append((labelled("up", job="shop", instance=instance), times, (random.random(len(times)) > 0.1) * 1.0))
        version = "1.2" if instance == "a" else "1.3"
        made.append((labelled("build_info", instance=instance, version=version), times, np.ones(len(times))))
    made.append((labelled("lonely"), *_lonely()))
    return made


def _times(random: np.random.Generator) -> np.ndarray:
    return START + int(random.integers(0, 15_000)) + np.arange(0, HOUR, 15_000)


def _lonely() -> tuple[np.ndarray, np.ndarray]:
    """Make a series that ends with a stale marker, comes back, and then just stops."""
    times = START + np.arange(0, 40 * MINUTE, 30_000)
    values = np.arange(len(times)) / 8
    values[20] = STALE
    return np.delete(times, slice(21, 32)), np.delete(values, slice(21, 32))


def _counters(random: np.random.Generator) -> Iterator[Series]:
    for job, instance in (("shop", "a"), ("shop", "b"), ("shop", "c"), ("mail", "d")):
        for code in ("200", "404", "500"):
            times = _times(random)
            values = np.cumsum(random.integers(0, 20, len(times))).astype(float)
            for reset in np.sort(random.choice(len(times), 3, replace=False)):
                values[reset:] -= values[reset] - random.integers(0, 5)
            kept = random.random(len(times)) > (0.3 if code == "500" else 0.02)
            if instance == "c":
                kept[100:150] = False
            values[-30:] = STALE if instance == "d" and code == "404" else values[-30:]
            yield labelled("requests_total", job=job, instance=instance, code=code), times[kept], values[kept]


def _gauges(random: np.random.Generator) -> Iterator[Series]:
    for room in ("kitchen", "hall", "attic", "cellar"):
        times = _times(random)
        values = 20 + np.cumsum(random.normal(0, 0.4, len(times)))
        if room == "attic":
            values[50:60], values[90], values[140] = np.nan, np.inf, -np.inf
        if room == "cellar":
            values = -np.round(values, 0)
            values[120] = STALE
        yield labelled("temperature", room=room, floor="0" if room in ("hall", "kitchen") else "1"), times, values
        for name in ("limit", "spare"):
            yield labelled(name, room=room), times[::4], np.full(len(times[::4]), 21.5)
    times = _times(random)
    yield labelled("level"), times, np.full(len(times), 3.25)
    yield labelled("clock"), times, times / 1000 + random.integers(-(10**7), 10**8, len(times))


def _histograms(random: np.random.Generator) -> Iterator[Series]:
    bounds = ("0.1", "0.25", "0.5", "1", "2.5", "+Inf")
    for job, instance in (("shop", "a"), ("shop", "b"), ("mail", "d")):
        times = _times(random)
        each = random.poisson(np.array([4, 6, 3, 2, 1, 0.5])[:, None], (len(bounds), len(times)))
        counts = np.cumsum(np.cumsum(each, axis=1), axis=0).astype(float)
        counts[:, 110:] -= counts[:, 110:111]
        for bound, values in zip(bounds, counts, strict=True):
            kept = np.ones(len(times), bool)
            if instance == "b" and bound == "0.5":
                kept[60:120] = False  # a bucket is away for a while
            if instance == "b" and bound == "1":
                values[150:170] -= 3  # and one is less than that below
            yield labelled("seconds_bucket", job=job, instance=instance, le=bound), times[kept], values[kept]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said: by labels the values of the steps, NaN-boxed; or an error."""

    series: dict[Labels, tuple[np.ndarray, np.ndarray]]
    error: str = ""


@dataclass(frozen=True, slots=True)
class Both:
    """Our store and the server, holding the same."""

    store: SeriesStore
    server: Server

    def theirs(self, text: str, times: np.ndarray) -> Answer:
        step = int(times[1] - times[0]) if len(times) > 1 else 1000
        status, answer = self._get(
            "/api/v1/query_range", query=text, start=times[0] / 1000, end=times[-1] / 1000, step=step / 1000
        )
        if status != 200:
            return Answer({}, answer["error"])
        found = {}
        for each in answer["data"]["result"]:
            at = np.array([round(time * 1000) for time, _ in each["values"]])
            values = np.array([float(value) for _, value in each["values"]])
            found[labels_of(each["metric"].items())] = (at, values)
        return Answer(found)

    def takes(self, text: str) -> bool:
        """Say whether Prometheus reads this as an expression."""
        return self._get("/api/v1/format_query", query=text)[0] == 200

    def ours(self, text: str, times: np.ndarray) -> Answer:
        try:
            value = evaluate(parsed(text), self.store, times)
        except EvaluationError as error:
            return Answer({}, str(error))
        if isinstance(value, Scalar):
            return Answer({(): (times, value.values)})
        rows = zip(value.labels, value.values, value.present, strict=True)
        return Answer({labels: (times[there], values[there]) for labels, values, there in rows})

    def differences(self, text: str, times: np.ndarray, *, labels: bool = True) -> str:
        """Return how the answers differ, or nothing. Without labels, only the values of each step have to agree."""
        ours, theirs = self.ours(text, times), self.theirs(text, times)
        if bool(ours.error) != bool(theirs.error) or _SERIES.sub("", ours.error) != _SERIES.sub("", theirs.error):
            return f"error {ours.error!r} against {theirs.error!r}"
        if not labels:
            return _unequal(_by_step(ours, times), _by_step(theirs, times))
        if ours.series.keys() != theirs.series.keys():
            more, less = ours.series.keys() - theirs.series.keys(), theirs.series.keys() - ours.series.keys()
            return f"only ours: {sorted(more)[:3]}, only theirs: {sorted(less)[:3]}"
        for each, (at, values) in ours.series.items():
            other_at, others = theirs.series[each]
            if not np.array_equal(at, other_at):
                return f"{each}: present at {sorted(set(at.tolist()) ^ set(other_at.tolist()))[:3]} in one only"
            if said := _unequal(values, others):
                return f"{each}: {said}"
        return ""

    def _get(self, path: str, **query: object) -> tuple[int, dict]:
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=30)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}")
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def _unequal(ours: np.ndarray, theirs: np.ndarray) -> str:
    if ours.shape != theirs.shape:
        return f"{len(ours)} values against {len(theirs)}"
    same = np.isclose(ours, theirs, rtol=1e-9, atol=1e-11, equal_nan=True)
    if same.all():
        return ""
    return f"{ours[~same][:3]} against {theirs[~same][:3]} ({(~same).sum()} of {len(same)})"


def _by_step(answer: Answer, times: np.ndarray) -> np.ndarray:
    pairs = [(at, value) for ats, values in answer.series.values() for at, value in zip(ats, values, strict=True)]
    return np.array([value for _, value in sorted(pairs, key=lambda pair: (pair[0], repr(float(pair[1]))))])


@contextmanager
def both(folder: Path, made: Iterable[Series]) -> Iterator[Both]:
    """Run a Prometheus that holds the series, next to a store that does."""
    store = SeriesStore()
    written = list(made)
    for labels, times, values in written:
        store.add(labels, times, values)
    config = "storage: {tsdb: {out_of_order_time_window: 8760h}}\n"
    with prometheus(folder, config=config) as server:
        write(server, written)
        yield Both(store, server)


def write(server: Server, made: Iterable[Series]) -> None:
    """Send series by remote write, in bodies of a bearable size."""
    body = b""
    for each in made:
        body += _series_message(each)
        if len(body) > _MOST_OF_A_BODY:
            server.post("/api/v1/write", literal_snappy(body), _REMOTE_WRITE)
            body = b""
    if body:
        server.post("/api/v1/write", literal_snappy(body), _REMOTE_WRITE)


def literal_snappy(content: bytes) -> bytes:
    """Pack bytes as snappy, without compressing."""
    parts = [_varint(len(content))]
    for start in range(0, len(content), 1 << 16):
        piece = content[start : start + (1 << 16)]
        parts += [b"\xf4", struct.pack("<H", len(piece) - 1), piece]
    return b"".join(parts)


def _series_message(given: Series) -> bytes:
    labels, times, values = given
    body = b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in sorted(labels))
    width = len(_varint(int(times[0])))
    assert len(_varint(int(times[-1]))) == width
    samples = np.empty((len(times), 12 + width), np.uint8)
    samples[:, 0], samples[:, 1], samples[:, 2], samples[:, 11] = 0x12, 10 + width, 0x09, 0x10
    samples[:, 3:11] = np.asarray(values, "<f8").view(np.uint8).reshape(-1, 8)
    for place in range(width):
        samples[:, 12 + place] = times >> 7 * place & 127 | (128 if place < width - 1 else 0)
    return _field(1, body + samples.tobytes())


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
