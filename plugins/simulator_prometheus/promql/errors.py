"""What is wrong with an expression, or with the data it meets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator import UsageError


class PromQLError(UsageError):
    """An expression that Prometheus would refuse, or that Feint does not evaluate."""


class NotEvaluatedError(PromQLError):
    """An expression that Prometheus takes, and that Feint does not evaluate."""


class EvaluationError(PromQLError):
    """Data that an expression cannot be evaluated on, as in a match of many to many.

    ``times`` are those of the evaluation (ms) that it happened at; the others may be all right.
    """

    def __init__(self, message: str, times: NDArray[np.int64]) -> None:
        super().__init__(message)
        self.times = times


class TooManyCellsError(Exception):
    """There are too many series for so many steps: evaluate fewer at once."""
