"""Evaluate expressions for many steps at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace

import numpy as np

from simulator_prometheus.promql.errors import EvaluationError, PromQLError, TooManyCellsError
from simulator_prometheus.promql.evaluation import MOST_CELLS, Evaluation
from simulator_prometheus.promql.nodes import Expression, Node, RangeSelector, Selector, Subquery
from simulator_prometheus.promql.series import SeriesStore, Times
from simulator_prometheus.promql.vectors import Scalar, Value, Vector, nothing, numbered, present_rows

__all__ = ["INTERVAL", "LOOK_BACK", "Scalar", "Value", "Vector", "evaluate", "evaluate_rule"]

LOOK_BACK = 300_000  # ms that a sample is good for, if no later one or stale marker comes
INTERVAL = 60_000  # ms between the steps of a subquery that names no step
_MOST_CELLS_OF_A_STEP = 1 << 26  # a step cannot be taken apart
_MOST_CELLS_OF_AN_ANSWER = 1 << 26


def evaluate(
    expression: Expression,
    store: SeriesStore,
    times: Times,
    *,
    look_back: int = LOOK_BACK,
    interval: int = INTERVAL,
) -> Value:
    """Return what a range query would answer at these times (ms, ascending).

    Raises EvaluationError, which names the steps, and PromQLError.
    """
    if expression.kind not in ("scalar", "vector"):
        named = "range vector" if expression.kind == "range" else expression.kind
        raise PromQLError(f'invalid expression type "{named}" for range query, must be Scalar or instant Vector')
    times = np.asarray(times, np.int64)
    if not len(times):
        return Scalar(np.empty(0)) if expression.kind == "scalar" else nothing(0)
    evaluation = Evaluation(store, times, int(times[0]), int(times[-1]), look_back, interval)
    with np.errstate(all="ignore"):
        return _in_parts(expression.root, evaluation)


def evaluate_rule(
    expression: Expression, store: SeriesStore, times: Times, *, look_back: int = LOOK_BACK, interval: int = INTERVAL
) -> tuple[Vector, dict[int, str]]:
    """Evaluate as rules are: every step is a query of its own, a scalar is one series without labels.

    The second part says of each step (ms) that failed why; nothing is present there.
    """
    times = np.asarray(times, np.int64)
    failures: dict[int, str] = {}
    if _names_bounds(expression.root):  # start() and end() are each step
        parts = [_rule_at(expression, store, times[[at]], failures, look_back, interval) for at in range(len(times))]
        return _joined(parts, [slice(at, at + 1) for at in range(len(times))], len(times)), failures
    return _rule_at(expression, store, times, failures, look_back, interval), failures


def _rule_at(
    expression: Expression, store: SeriesStore, times: Times, failures: dict[int, str], look_back: int, interval: int
) -> Vector:
    """Evaluate at those steps that do not fail."""
    good = np.arange(len(times))
    while True:
        try:
            found = evaluate(expression, store, times[good], look_back=look_back, interval=interval)
        except EvaluationError as error:
            bad = np.isin(times[good], error.times)
            assert bad.any()
            failures.update(dict.fromkeys(times[good][bad].tolist(), str(error)))
            good = good[~bad]
        else:
            break
    if isinstance(found, Scalar):
        found = Vector([()], found.values[None, :], np.ones((1, len(good)), bool))
    return found if len(good) == len(times) else _joined([found], [good], len(times))


def _in_parts(root: Node, evaluation: Evaluation) -> Value:
    """Evaluate, and if that would take too much memory, first the one half of the steps and then the other."""
    times = evaluation.times
    try:
        most = MOST_CELLS if len(times) > 1 else _MOST_CELLS_OF_A_STEP
        return _present(replace(evaluation, most_cells=most).value(root))
    except TooManyCellsError:
        if len(times) == 1:
            raise PromQLError("the expression needs too many series at once; select fewer") from None
    middle = len(times) // 2
    halves = [slice(0, middle), slice(middle, len(times))]
    parts = [_in_parts(root, replace(evaluation, times=times[half])) for half in halves]
    if isinstance(parts[0], Scalar):
        return Scalar(np.concatenate([part.values for part in parts]))
    return _joined([part for part in parts if isinstance(part, Vector)], halves, len(times))


def _present(value: Value) -> Value:
    return present_rows(value) if isinstance(value, Vector) else value


def _joined(parts: Sequence[Vector], where: Sequence[slice | np.ndarray], steps: int) -> Vector:
    """Put vectors of some steps each together, series by series."""
    numbers, labels = numbered([labels for part in parts for labels in part.labels], lambda labels: labels)
    if len(labels) * steps > _MOST_CELLS_OF_AN_ANSWER:
        raise PromQLError(f"the answer would have {len(labels)} series at {steps} steps, which is too much")
    values, present = np.zeros((len(labels), steps)), np.zeros((len(labels), steps), bool)
    done = 0
    for part, which in zip(parts, where, strict=True):
        rows = numbers[done : done + len(part.labels)]
        done += len(part.labels)
        for row, number in enumerate(rows.tolist()):
            values[number, which] = part.values[row]
            present[number, which] = part.present[row]
    return Vector(labels, values, present)


def _names_bounds(node: object) -> bool:
    """Say whether ``@ start()`` or ``@ end()`` stands somewhere in a tree."""
    if isinstance(node, Selector | Subquery) and isinstance(node.at, str):
        return True
    if isinstance(node, RangeSelector):
        return _names_bounds(node.selector)
    if isinstance(node, tuple):
        return any(_names_bounds(each) for each in node)
    return is_dataclass(node) and any(_names_bounds(getattr(node, field.name)) for field in fields(node))
