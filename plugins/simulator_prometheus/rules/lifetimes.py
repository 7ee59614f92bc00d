"""The life of an alert: pending, firing, over. The same answers for all steps at once, or step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from simulator_prometheus.promql.series import Floats, Labels, Mask, Times


@dataclass(frozen=True, slots=True)
class Life:
    """One life of one instance of an alert. Times are milliseconds; what did not happen is None."""

    labels: Labels
    active: int  # since when its expression was true
    fired: int | None
    ended: int | None  # the first step at which it was neither pending nor firing
    value: float  # when it fired, or first was pending
    last: int  # the last step at which its expression was true


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an expression must hold before an alert fires, and how long it fires on without. Milliseconds."""

    hold: int
    keep: int


def lives(labels: Labels, times: Times, present: Mask, values: Floats, patience: Patience) -> Iterator[Life]:
    """Yield the lives of an instance whose expression was true at the steps that ``present`` says."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]]).astype(np.int8)))
    runs = edges.reshape(-1, 2).tolist()
    index = 0
    while index < len(runs):
        begin, end = runs[index]
        due = begin + int(times[begin:end].searchsorted(times[begin] + patience.hold))
        fired = due if due < end else None
        over = end
        while fired is not None and patience.keep and end < len(times):
            over = end + int(times[end:].searchsorted(times[end] + patience.keep))
            if index + 1 == len(runs) or over < runs[index + 1][0]:
                break
            index += 1  # it was true again while it was kept firing
            over = end = runs[index][1]
        yield Life(
            labels,
            int(times[begin]),
            None if fired is None else int(times[fired]),
            int(times[over]) if over < len(times) else None,
            float(values[begin if fired is None else fired]),
            int(times[end - 1]),
        )
        index += 1


class TooManyError(Exception):
    """More alerts of a rule are active than its group's limit allows; the rule forgets them all."""


@dataclass(slots=True)
class _Active:
    active: int
    value: float
    last: int
    fired: int | None = None
    kept_since: int | None = None


@dataclass(slots=True)
class Tracker:
    """Follows the alerts of a rule step by step, as Prometheus' AlertingRule.Eval does."""

    patience: Patience
    limit: int = 0
    over: list[Life] = field(default_factory=list)
    _active: dict[Labels, _Active] = field(default_factory=dict)

    def step(self, time: int, found: Mapping[Labels, float]) -> dict[Labels, tuple[str, int]]:
        """Take what the expression gives at a step; return the state of each active alert, and since when."""
        for labels, value in found.items():
            alert = self._active.setdefault(labels, _Active(time, value, time))
            alert.last, alert.kept_since = time, None
            if alert.fired is None:
                alert.value = value
        for labels in [*self._active.keys() - found.keys()]:
            self._miss(labels, time)
        for alert in self._active.values():
            if alert.fired is None and time - alert.active >= self.patience.hold:
                alert.fired = time
        if self.limit and len(self._active) > self.limit:
            count = len(self._active)
            self.finish(time)
            raise TooManyError(f"exceeded limit of {self.limit} with {count} alerts")
        return {
            labels: ("pending" if alert.fired is None else "firing", alert.active)
            for labels, alert in self._active.items()
        }

    def finish(self, time: int | None) -> None:
        """End every life: at a time, or (None) because nobody looked on."""
        for labels in [*self._active]:
            self._end(labels, time)

    def _miss(self, labels: Labels, time: int) -> None:
        alert = self._active[labels]
        if alert.fired is not None and self.patience.keep:
            if alert.kept_since is None:
                alert.kept_since = time
            if time - alert.kept_since < self.patience.keep:
                return
        self._end(labels, time)

    def _end(self, labels: Labels, time: int | None) -> None:
        alert = self._active.pop(labels)
        self.over.append(Life(labels, alert.active, alert.fired, time, alert.value, alert.last))
