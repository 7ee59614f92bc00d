"""Growing a root emission cell by cell: its arrivals, their fields, and everything that follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from simulator.chance import Streams
from simulator.errors import UsageError
from simulator.events.batch import Batch
from simulator.events.columns import Column, Index
from simulator.events.ids import MOST_CELLS, event_ids
from simulator.timeline.arrivals import Arrived, Cell, Every
from simulator.timeline.emission import Emission, Plan
from simulator.timeline.field_generators import Counter, Fill, Generator
from simulator.timeline.field_scope import Draw, Scope, Vocabularies
from simulator.timeline.followups import Followers, followers, reach
from simulator.timeline.weights import Weights

_NOBODY: Mapping[str, Column] = {}


@dataclass(frozen=True, slots=True)
class _Grown:
    """Events of one emission in one cell, before responses cut any: so that a response moves no chance."""

    times: NDArray[np.int64]
    columns: dict[str, Column]
    alive: NDArray[np.bool_]


class _Filler:
    """Fills the fields of one emission's events."""

    def __init__(self, plan: Plan, emission: Emission, vocabularies: Vocabularies) -> None:
        self.emission = emission
        self.streams = Streams(plan.seed, emission.path, 0)
        self.fills: dict[str, Fill] = {}
        for name, generator in _needed_first(emission).items():
            scope = Scope(plan.world, emission.event, emission.event.by_name[name], self.streams, vocabularies)
            self.fills[name] = generator.prepared(scope)
        self.variants = Weights.of([variant.weight for variant in emission.variants]) if emission.variants else None
        self.before = 0  # events of earlier cells: cells are grown in order

    def fill(
        self, cell: int, members: Index, parents: Mapping[str, Column], found: Followers | None
    ) -> dict[str, Column]:
        rows = len(members)
        streams = Streams(self.streams.seed, self.streams.path, cell)
        none = np.zeros(rows, np.intp)
        variants = self.variants.sample(streams("variant"), rows) if self.variants else none
        columns: dict[str, Column] = {}
        draw = Draw(
            rows=rows,
            streams=streams,
            columns=columns,
            before=self.before,
            members=members,
            variants=variants,
            parents=parents,
            parent_rows=found.parents if found else none,
            ordinals=found.ordinals if found else none,
        )
        for name, fill in self.fills.items():
            columns[name] = fill(draw)
        self.before += rows
        return {name: columns[name] for name in self.emission.fields}


class Grower:
    """Grows one root emission and its follow-ups, cell by cell, in the order of time."""

    def __init__(self, plan: Plan, root: Emission, numbers: Mapping[str, int], vocabularies: Vocabularies) -> None:
        assert root.arrivals is not None
        self.plan, self.root, self.numbers = plan, root, numbers
        self._fillers = {each.path: _Filler(plan, each, vocabularies) for each in root.family()}
        self._members = len(root.members[1]) if root.members else 1
        self.expected = root.arrivals.expected(root.span, self._members) * _family_size(root)
        self._cells = self._all_cells()
        self._next = next(self._cells, None)

    def skip_to(self, time: int) -> None:
        """Leave out the cells from which nothing reaches a time; where something is counted, grow and drop them."""
        assert self.root.arrivals is not None
        late = self.root.arrivals.jitter if isinstance(self.root.arrivals, Every) else 0
        reached = reach(self.root) + late
        counts = any(isinstance(each, Counter) for emission in self.root.family() for each in emission.fields.values())
        while self._next is not None and self._next.end + reached <= time:
            if counts:
                for _ in self._grown(self._next):
                    pass
            self._next = next(self._cells, None)

    def grown_before(self, end: int) -> Iterator[Batch]:
        """Grow every cell that starts before a time and was not grown yet."""
        while self._next is not None and self._next.start < end:
            yield from self._grown(self._next)
            self._next = next(self._cells, None)

    def _all_cells(self) -> Iterator[Cell]:
        assert self.root.arrivals is not None
        start, end = self.root.span
        if end <= start:
            return
        length = max(1, min(end - start, self.root.arrivals.cell_length(self.root.span, self._members)))
        length = max(length, ceil((end - start) / (MOST_CELLS - 1)))
        for number, low in enumerate(range(start, end, length)):
            yield Cell(number, low, min(low + length, end))

    def _grown(self, cell: Cell) -> Iterator[Batch]:
        assert self.root.arrivals is not None
        streams = Streams(self.plan.seed, self.root.path, cell.number)
        arrived: Arrived = self.root.arrivals.times(self.root.span, cell, self._members, streams)
        if len(arrived.times):
            columns = self._fillers[self.root.path].fill(cell.number, arrived.members, _NOBODY, None)
            alive = np.ones(len(arrived.times), np.bool_)
            yield from self._with_followers(cell.number, self.root, _Grown(arrived.times, columns, alive))

    def _with_followers(self, cell: int, emission: Emission, grown: _Grown) -> Iterator[Batch]:
        alive = grown.alive if emission.cut is None else grown.alive & (grown.times < emission.cut)
        grown = _Grown(grown.times, grown.columns, alive)
        yield self._batch(cell, emission, grown)
        for child in emission.children:
            streams = Streams(self.plan.seed, child.path, cell)
            found = followers(child, grown.times, grown.columns, streams)
            if len(found.times):
                members = np.zeros(len(found.times), np.intp)
                columns = self._fillers[child.path].fill(cell, members, grown.columns, found)
                yield from self._with_followers(cell, child, _Grown(found.times, columns, alive[found.parents]))

    def _batch(self, cell: int, emission: Emission, grown: _Grown) -> Batch:
        number = self.numbers[emission.path]
        batch = Batch(number, grown.times, event_ids(number, cell, len(grown.times)), grown.columns)
        return batch if grown.alive.all() else batch.take(np.flatnonzero(grown.alive))


def _needed_first(emission: Emission) -> dict[str, Generator]:
    """Return the fields' generators, each after those that it needs."""
    left = dict(emission.fields)
    ordered: dict[str, Generator] = {}
    while left:
        ready = [name for name, generator in left.items() if not any(need in left for need in generator.needs)]
        if not ready:
            raise UsageError(
                f"{emission.path}: the fields {', '.join(left)} need each other in a circle; give one a value"
            )
        ordered |= {name: left.pop(name) for name in ready}
    return ordered


def _family_size(emission: Emission) -> float:
    """Return about how many events come of one event of an emission, itself included."""
    size = 1.0
    for child in emission.children:
        assert child.follow is not None
        each = child.follow.probability * (child.follow.repeat.count.mean if child.follow.repeat else 1.0)
        if child.follow.excite:
            each /= max(0.05, 1.0 - child.follow.excite.branching)
        size += each * _family_size(child)
    return size
