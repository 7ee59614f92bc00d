"""Calls of functions: from their arguments, which are nodes, to a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from simulator_prometheus.promql import functions, histograms, rates
from simulator_prometheus.promql.labels import absent, label_join, label_replace
from simulator_prometheus.promql.nodes import Call, Node, RangeSelector, Selector, Subquery, Text
from simulator_prometheus.promql.over_time import OVER_TIME, predicted, quantile
from simulator_prometheus.promql.series import Floats
from simulator_prometheus.promql.vectors import Scalar, Value, Vector, nameless, rows
from simulator_prometheus.promql.windows import Windows

if TYPE_CHECKING:
    from simulator_prometheus.promql.evaluation import Evaluation

_Function: TypeAlias = "Callable[..., Value]"
_OF_WINDOWS: dict[str, Callable[[Windows], rates.Answer]] = {
    **OVER_TIME,
    "changes": rates.changes,
    "delta": partial(rates.extrapolated, counter=False, per_second=False),
    "idelta": partial(rates.instant, per_second=False),
    "increase": partial(rates.extrapolated, counter=True, per_second=False),
    "irate": partial(rates.instant, per_second=True),
    "rate": partial(rates.extrapolated, counter=True, per_second=True),
    "resets": rates.resets,
}
_KEEP_NAMES = frozenset({"first_over_time", "last_over_time"})


def called(evaluation: Evaluation, node: Call) -> Value:
    """Return what a function gives."""
    name, arguments = node.function, node.arguments
    if any(isinstance(each, RangeSelector | Subquery) for each in arguments):
        return _of_range(evaluation, node)
    if function := functions.OF_NUMBERS.get(name):
        return _mapped(evaluation, evaluation.vector(arguments[0]), function)
    if name in functions.OF_TIMES:
        return _of_time(evaluation, node)
    return _OTHERS[name](evaluation, *arguments)


def _of_range(evaluation: Evaluation, node: Call) -> Vector:
    *others, given = sorted(node.arguments, key=lambda each: isinstance(each, RangeSelector | Subquery))
    found = evaluation.ranges(given)
    numbers = [evaluation.numbers(each) for each in others]
    if node.function == "absent_over_time":
        return absent(given, np.logical_not((found.counts > 0).any(axis=0)))
    if not found.labels:
        return Vector([], np.empty(found.low.shape), np.empty(found.low.shape, bool))
    if node.function == "quantile_over_time":
        values, present = quantile(found, numbers[0])
    elif node.function == "predict_linear":
        values, present = predicted(found, numbers[0], evaluation.times)
    else:
        values, present = _OF_WINDOWS[node.function](found)
    vector = Vector(found.labels, values, present)
    return vector if node.function in _KEEP_NAMES else nameless(vector, evaluation.times)


def _mapped(evaluation: Evaluation, vector: Vector, function: Callable[[Floats], Floats]) -> Vector:
    return nameless(replace(vector, values=function(vector.values)), evaluation.times)


def _of_time(evaluation: Evaluation, node: Call) -> Vector:
    function = functions.OF_TIMES[node.function]
    if not node.arguments:
        return _vector(function(functions.in_seconds(evaluation.times)))
    return _mapped(evaluation, evaluation.vector(node.arguments[0]), function)


def _vector(values: Floats) -> Vector:
    """Return one series without labels."""
    return Vector([()], values[None, :], np.ones((1, len(values)), bool))


def _scalar(evaluation: Evaluation, node: Node) -> Scalar:
    vector = evaluation.vector(node)
    lone = np.where(vector.present, vector.values, 0).sum(axis=0)
    return Scalar(np.where(vector.present.sum(axis=0) == 1, lone, np.nan))


def _absent(evaluation: Evaluation, node: Node) -> Vector:
    return absent(node, np.logical_not(evaluation.vector(node).present.any(axis=0)))


def _timestamp(evaluation: Evaluation, node: Node) -> Vector:
    """Return when the samples were taken; of what is no plain selector, when it was evaluated."""
    if isinstance(node, Selector):
        vector, found = evaluation.instant(node)
        if not vector.labels:
            return vector
        return nameless(replace(vector, values=found.times_of(found.high - 1) / 1000), evaluation.times)
    vector = evaluation.vector(node)
    times = np.broadcast_to(functions.in_seconds(evaluation.times), vector.values.shape)
    return nameless(replace(vector, values=times), evaluation.times)


def _round(evaluation: Evaluation, node: Node, to: Node | None = None) -> Vector:
    nearest = np.ones(len(evaluation.times)) if to is None else evaluation.numbers(to)
    return _mapped(evaluation, evaluation.vector(node), lambda values: functions.rounded(values, nearest))


def _clamp(evaluation: Evaluation, node: Node, low: Node | None, high: Node | None) -> Vector:
    lowest, highest = (
        np.full(len(evaluation.times), limit) if each is None else evaluation.numbers(each)
        for each, limit in ((low, -np.inf), (high, np.inf))
    )
    vector = evaluation.vector(node)
    vector = replace(vector, present=vector.present & ~(highest < lowest))
    return _mapped(evaluation, vector, lambda values: functions.clamped(values, lowest, highest))


def _sort(evaluation: Evaluation, node: Node, *, down: bool = False) -> Vector:
    """Bring the series of an instant in order, NaNs last; for several steps there is no order."""
    vector = evaluation.vector(node)
    if len(evaluation.times) != 1:
        return vector
    keys = -vector.values[:, 0] if down else vector.values[:, 0]
    return rows(vector, np.argsort(keys, kind="stable"))


def _of_labels(change: Callable[..., Vector], evaluation: Evaluation, node: Node, *texts: Node) -> Vector:
    written = [each.value for each in texts if isinstance(each, Text)]
    return change(evaluation.vector(node), written, evaluation.times)


def _histogram_quantile(evaluation: Evaluation, wanted: Node, node: Node) -> Vector:
    return histograms.quantile(evaluation.numbers(wanted), evaluation.vector(node), evaluation.times)


def _histogram_fraction(evaluation: Evaluation, lower: Node, upper: Node, node: Node) -> Vector:
    bounds = evaluation.numbers(lower), evaluation.numbers(upper)
    return histograms.fraction(*bounds, evaluation.vector(node), evaluation.times)


_OTHERS: dict[str, _Function] = {
    "absent": _absent,
    "clamp": _clamp,
    "clamp_max": lambda evaluation, node, high: _clamp(evaluation, node, None, high),
    "clamp_min": lambda evaluation, node, low: _clamp(evaluation, node, low, None),
    "histogram_fraction": _histogram_fraction,
    "histogram_quantile": _histogram_quantile,
    "label_join": partial(_of_labels, label_join),
    "label_replace": partial(_of_labels, label_replace),
    "pi": lambda evaluation: Scalar(np.full(len(evaluation.times), np.pi)),
    "round": _round,
    "scalar": _scalar,
    "sort": _sort,
    "sort_desc": partial(_sort, down=True),
    "time": lambda evaluation: Scalar(functions.in_seconds(evaluation.times)),
    "timestamp": _timestamp,
    "vector": lambda evaluation, node: _vector(evaluation.numbers(node)),
}
FUNCTIONS = frozenset({
    *_OF_WINDOWS, *functions.OF_NUMBERS, *functions.OF_TIMES, *_OTHERS,
    "absent_over_time", "predict_linear", "quantile_over_time",
})  # fmt: skip
