"""Weighted choices among many, in constant time for each draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Weights:
    """Walker's alias method (Vose 1991): exact, one number and one comparison a draw."""

    keep: NDArray[np.float64]
    alias: NDArray[np.intp]
    summed: NDArray[np.float64]

    @classmethod
    def of(cls, weights: Sequence[float]) -> Weights:
        shares = np.array(weights, np.float64)
        shares /= shares.sum()
        scaled = shares * len(shares)
        keep, alias = np.ones(len(shares)), np.arange(len(shares))
        small = [place for place, share in enumerate(scaled) if share < 1.0]
        large = [place for place, share in enumerate(scaled) if share >= 1.0]
        while small and large:
            low, high = small.pop(), large[-1]
            keep[low], alias[low] = scaled[low], high
            scaled[high] -= 1.0 - scaled[low]
            if scaled[high] < 1.0:
                small.append(large.pop())
        return cls(keep, alias, np.cumsum(shares))

    @classmethod
    def zipf(cls, count: int, exponent: float) -> Weights:
        return cls.of(np.arange(1, count + 1, dtype=np.float64) ** -exponent)  # type: ignore[arg-type]

    def sample(self, random: np.random.Generator, rows: int) -> NDArray[np.intp]:
        """Draw places 0 … n - 1."""
        if len(self.keep) == 1:
            return np.zeros(rows, np.intp)
        drawn = random.random(rows) * len(self.keep)
        places = drawn.astype(np.intp)
        return np.where(drawn - places < self.keep[places], places, self.alias[places])

    def at(self, luck: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the place for each number in [0, 1): always the same for the same number."""
        return np.minimum(np.searchsorted(self.summed, luck, side="right"), len(self.keep) - 1)
