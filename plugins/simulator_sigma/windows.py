"""Sliding windows: where in time a correlation's condition holds.

A window is closed at both ends and belongs to one group. It ends at a sighting and
begins a timespan before it; only a condition with ``not`` looks forward from a
sighting, because what must not follow cannot be known at once. The meaning is that
of the correlations of pySigma's SQLite backend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator_sigma.hits import Words, all_words

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
_NOWHERE = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Sightings:
    """What a correlation correlates, ordered by group and time.

    ``events`` says which are one and the same event seen in several ways. ``slots`` is
    the place of the rule that saw it. ``values`` holds what is counted or summed up (codes,
    for a count), NaN where there is nothing. ``fields`` is carried along for correlations above.
    """

    events: Integers
    slots: Integers
    times: Integers
    arrived: Integers
    groups: Integers
    values: Floats
    fields: Mapping[str, Words]

    def __len__(self) -> int:
        return len(self.events)

    def take(self, rows: NDArray[Any]) -> Sightings:
        return Sightings(
            self.events[rows], self.slots[rows], self.times[rows],
            self.arrived[rows], self.groups[rows], self.values[rows],
            {name: words.take(rows) for name, words in self.fields.items()},
        )  # fmt: skip


class Visible:
    """Sightings from which those of a time that had arrived by a time are taken, again and again."""

    def __init__(self, everything: Sightings) -> None:
        self.everything = everything
        self._order = np.argsort(everything.times, kind="stable")
        self._times = everything.times[self._order]
        arrived = everything.arrived[self._order]
        self._earliest = np.minimum.accumulate(arrived[::-1])[::-1]  # arrival of anything from here on

    def between(self, after: int, arrived: int) -> Sightings:
        """Return what happened after a time and had arrived by another."""
        first = np.searchsorted(self._times, after, side="right")
        last = np.searchsorted(self._earliest, arrived, side="right")
        if first == 0 and last == len(self.everything) and (self.everything.arrived <= arrived).all():
            return self.everything
        rows = self._order[first:last]
        return self.everything.take(np.sort(rows[self.everything.arrived[rows] <= arrived]))


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows in which the condition holds; ``members`` gives the rows of the sightings that are its evidence."""

    starts: Integers
    ends: Integers
    groups: Integers
    metrics: Floats
    members: Callable[[int], Rows]

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True, slots=True)
class Clause:
    """What an order or a boolean condition asks for: slots that must be seen, and slots that must not be.

    With ``optional``, an order binds only those that are seen at all.
    """

    seen: tuple[int, ...]
    unseen: tuple[int, ...] = ()
    optional: bool = False


class Places:
    """Finds rows by group and time among sightings that are ordered by them."""

    def __init__(self, groups: Integers, times: Integers) -> None:
        self._moments = np.unique(times)
        self._width = len(self._moments) + 1
        self._keys = groups * self._width + np.searchsorted(self._moments, times)

    def since(self, groups: Integers, times: Integers) -> Rows:
        """Return the first row of each group that is at or after a time."""
        return np.searchsorted(self._keys, groups * self._width + np.searchsorted(self._moments, times))

    def after(self, groups: Integers, times: Integers) -> Rows:
        """Return the first row of each group that is after a time (or the row after the group's last)."""
        later = np.searchsorted(self._moments, times, side="right")
        return np.searchsorted(self._keys, groups * self._width + later)


def together(parts: Sequence[Sightings]) -> Sightings:
    """Join sightings of several rules, in order."""
    names = dict.fromkeys(name for part in parts for name in part.fields)
    joined = Sightings(
        np.concatenate([part.events for part in parts]),
        np.concatenate([part.slots for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.arrived for part in parts]),
        np.concatenate([part.groups for part in parts]),
        np.concatenate([part.values for part in parts]),
        {name: all_words([(part.fields.get(name), len(part)) for part in parts]) for name in names},
    )
    return joined.take(np.lexsort((joined.events, joined.times, joined.groups)))


def measured_windows(kind: str, sightings: Sightings, span: int, percentile: float | None) -> Windows:
    """Return the window that ends at each sighting, with what ``kind`` measures in it."""
    ends, groups = _anchors(sightings)
    starts = ends - span
    counted = _counted(kind, sightings)
    places = Places(counted.groups, counted.times)
    first, last = places.since(groups, starts), places.after(groups, ends)
    everything = Places(sightings.groups, sightings.times)
    opens, closes = everything.since(groups, starts), everything.after(groups, ends)
    numeric = kind not in {"event_count", "value_count"}

    def members(window: int) -> Rows:
        rows = np.arange(opens[window], closes[window])
        return rows[~np.isnan(sightings.values[rows])] if numeric else rows

    return Windows(starts, ends, groups, _metrics(kind, counted, first, last, percentile), members)


def _anchors(sightings: Sightings) -> tuple[Integers, Integers]:
    fresh = np.ones(len(sightings), bool)
    fresh[1:] = (np.diff(sightings.times) != 0) | (np.diff(sightings.groups) != 0)
    return sightings.times[fresh], sightings.groups[fresh]


def _counted(kind: str, sightings: Sightings) -> Sightings:
    """Leave each event once, or each value of an event once; what has no value does not count as one."""
    if kind != "event_count":
        sightings = sightings.take(~np.isnan(sightings.values))
    values = np.zeros(len(sightings)) if kind == "event_count" else sightings.values
    order = np.lexsort((values, sightings.events, sightings.times, sightings.groups))
    sightings, values = sightings.take(order), values[order]
    fresh = np.ones(len(sightings), bool)
    same = (np.diff(sightings.groups) == 0) & (np.diff(sightings.times) == 0) & (np.diff(sightings.events) == 0)
    fresh[1:] = ~(same & (np.diff(values) == 0))
    return sightings.take(fresh)


def _metrics(kind: str, counted: Sightings, first: Rows, last: Rows, percentile: float | None) -> Floats:
    sizes = (last - first).astype(np.float64)
    if kind == "event_count":
        return sizes
    if kind == "value_count":
        return sizes - _repeats(counted, first, last)
    metrics = np.full(len(first), np.nan)
    some = sizes > 0
    if kind in {"value_sum", "value_avg"}:
        sums = np.concatenate([[0.0], np.cumsum(counted.values)])
        metrics[some] = (sums[last] - sums[first])[some]
        return metrics / np.where(some, sizes, 1) if kind == "value_avg" else metrics
    assert percentile is not None
    for window in np.flatnonzero(some):
        metrics[window] = _percentile(counted.values[first[window] : last[window]], percentile)
    return metrics


def _repeats(counted: Sightings, first: Rows, last: Rows) -> Floats:
    """Count, for each window, the values that stood in it before: windows move forward only, so in one pass."""
    order = np.lexsort((np.arange(len(counted)), counted.values, counted.groups))
    again = np.diff(counted.groups[order]) == 0
    again &= np.diff(counted.values[order]) == 0
    earlier, later = order[:-1][again], order[1:][again]
    opens = np.searchsorted(last, later, side="right")  # the first window that holds the later one
    closes = np.searchsorted(first, earlier, side="right")  # the first that has left the earlier one behind
    both = opens < closes
    change = np.zeros(len(first) + 1)
    np.add.at(change, opens[both], 1)
    np.add.at(change, closes[both], -1)
    return np.cumsum(change)[:-1]


def _percentile(values: Floats, percentile: float) -> float:
    """Interpolate between the two nearest ranks."""
    ranked = np.sort(values)
    position = (len(ranked) - 1) * percentile / 100
    below = int(position)
    above = min(below + 1, len(ranked) - 1)
    return float(ranked[below] * (1 - (position - below)) + ranked[above] * (position - below))


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
    anchors = sightings.take(np.isin(sightings.slots, clause.seen)) if forward else sightings
    anchored, groups = _anchors(anchors)
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


def kept(windows: Windows, holds: NDArray[np.bool_]) -> Windows:
    """Return the windows for which something holds."""
    rows = np.flatnonzero(holds)

    def members(window: int) -> Rows:
        return windows.members(int(rows[window]))

    return Windows(windows.starts[rows], windows.ends[rows], windows.groups[rows], windows.metrics[rows], members)
