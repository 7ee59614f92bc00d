"""Aggregations: one series of each group of series, or the first of each group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.errors import EvaluationError, TooManyCellsError
from simulator_prometheus.promql.kahan import Means, Sums
from simulator_prometheus.promql.nodes import Aggregation
from simulator_prometheus.promql.over_time import quantiles
from simulator_prometheus.promql.series import Floats, Labels, Mask, Times
from simulator_prometheus.promql.vectors import (
    METADATA,
    Vector,
    dropped,
    kept,
    nothing,
    numbered,
    present_rows,
    rows,
    with_label,
)

_INT64 = 2.0**63
_MOST_CELLS = 1 << 23  # of the series that count_values() makes


@dataclass(frozen=True, slots=True)
class Groups:
    """Which group each series is in, and what the groups are called."""

    vector: Vector
    numbers: NDArray[np.int64]
    labels: list[Labels]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.labels), self.vector.values.shape[1]

    def reduced(self, function: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        """Reduce the rows of each group to one."""
        order, starts = self._in_groups()
        return np.asarray(function.reduceat(values[order], starts, axis=0))

    def present(self) -> Mask:
        return self.reduced(np.logical_or, self.vector.present)

    def members(self) -> Iterator[NDArray[np.int64]]:
        order, starts = self._in_groups()
        yield from np.split(order, starts[1:])

    def one_by_one(self) -> Iterator[tuple[slice | NDArray[np.int64], Floats, Mask]]:
        """Give the first series of all groups, then the second, and so on: the groups, and their values."""
        order, starts = self._in_groups()
        sizes = np.diff(np.append(starts, len(order)))
        for place in range(int(sizes.max(initial=0))):
            groups = np.flatnonzero(sizes > place)
            chosen = order[starts[groups] + place]
            there: slice | NDArray[np.int64] = slice(None) if len(groups) == len(self.labels) else groups
            yield there, self.vector.values[chosen], self.vector.present[chosen]

    def _in_groups(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the series group by group, and where each group starts there; no group is empty."""
        order = np.argsort(self.numbers, kind="stable")
        return order, np.searchsorted(self.numbers[order], np.arange(len(self.labels)))


def aggregated(node: Aggregation, vector: Vector, parameter: Floats | str | None, times: Times) -> Vector:
    """Aggregate; the parameter is one number a step, or the label of count_values()."""
    vector = present_rows(vector)
    if isinstance(parameter, str):
        return _count_values(node, vector, parameter, times)
    numbers, labels = numbered(vector.labels, _key(node))
    groups = Groups(vector, numbers, labels)
    if not vector.labels:
        return nothing(len(times))
    if parameter is not None and node.operator in ("topk", "bottomk"):
        return _chosen(groups, parameter, times, largest=node.operator == "topk")
    if parameter is not None:
        return _quantile(groups, parameter)
    return Vector(labels, _REDUCED[node.operator](groups), groups.present())


def _key(node: Aggregation) -> Callable[[Labels], Labels]:
    if node.without:
        others = METADATA.union(node.labels)
        return lambda labels: dropped(labels, others)
    names = frozenset(node.labels)
    return lambda labels: kept(labels, names)


def _sum(groups: Groups) -> Floats:
    sums = Sums.zero(groups.shape)
    for which, values, there in groups.one_by_one():
        part = Sums(sums.total[which], sums.lost[which])
        part.add(values, there)
        sums.total[which], sums.lost[which] = part.total, part.lost
    return sums.taken()


def _average(groups: Groups) -> Floats:
    means = Means.zero(groups.shape)
    for which, values, there in groups.one_by_one():
        sums = Sums(means.sums.total[which], means.sums.lost[which])
        part = Means(sums, means.counts[which], means.stepwise[which])
        part.add(values, there)
        means.sums.total[which], means.sums.lost[which] = part.sums.total, part.sums.lost
        means.counts[which], means.stepwise[which] = part.counts, part.stepwise
    return means.taken()


def _variance(groups: Groups) -> Floats:
    counts, means, squares = (np.zeros(groups.shape) for _ in range(3))
    for which, values, there in groups.one_by_one():
        counts[which] += there
        distance = values - means[which]
        step = np.where(counts[which] == 1, values, means[which] + distance / np.maximum(counts[which], 1))
        means[which] = np.where(there, step, means[which])
        square = np.where(counts[which] == 1, values - values, distance * (values - step))  # NaN of what is not finite
        squares[which] += np.where(there, square, 0)
    return squares / np.maximum(counts, 1)


def _extreme(groups: Groups, function: np.ufunc) -> Floats:
    return groups.reduced(function, np.where(groups.vector.present, groups.vector.values, np.nan))


_REDUCED: dict[str, Callable[[Groups], Floats]] = {
    "avg": _average,
    "count": lambda groups: groups.reduced(np.add, groups.vector.present.astype(np.float64)),
    "group": lambda groups: np.ones(groups.shape),
    "max": lambda groups: _extreme(groups, np.fmax),
    "min": lambda groups: _extreme(groups, np.fmin),
    "stddev": lambda groups: np.sqrt(_variance(groups)),
    "stdvar": _variance,
    "sum": _sum,
}


def _quantile(groups: Groups, wanted: Floats) -> Vector:
    values = np.empty(groups.shape)
    for number, members in enumerate(groups.members()):
        values[number] = quantiles(groups.vector.values[members].T, groups.vector.present[members].T, wanted)
    return Vector(groups.labels, values, groups.present())


def _chosen(groups: Groups, parameter: Floats, times: Times, *, largest: bool) -> Vector:
    """topk() and bottomk(): NaNs come last, of equal ones the series that came first is taken."""
    if (parameter < 1).all():
        return nothing(len(times))
    for wrong, said in (
        (np.isnan(parameter), "Parameter value is NaN"),
        (parameter <= -_INT64, "Scalar value {} underflows int64"),
        (parameter >= _INT64, "Scalar value {} overflows int64"),
    ):
        if wrong.any():
            value = float(parameter[wrong][0])
            infinite = "+Inf" if value > 0 else "-Inf"
            raise EvaluationError(said.format(infinite if np.isinf(value) else value), times[wrong])
    vector = groups.vector
    present = np.zeros(vector.present.shape, bool)
    many = np.trunc(parameter)
    for members in groups.members():
        there = vector.present[members]
        sign = -1.0 if largest else 1.0
        keys = sign * np.where(there, vector.values[members], np.nan)
        order = np.lexsort((np.broadcast_to(np.arange(len(members))[:, None], keys.shape), keys, ~there), axis=0)
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.broadcast_to(np.arange(len(members))[:, None], keys.shape), axis=0)
        present[members] = there & (place < many)
    found = Vector(vector.labels, vector.values, present)
    if len(times) == 1:  # an instant: in their order
        column = vector.values[:, 0]
        ordered = sorted(range(len(column)), key=lambda row: _rank(float(column[row]), largest=largest))
        found = rows(found, [row for row in ordered if present[row, 0]])
    return present_rows(found)


def _rank(value: float, *, largest: bool) -> tuple[bool, float]:
    return (True, 0.0) if np.isnan(value) else (False, -value if largest else value)


def _count_values(node: Aggregation, vector: Vector, label: str, times: Times) -> Vector:
    """Count how many series of a group have each value; the value is a label of the result."""
    found = _by_value(vector, label, times)
    inner = Aggregation("sum", node.operand, None, node.labels, node.without)
    if not node.without:
        inner = Aggregation("sum", node.operand, None, (*node.labels, label), without=False)
    numbers, labels = numbered(found.labels, _key(inner))
    groups = Groups(found, numbers, labels)
    if not labels:
        return nothing(len(times))
    return Vector(labels, _sum(groups), groups.present())


def _by_value(vector: Vector, label: str, times: Times) -> Vector:
    """Split each series into one a value, 1 where it has that value."""
    labels: list[Labels] = []
    present: list[Mask] = []
    for each, values, there in zip(vector.labels, vector.values, vector.present, strict=True):
        for value in np.unique(values[there]):
            labels.append(with_label(each, label, _digits(float(value))))
            present.append(there & ((values == value) | (np.isnan(value) & np.isnan(values))))
        if len(labels) > 1 and len(labels) * len(times) > _MOST_CELLS:
            raise TooManyCellsError
    if not labels:
        return nothing(len(times))
    masks = np.array(present)
    return Vector(labels, masks.astype(np.float64), masks)


def _digits(value: float) -> str:
    """Write a number as Go does with 'f' and -1: no exponent, as many digits as it takes."""
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return np.format_float_positional(value, trim="-")
