"""Reads spans and samples out of a run's bytes, as those who get them would."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a trace. Times are nanoseconds since the epoch."""

    trace: str
    id: str
    parent: str
    kind: str
    service: str
    name: str
    start: int
    end: int
    failed: bool
    links: tuple[tuple[str, str], ...]
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Samples:
    """One series, in the order of time (milliseconds)."""

    labels: dict[str, str]
    times: list[int]
    values: list[float]

    def key(self, *without: str) -> tuple[tuple[str, str], ...]:
        return tuple(sorted((name, value) for name, value in self.labels.items() if name not in without))


KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


def spans_of(run: Any) -> list[Span]:
    return _spans(run.folder)


def samples_of(run: Any, metric: str) -> list[Samples]:
    """Return the series of a metric, the synthetic label left out."""
    return _samples(run.folder).get(metric, [])


@lru_cache(maxsize=2)
def _spans(folder: Path) -> list[Span]:
    (path,) = (folder / "telemetry/otlp.traces").iterdir()
    found = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            for resource in json.loads(line)["resourceSpans"]:
                service = _attributes(resource["resource"])["service.name"]
                found += [_span(span, service) for scope in resource["scopeSpans"] for span in scope["spans"]]
    return found


def _span(span: dict[str, Any], service: str) -> Span:
    return Span(
        trace=span["traceId"],
        id=span["spanId"],
        parent=span.get("parentSpanId", ""),
        kind=KINDS[span["kind"]],
        service=service,
        name=span["name"],
        start=int(span["startTimeUnixNano"]),
        end=int(span["endTimeUnixNano"]),
        failed=span.get("status", {}).get("code") == 2,
        links=tuple((link["traceId"], link["spanId"]) for link in span.get("links", ())),
        attributes=_attributes(span),
    )


def _attributes(holder: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in holder.get("attributes", ())}


@lru_cache(maxsize=2)
def _samples(folder: Path) -> dict[str, list[Samples]]:
    (path,) = (folder / "telemetry/prometheus.metrics").iterdir()
    series: dict[str, Samples] = {}
    by_metric: dict[str, list[Samples]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            named, _, rest = line.rpartition("} ")
            found = series.get(named)
            if found is None:
                metric, _, labels = named.partition("{")
                found = series[named] = Samples(dict(_LABEL.findall(labels)), [], [])
                found.labels.pop("feint_run")
                by_metric.setdefault(metric, []).append(found)
            value, time = rest.split()
            found.times.append(int(time))
            found.values.append(float(value))
    return by_metric
