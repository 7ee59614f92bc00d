"""Sightings and windows: what correlations correlate, and the stretches of time in which they find it.

A window is closed at both ends and belongs to one group. It ends at a sighting and
begins a timespan before it; only a condition with ``not`` looks forward from a
sighting, because what must not follow cannot be known at once. The meaning is that
of the correlations of pySigma's SQLite backend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator_sigma.hits import Integers, Words, all_words

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


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


def anchors(sightings: Sightings) -> tuple[Integers, Integers]:
    fresh = np.ones(len(sightings), bool)
    fresh[1:] = (np.diff(sightings.times) != 0) | (np.diff(sightings.groups) != 0)
    return sightings.times[fresh], sightings.groups[fresh]


def kept(windows: Windows, holds: NDArray[np.bool_]) -> Windows:
    """Return the windows for which something holds."""
    rows = np.flatnonzero(holds)

    def members(window: int) -> Rows:
        return windows.members(int(rows[window]))

    return Windows(windows.starts[rows], windows.ends[rows], windows.groups[rows], windows.metrics[rows], members)
