"""How far apart, how long, how many: distributions of non-negative amounts.

Amounts are whole numbers: nanoseconds where a playbook writes ``5s``, plain
numbers where it writes ``5``. Each has a most, so that no event falls out of
the memory of the windows: see :mod:`simulator.timeline.engine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.quantities import Amount

_Z99 = 2.3263478740408408  # the standard normal's 99th percentile
_TAIL = 20.0  # without ``max``, a tail ends at this multiple of its 99th percentile


class Distribution(Protocol):
    """Something amounts are drawn from."""

    def sample(self, random: np.random.Generator, count: int) -> NDArray[np.int64]: ...

    @property
    def mean(self) -> float:
        """About what an amount is on average: for sizing cells and estimates, not for drawing."""

    @property
    def most(self) -> float:
        """The largest amount that can be drawn."""


@dataclass(frozen=True, slots=True)
class Constant:
    """Always the same amount."""

    value: Amount

    def sample(self, random: np.random.Generator, count: int) -> NDArray[np.int64]:
        return np.full(count, int(self.value), np.int64)

    @property
    def mean(self) -> float:
        return self.value

    @property
    def most(self) -> float:
        return self.value


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any amount from ``min`` to ``max`` (both included), all alike."""

    min: Amount
    max: Amount

    def sample(self, random: np.random.Generator, count: int) -> NDArray[np.int64]:
        return random.integers(int(self.min), int(self.max), count, endpoint=True)

    @property
    def mean(self) -> float:
        return (self.min + self.max) / 2

    @property
    def most(self) -> float:
        return self.max


@dataclass(frozen=True, slots=True)
class Exponential:
    """Memoryless, by its mean."""

    mean: Amount
    max: Amount | None = None

    def sample(self, random: np.random.Generator, count: int) -> NDArray[np.int64]:
        return np.minimum(random.exponential(self.mean, count), self.most).astype(np.int64)

    @property
    def most(self) -> float:
        return self.max if self.max is not None else self.mean * _TAIL


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Log-normal, by its median and 99th percentile: how latencies and think times really look."""

    p50: Amount
    p99: Amount
    min: Amount = Amount(0)
    max: Amount | None = None

    def sample(self, random: np.random.Generator, count: int) -> NDArray[np.int64]:
        drawn = self.p50 * np.exp(random.standard_normal(count) * self._sigma)
        return np.clip(drawn, self.min, self.most).astype(np.int64)

    @property
    def most(self) -> float:
        return self.max if self.max is not None else self.p99 * _TAIL

    @property
    def _sigma(self) -> float:
        return log(max(self.p99, self.p50) / self.p50) / _Z99 if self.p50 > 0 else 0.0

    @property
    def mean(self) -> float:
        return float(self.p50 * np.exp(self._sigma**2 / 2))


@dataclass(frozen=True, slots=True)
class Pareto:
    """Heavy-tailed: at least ``min``, with tail index ``alpha``; ``max`` is needed, for the tail has no end."""

    alpha: float
    min: Amount
    max: Amount

    def sample(self, random: np.random.Generator, count: int) -> NDArray[np.int64]:
        drawn = self.min * (1.0 - random.random(count)) ** (-1.0 / self.alpha)
        return np.minimum(drawn, self.max).astype(np.int64)

    @property
    def mean(self) -> float:
        bounded = self.min * self.alpha / (self.alpha - 1) if self.alpha > 1 else self.max / 2
        return min(bounded, self.max)

    @property
    def most(self) -> float:
        return self.max


DISTRIBUTIONS: dict[str, type[Distribution]] = {
    "constant": Constant,
    "uniform": Uniform,
    "exponential": Exponential,
    "lognormal": LogNormal,
    "pareto": Pareto,
}
