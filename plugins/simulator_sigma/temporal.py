"""Windows that hold several rules: all of them, some of them in order, or one without another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from simulator_sigma.hits import Integers
from simulator_sigma.time_windows import Places, Rows, Sightings, Windows, anchors

_NOWHERE = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Clause:
    """What an order or a boolean condition asks for: slots that must be seen, and slots that must not be.

    With ``optional``, an order binds only those that are seen at all.
    """

    seen: tuple[int, ...]
    unseen: tuple[int, ...] = ()
    optional: bool = False


def temporal_windows(
    sightings: Sightings, span: int, clauses: Sequence[Clause], slots: int, horizon: int, *, in_order: bool
) -> Windows:
    """Return the windows in which one of the clauses holds. The metric is how many of the rules are seen in it."""
    parts = [_clause_windows(sightings, span, clause, slots, horizon, in_order=in_order) for clause in clauses]
    return parts[0] if len(parts) == 1 else _merged(parts)


def orders(slots: int, required: int) -> list[Clause]:
    """Return the clauses of which one must hold when ``required`` of the rules have to be seen in their order."""
    return [Clause(chosen) for chosen in combinations(range(slots), min(required, slots))]


class _Slots:
    """The sightings of each slot on their own."""

    def __init__(self, sightings: Sightings, slots: int) -> None:
        self.rows = [np.flatnonzero(sightings.slots == slot) for slot in range(slots)]
        self.times = [sightings.times[rows] for rows in self.rows]
        self.places = [Places(sightings.groups[rows], sightings.times[rows]) for rows in self.rows]

    def seen(self, slot: int, groups: Integers, starts: Integers, ends: Integers) -> NDArray[np.bool_]:
        places = self.places[slot]
        return places.since(groups, starts) < places.after(groups, ends)

    def rows_between(self, slot: int, group: int, start: int, end: int) -> Rows:
        groups = np.array([group])
        first = self.places[slot].since(groups, np.array([start]))[0]
        return self.rows[slot][first : self.places[slot].after(groups, np.array([end]))[0]]

    def next(self, slot: int, groups: Integers, after: Integers, ends: Integers) -> tuple[Integers, NDArray[np.bool_]]:
        """Return when the slot is seen first after a time, and whether that is within the window."""
        if not len(self.rows[slot]):
            return after, np.zeros(len(groups), bool)
        places = self.places[slot]
        found = places.after(groups, after)
        there = found < places.after(groups, ends)
        return np.where(there, self.times[slot][np.minimum(found, len(self.rows[slot]) - 1)], after), there


def _clause_windows(
    sightings: Sightings, span: int, clause: Clause, slots: int, horizon: int, *, in_order: bool
) -> Windows:
    forward = bool(clause.unseen)
    around = sightings.take(np.isin(sightings.slots, clause.seen)) if forward else sightings
    anchored, groups = anchors(around)
    starts, ends = (anchored, anchored + span) if forward else (anchored - span, anchored)
    alone = _Slots(sightings, slots)
    present = [alone.seen(slot, groups, starts, ends) for slot in range(slots)]
    holds = np.ones(len(groups), bool) if not forward else ends <= horizon
    for slot in () if clause.optional else clause.seen:
        holds &= present[slot]
    for slot in clause.unseen:
        holds &= ~present[slot]
    found: list[tuple[int, Integers]] = []
    reached = starts - 1
    for slot in clause.seen if in_order else ():
        reached, there = alone.next(slot, groups, reached, ends)
        holds &= there | ~present[slot]
        found.append((slot, np.where(there, reached, _NOWHERE)))
    metrics = np.sum(np.array(present, np.float64).reshape(slots, -1), axis=0)
    chosen = np.flatnonzero(holds)
    starts, ends, groups = starts[chosen], ends[chosen], groups[chosen]
    found = [(slot, times[chosen]) for slot, times in found]

    def members(window: int) -> Rows:
        group = int(groups[window])
        if found:
            parts = [alone.rows_between(slot, group, int(at[window]), int(at[window])) for slot, at in found]
        else:
            wanted = clause.seen or range(slots)
            parts = [alone.rows_between(slot, group, int(starts[window]), int(ends[window])) for slot in wanted]
        return np.unique(np.concatenate(parts))

    return Windows(starts, ends, groups, metrics[chosen], members)


def _merged(parts: Sequence[Windows]) -> Windows:
    """Join windows of several clauses: the same stretch of time is one window, with all the evidence."""
    same: dict[tuple[int, int, int], list[tuple[Windows, int]]] = {}
    for part in parts:
        for window, place in enumerate(
            zip(part.groups.tolist(), part.ends.tolist(), part.starts.tolist(), strict=True)
        ):
            same.setdefault(place, []).append((part, window))
    places = sorted(same)
    columns = np.array(places, np.int64).reshape(-1, 3)

    def members(window: int) -> Rows:
        return np.unique(np.concatenate([part.members(number) for part, number in same[places[window]]]))

    metrics = np.array([max(part.metrics[number] for part, number in same[place]) for place in places], np.float64)
    return Windows(columns[:, 2], columns[:, 1], columns[:, 0], metrics, members)
