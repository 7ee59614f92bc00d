"""When rules run, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulator_prometheus.promql.errors import PromQLError
from simulator_prometheus.promql.series import Times
from simulator_prometheus.rules.lifetimes import Life
from simulator_prometheus.rules.reading import Group

_MILLISECOND = 1_000_000
_MOST_STEPS = 1_000_000


@dataclass(slots=True)
class Outcome:
    """What became of a rule: the lives of its alerts, its failures by step (ms), and how many samples it gave."""

    lives: list[Life] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    samples: int = 0

    @property
    def firings(self) -> list[Life]:
        return [life for life in self.lives if life.fired is not None]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when rules run, in nanoseconds: at the start, and on until the first step not before the end."""

    start: int
    end: int

    def steps(self, group: Group) -> Times:
        """Return the instants (ms) of a group's evaluations."""
        interval = max(1, group.interval // _MILLISECOND)
        start, end = self.start // _MILLISECOND, -(-self.end // _MILLISECOND)
        count = max(0, -(-(end - start) // interval)) + 1
        if count > _MOST_STEPS:
            raise PromQLError(
                f"group {group.name!r} would run {count:,} times; its interval is too short for such a long run"
            )
        return start + np.arange(count, dtype=np.int64) * interval
