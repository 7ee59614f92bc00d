"""Builds plans from few words, and plays them into plain tables that tests can compare."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.events.columns import Coded
from simulator.events.event_types import EventType
from simulator.timeline import distributions
from simulator.timeline import field_generators as generators
from simulator.timeline.arrivals import Arrivals, Span
from simulator.timeline.emission import Act, Emission, FollowUp, Plan
from simulator.timeline.engine import Timeline
from simulator.world.model import Selector, World

Table = list[tuple[Any, ...]]


def fields_of(event: EventType, **given: generators.Generator) -> dict[str, generators.Generator]:
    usual: dict[str, generators.Generator] = {
        "host": generators.Pick(hosts=Selector(role="web"), exponent=1.0),
        "user": generators.Pick(users=Selector(), exponent=0.9),
        "source": generators.Pick(outsiders=Selector()),
        "page": generators.Zipf(("/", "/cart", "/search"), 0.8),
        "status": generators.Choice((200, 404, 500), (90, 8, 2)),
        "size": generators.Drawn(distributions.LogNormal(5_000, 90_000)),
        "took": generators.Drawn(distributions.LogNormal(50_000_000, 900_000_000)),
        "session": generators.RandomId(),
    }
    return {field.name: given.get(field.name, usual[field.name]) for field in event.fields}


def root(event: EventType, path: str, arrivals: Arrivals, span: Span, **more: Any) -> Emission:
    fields = fields_of(event, **more.pop("fields", {}))
    return Emission(path, event, Act("background"), span, fields, arrivals=arrivals, **more)


def follow_up(event: EventType, path: str, follow: FollowUp, span: Span, **more: Any) -> Emission:
    inherited = {name: generators.Parent(name) for name in ("host", "user", "source", "session")}
    fields = fields_of(event, **{**inherited, **more.pop("fields", {})})
    return Emission(path, event, Act("background"), span, fields, follow=follow, **more)


def plan_of(world: World, span: Span, *roots: Emission, seed: int = 1) -> Plan:
    return Plan(seed, span, world, roots)


def played(plan: Plan, window: int | None = None) -> Table:
    """Return the events as rows: path, time, id, then the values of the fields."""
    timeline = Timeline(plan)
    rows: Table = []
    for each in timeline.windows(window):
        inside: Table = []
        for batch in each.batches:
            assert ((batch.times >= each.start) & (batch.times < each.end)).all()
            path = timeline.emissions[batch.emission].path
            columns = [_values(column) for column in batch.columns.values()]
            inside += zip([path] * len(batch), batch.times.tolist(), batch.ids.tolist(), *columns, strict=True)
        rows += inside
    return sorted(rows, key=lambda row: (row[1], row[2]))


def of_path(rows: Table, path: str) -> Table:
    """Return the events of one emission without their ids, which count emissions."""
    return [(row[1], *row[3:]) for row in rows if row[0] == path]


def times_of(rows: Table, path: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([row[1] for row in rows if row[0] == path], np.int64)


def _values(column: Any) -> list[Any]:
    if isinstance(column, Coded):
        return [getattr(value, "name", value) for value in (column.vocabulary.values[code] for code in column.codes)]
    return [column.row(row) for row in range(len(column))]
