"""Sums as Prometheus makes them: Neumaier's, which carries along what rounding loses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator_prometheus.promql.series import Floats, Mask


@dataclass(slots=True)
class Sums:
    """Many sums at once, each with what it lost so far."""

    total: Floats
    lost: Floats

    @classmethod
    def zero(cls, shape: tuple[int, ...]) -> Sums:
        return cls(np.zeros(shape), np.zeros(shape))

    def add(self, given: Floats, where: Mask) -> None:
        """Add one number to each sum that the mask names."""
        total = self.total + given
        larger = np.abs(self.total) >= np.abs(given)
        lost = self.lost + np.where(larger, (self.total - total) + given, (given - total) + self.total)
        lost[np.isinf(total)] = 0
        np.copyto(self.total, total, where=where)
        np.copyto(self.lost, lost, where=where)

    def taken(self) -> Floats:
        return np.where(np.isinf(self.total), self.total, self.total + self.lost)


@dataclass(slots=True)
class Means:
    """Many means at once. Where a sum would pass the largest float, it goes on with the mean itself."""

    sums: Sums
    counts: Floats
    stepwise: Mask  # here ``sums`` holds the mean

    @classmethod
    def zero(cls, shape: tuple[int, ...]) -> Means:
        return cls(Sums.zero(shape), np.zeros(shape), np.zeros(shape, bool))

    def add(self, given: Floats, where: Mask) -> None:
        first = where & (self.counts == 0)
        np.copyto(self.sums.total, given, where=first)
        self.counts += where
        rest = where & ~first
        passes = rest & ~self.stepwise & np.isinf(self.sums.total + given)
        before = np.maximum(self.counts - 1, 1)
        for part in (self.sums.total, self.sums.lost):
            np.copyto(part, part / before, where=passes)
        self.stepwise |= passes
        shrunk = rest & self.stepwise
        if shrunk.any():
            share = (self.counts - 1) / np.maximum(self.counts, 1)
            for part in (self.sums.total, self.sums.lost):
                np.copyto(part, part * share, where=shrunk)
            given = np.where(shrunk, given / np.maximum(self.counts, 1), given)
        self.sums.add(given, rest)

    def taken(self) -> Floats:
        counts = np.maximum(self.counts, 1)
        whole = self.sums.total + self.sums.lost
        return np.where(self.stepwise, whole, self.sums.total / counts + self.sums.lost / counts)
