"""Growing a system cell by cell: what it does becomes batches, each of one outlet and one act."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.chance import Streams
from simulator.events.batch import Batch
from simulator.events.ids import event_ids
from simulator.timeline.emission import Emission, Plan, PlannedSystem
from simulator.timeline.field_scope import Vocabularies
from simulator.world.system import Happened, Setting, Touched


class SystemGrower:
    """Plays one system of a plan. Its emissions are numbered from ``first`` on, each outlet once for each act."""

    def __init__(self, plan: Plan, planned: PlannedSystem, first: int, vocabularies: Vocabularies) -> None:
        self.plan, self.planned, self._first = plan, planned, first
        types = planned.event_types
        self._path = f"systems/{planned.system.name}"
        self.behaviour = planned.system.behaviour(
            Setting(
                described=planned.described,
                world=plan.world,
                effects=planned.effects,
                start=plan.span.start,
                end=plan.span.end,
                activity=planned.activity,
                vocabulary=lambda event, field: vocabularies.of(types[event], types[event].by_name[field]),
                streams=Streams(plan.seed, self._path, 0),
            )
        )
        self.expected = self.behaviour.expected
        self.emissions = tuple(self._emissions())
        self._cell = 0

    def _emissions(self) -> Iterator[Emission]:
        for outlet in self.behaviour.outlets:
            event = self.planned.event_types[outlet.event]
            for act in self.planned.acts:
                path = f"{self._path}/{outlet.path}"
                path = f"{act.folder}/{act.id}/{path}" if act.id else path
                yield Emission(path, event, act, self.plan.span, {})

    def touched(self) -> dict[str, Touched]:
        """Return whom the effects of each step and decoy touch, by the label of the act."""
        found: dict[str, Touched] = {}
        for effect in self.planned.effects:
            label = self.planned.acts[effect.act].label
            touched = self.behaviour.touched(effect)
            found[label] = found[label].joined(touched) if label in found else touched
        return found

    def skip_to(self, time: int) -> None:
        """Leave out the cells from which nothing reaches a time."""
        length, start = self.behaviour.cell_length, self.plan.span.start
        while start + (self._cell + 1) * length + self.behaviour.reach <= time:
            self._cell += 1

    def grown_before(self, end: int) -> Iterator[Batch]:
        """Grow every cell that starts before a time and was not grown yet."""
        length, span = self.behaviour.cell_length, self.plan.span
        while (start := span.start + self._cell * length) < min(end, span.end):
            streams = Streams(self.plan.seed, self._path, self._cell)
            before: dict[int, int] = {}  # events of this cell, by the number of their emission
            for happened in self.behaviour.happened(start, min(start + length, span.end), streams):
                yield from self._batches(happened, before)
            self._cell += 1

    def _batches(self, happened: Happened, before: dict[int, int]) -> Iterator[Batch]:
        acts = len(self.planned.acts)
        outlet = self._first + happened.outlet * acts
        due = happened.acts if happened.acts is not None else np.zeros(len(happened.times), np.int64)
        for act in np.unique(due):
            rows = np.flatnonzero(due == act)
            number = outlet + int(act)
            serial = before.get(number, 0)
            before[number] = serial + len(rows)
            ids = event_ids(number, self._cell, before[number])[serial:]
            whole = len(rows) == len(due)
            columns = happened.columns if whole else {name: each.take(rows) for name, each in happened.columns.items()}
            yield Batch(number, happened.times if whole else happened.times[rows], ids, columns)
