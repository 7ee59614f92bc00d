"""The timeline: turns a plan into events, window by window, in the order of their times.

Chance is spent by cell: a fixed piece of a root emission's span. A root's events in
a cell, and all that follows from them, depend on that cell alone. A window hands out
what falls into it and keeps what follows later; so neither the length of windows nor
their number changes any event, and memory holds cells and what is still to come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from simulator.events.batch import Batch
from simulator.events.columns import concatenated
from simulator.timeline.emission import Plan
from simulator.timeline.emission_cells import Grower
from simulator.timeline.field_scope import Vocabularies
from simulator.timeline.system_cells import SystemGrower
from simulator.world.system import Touched

_WINDOW_EVENTS = 65_536  # columns of so many rows, and what is rendered of them, stay near the processor


@dataclass(frozen=True, slots=True)
class Window:
    """The events of a stretch of time: a batch for each emission that has any, in the order of their numbers."""

    start: int
    end: int
    batches: tuple[Batch, ...]

    @property
    def events(self) -> int:
        return sum(len(batch) for batch in self.batches)


class Timeline:
    """Plays a plan. The order of events is (time, emission, serial): ties are decided, never left to chance."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.vocabularies = Vocabularies()
        self.emissions = plan.emissions()
        numbers = {emission.path: number for number, emission in enumerate(self.emissions)}
        self._systems: list[SystemGrower] = []
        for planned in plan.systems:
            grower = SystemGrower(plan, planned, len(self.emissions), self.vocabularies)
            self._systems.append(grower)
            self.emissions += grower.emissions
        self._growers: list[Grower | SystemGrower] = [
            *(Grower(plan, root, numbers, self.vocabularies) for root in plan.roots),
            *self._systems,
        ]

    def expected_events(self) -> float:
        """Return about how many events there will be."""
        return sum(grower.expected for grower in self._growers)

    def touched(self) -> dict[str, Touched]:
        """Return whom the effects of each step and decoy touch, by the label of the act."""
        return {label: touched for system in self._systems for label, touched in system.touched().items()}

    def window_length(self, events: int = _WINDOW_EVENTS) -> int:
        """Return how long windows are that hold about so many events each."""
        length = self.plan.span.end - self.plan.span.start
        return max(1_000_000, int(length / max(1.0, self.expected_events() / events)))

    def windows(self, length: int | None = None, start: int | None = None, end: int | None = None) -> Iterator[Window]:
        """Hand out the run, or a stretch of it, in windows of a length (nanoseconds) that changes no event.

        A timeline is played once. A stretch needs nothing of what was before it.
        """
        step = length or self.window_length()
        first, last = start or self.plan.span.start, end or self.plan.span.end
        for grower in self._growers:
            grower.skip_to(first)
        waiting: list[Batch] = []
        for low in range(first, last, step):
            high = min(low + step, last)
            for grower in self._growers:
                waiting += grower.grown_before(high)
            waiting.sort(key=lambda batch: batch.emission)
            yield Window(low, high, tuple(_due(waiting, low, high)))
            waiting = [late for batch in waiting if len(late := batch.between(high, self.plan.span.end))]


def _due(waiting: list[Batch], start: int, end: int) -> Iterator[Batch]:
    """Join what is due of each emission, in the order of (time, serial)."""
    for _, batches in groupby(waiting, key=lambda batch: batch.emission):
        due = [now for batch in batches if len(now := batch.between(start, end))]
        if due:
            yield joined(due)


def joined(batches: list[Batch]) -> Batch:
    """Join batches of one emission; equal times keep the order of their ids."""
    if len(batches) == 1:
        return batches[0]
    times = np.concatenate([batch.times for batch in batches])
    ids = np.concatenate([batch.ids for batch in batches])
    names = batches[0].columns
    columns = {name: concatenated([batch.columns[name] for batch in batches]) for name in names}
    return Batch(batches[0].emission, times, ids, columns).take(np.lexsort((ids, times)))
