"""What samples must be, worked out one event and one moment at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from simulator.events.batch import Batch
from simulator.events.event_types import EventType
from simulator.telemetry.metrics.metric import Metric
from simulator.world.model import Host
from tests.telemetry.metrics.jig import SECOND, START

Rows = list[tuple[int, dict[str, object]]]


def events_of(happened: Sequence[tuple[EventType, Batch]], name: str) -> Rows:
    return [
        (int(batch.times[row]), {field: column.row(row) for field, column in batch.columns.items()})
        for event, batch in happened
        if event.name == name
        for row in range(len(batch))
    ]


def last_start(happened: Sequence[tuple[EventType, Batch]], host: Host, moment: int) -> int:
    starts = [time for time, row in events_of(happened, "thing.started") if row["host"] == host and time <= moment]
    return max(starts, default=-1 if host.attributes.get("standby") else START)


def is_alive(happened: Sequence[tuple[EventType, Batch]], host: Host, moment: int) -> bool:
    began = last_start(happened, host, moment)
    stops = [time for time, row in events_of(happened, "thing.stopped") if row["host"] == host and time <= moment]
    return began >= START and max(stops, default=-1) < began


def counted(
    happened: Sequence[tuple[EventType, Batch]], metric: Metric, host: Host, moment: int
) -> dict[str, list[int]]:
    """Return, by labels, the values that a metric's events have given by a moment, the latest last."""
    began = last_start(happened, host, moment)
    found = defaultdict(list)
    for measure in metric.measures:
        for time, row in events_of(happened, measure.event):
            due = time + (row[measure.lasts] if measure.lasts else 0)
            if row["host"] != host or not began <= time or due > moment:
                continue
            labels = ",".join(f"{name}={row[field]}" for name, field in sorted(measure.labels.items()))
            value = row.get(measure.value, -1 if measure.value == "-1" else 1)
            found[labels].append((due, value))
    in_time = {labels: sorted(values, key=lambda each: each[0]) for labels, values in found.items()}
    return {labels: [value for _, value in values] for labels, values in in_time.items()}


def expected(happened: Sequence[tuple[EventType, Batch]], metric: Metric, host: Host, moment: int) -> dict[str, float]:
    """Return what each series of a metric on a host has to be at a moment."""
    found: dict[str, float] = {}
    if not is_alive(happened, host, moment):
        return found
    for labels, values in counted(happened, metric, host, moment).items():
        where = f"{{{labels}}}@{host.name}"
        if metric.kind == "histogram":
            for bound in metric.buckets:
                below = [value for value in values if value <= round(bound * SECOND)]
                found[f"{metric.name}/bucket<={bound}{where}"] = len(below)
            found[f"{metric.name}/bucket<=inf{where}"] = len(values)
            found[f"{metric.name}/sum{where}"] = sum(values) / SECOND
            found[f"{metric.name}/count{where}"] = len(values)
        else:
            found[f"{metric.name}/{where}"] = values[-1] if metric.kind == "gauge" else sum(values)
    return found
