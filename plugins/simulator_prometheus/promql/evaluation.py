"""The value of each node of an expression, at all steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulator_prometheus.promql.aggregations import aggregated
from simulator_prometheus.promql.calls import called
from simulator_prometheus.promql.errors import EvaluationError, PromQLError, TooManyCellsError
from simulator_prometheus.promql.matching import combined
from simulator_prometheus.promql.nodes import (
    Aggregation,
    At,
    Binary,
    Call,
    Negative,
    Node,
    Number,
    RangeSelector,
    Selector,
    Subquery,
    Text,
)
from simulator_prometheus.promql.series import Floats, SeriesStore, Times, is_stale
from simulator_prometheus.promql.vectors import Scalar, Value, Vector, nameless, nothing
from simulator_prometheus.promql.windows import Windows, hide_late, samples_of, windows

MOST_CELLS = 1 << 20  # series × steps at once; more are evaluated in parts
_MOST_STEPS = 1_000_000  # of a subquery


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Steps at which nodes are evaluated, and what ``start()`` and ``end()`` are."""

    store: SeriesStore
    times: Times
    start: int
    end: int
    look_back: int
    interval: int
    most_cells: int = MOST_CELLS

    def value(self, node: Node) -> Value:
        match node:
            case Number():
                return Scalar(np.full(len(self.times), node.value))
            case Selector():
                return self.instant(node)[0]
            case Negative():
                return self._negative(node)
            case Binary():
                return combined(node, self.value(node.left), self.value(node.right), self.times)
            case Aggregation():
                return self._aggregation(node)
            case Call():
                return called(self, node)
        raise PromQLError("a range or a text is not a value by itself")

    def vector(self, node: Node) -> Vector:
        found = self.value(node)
        assert isinstance(found, Vector)
        return found

    def numbers(self, node: Node) -> Floats:
        found = self.value(node)
        assert isinstance(found, Scalar)
        return found.values

    def _ends(self, at: At, offset: int) -> Times:
        """Return the instants that selectors look at, one a step."""
        if at is None:
            return self.times - offset
        fixed = self.start if at == "start" else self.end if at == "end" else at
        return np.full(len(self.times), fixed - offset)

    def instant(self, node: Selector) -> tuple[Vector, Windows]:
        """Return the last sample within the look-back, unless it is a stale marker."""
        found = self._windows(node, self.look_back, stale=True)
        values = found.last if len(found.labels) else np.empty((0, len(self.times)))
        return Vector(found.labels, values, (found.counts > 0) & ~is_stale(values)), found

    def _windows(self, node: Selector, length: int, *, stale: bool = False) -> Windows:
        ends = self._ends(node.at, node.offset)
        samples = self.store.samples(node.matchers, int(ends.min()) - length, int(ends.max()))
        if len(samples.labels) * len(ends) > self.most_cells:
            raise TooManyCellsError
        found = windows(samples if stale else samples.without_stale(), ends, length)
        if self.store.late or self.store.delays:
            hide_late(found, self.store.late, self.store.delays, self.times)
        return found

    def ranges(self, node: Node) -> Windows:
        if isinstance(node, RangeSelector):
            return self._windows(node.selector, node.range)
        assert isinstance(node, Subquery)
        ends = self._ends(node.at, node.offset)
        inner = _grid(ends, node.range, node.step or self.interval)
        if not len(inner):
            return windows(samples_of(nothing(0), inner), ends, node.range)
        try:
            vector = replace(self, times=inner).value(node.operand)
        except EvaluationError as error:
            low, high = (error.times.searchsorted(ends - back, "right") for back in (node.range, 0))
            raise EvaluationError(str(error), self.times[high > low]) from None
        if isinstance(vector, Scalar):
            vector = Vector([()], vector.values[None, :], np.ones((1, len(inner)), bool))
        return windows(samples_of(vector, inner).without_stale(), ends, node.range)

    def _negative(self, node: Negative) -> Value:
        found = self.value(node.operand)
        if isinstance(found, Scalar):
            return Scalar(-found.values)
        return nameless(replace(found, values=-found.values), self.times)

    def _aggregation(self, node: Aggregation) -> Vector:
        parameter: Floats | str | None = None
        if isinstance(node.parameter, Text):
            parameter = node.parameter.value
        elif node.parameter is not None:
            parameter = self.numbers(node.parameter)
        if isinstance(parameter, str) and not parameter:
            raise EvaluationError('invalid label name ""', self.times)
        return aggregated(node, self.vector(node.operand), parameter, self.times)


def _grid(ends: Times, length: int, step: int) -> Times:
    """Return the multiples of the step that lie in one of the windows that end there, which ascend."""
    first, last = (int(ends[0]) - length) // step + 1, int(ends[-1]) // step
    if last - first > _MOST_STEPS:
        raise PromQLError(f"a subquery may have {_MOST_STEPS} steps, here it has {last - first}")
    grid = np.arange(first, last + 1, dtype=np.int64) * step
    following = ends[np.minimum(ends.searchsorted(grid), len(ends) - 1)]
    return grid[grid > following - length]
