"""Rounds: stretches of one interval each, in which every target is sampled once, at its own moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds that a stretch of time touches: ``count`` from number ``first`` on, of which it may cut the outer two.

    Round 0 begins at ``origin``; ``phases`` say how much later each target is sampled.
    """

    origin: int
    interval: int
    phases: Whole
    low: int
    high: int

    @property
    def first(self) -> int:
        return (self.low - self.origin) // self.interval

    @property
    def count(self) -> int:
        return (self.high - 1 - self.origin) // self.interval - self.first + 1

    def columns(self, targets: Whole, times: Whole) -> Whole:
        """Return in which of the rounds a target is first sampled at or after a time; ``count``: in none of them."""
        late = times - (self.origin + self.phases[targets])
        return np.asarray(np.minimum(-(-late // self.interval) - self.first, self.count))

    def moments(self) -> Whole:
        """Return when each target is sampled in each round: (targets, rounds)."""
        begins = self.origin + (self.first + np.arange(self.count)) * self.interval
        return np.asarray(self.phases[:, None] + begins)

    def inside(self) -> NDArray[np.bool_]:
        """Say which of these moments are within the stretch: (targets, rounds)."""
        moments = self.moments()
        return np.asarray((moments >= self.low) & (moments < self.high))


def stretches(origin: int, interval: int, phases: Whole, low: int, high: int, rounds: int) -> Iterator[Rounds]:
    """Cut a stretch of time into some of at most so many whole rounds."""
    while low < high:
        edge = min(high, origin + ((low - origin) // interval + rounds) * interval)
        yield Rounds(origin, interval, phases, low, edge)
        low = edge
