"""Evaluate expressions for many steps at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simulator_prometheus.promql.errors import EvaluationError
from simulator_prometheus.promql.nodes import Expression
from simulator_prometheus.promql.series import Floats, Labels, Mask, SeriesStore, Times

LOOK_BACK = 300_000  # ms that a sample is good for, if no later one or stale marker comes
INTERVAL = 60_000  # ms between the steps of a subquery that names no step


@dataclass(frozen=True, slots=True)
class Vector:
    """Series × steps. A value counts where ``present`` says so; elsewhere it is nothing in particular."""

    labels: list[Labels]
    values: Floats
    present: Mask


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value a step."""

    values: Floats


Value: TypeAlias = Vector | Scalar


def evaluate(
    expression: Expression,
    store: SeriesStore,
    times: Times,
    *,
    look_back: int = LOOK_BACK,
    interval: int = INTERVAL,
    alone: bool = False,
) -> Value:
    """Return what a range query would answer at these times (ms, ascending).

    With ``alone`` each step is a query of its own, as in a rule: ``start()`` and ``end()`` are that step.
    Raises EvaluationError, which names the steps, and PromQLError.
    """
    raise NotImplementedError


def evaluate_rule(
    expression: Expression, store: SeriesStore, times: Times, *, look_back: int = LOOK_BACK, interval: int = INTERVAL
) -> tuple[Vector, dict[int, str]]:
    """Evaluate as the rule manager does: every step alone, a scalar as one series without labels.

    The second part says of each step (ms) that failed why; nothing is present there.
    """
    values = np.zeros((0, len(times)))
    raise EvaluationError("not there yet", times) if len(times) else NotImplementedError(values)
