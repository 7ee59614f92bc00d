"""Luck: what chance has in store for each request at each node of its tree, whatever else happens.

It follows from the request's key and the node's path alone. So the same request has the same
luck with an effect and without, and nobody's luck depends on how many others there are.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from simulator import fractions, scrambled

Bits = NDArray[np.uint64]
Floats = NDArray[np.float64]
_BINS = 4096
_PART = 2.0**-16


@cache
def _quantiles() -> Floats:
    normal = NormalDist()
    places = [0.25 / _BINS, *(number / _BINS for number in range(1, _BINS)), 1 - 0.25 / _BINS]
    return np.array([normal.inv_cdf(place) for place in places])


def bits(keys: Bits, seed: int, path: str) -> Bits:
    """Return 64 random bits for each request at a node."""
    return scrambled(keys, seed, path)


def normal(source: Bits) -> Floats:
    """Turn the highest 32 bits into a standard normal number."""
    table = _quantiles()
    bins = (source >> np.uint64(52)).astype(np.intp)
    low = table[bins]
    rest = ((source >> np.uint64(32)) & np.uint64(0xFFFFF)).astype(np.float64) * 2.0**-20
    return np.asarray(low + rest * (table[bins + 1] - low))


def share(source: Bits, part: int) -> Floats:
    """Turn 16 of the bits, those of part 0 (the lowest) to 3, into a number in [0, 1)."""
    return ((source >> np.uint64(16 * part)) & np.uint64(0xFFFF)).astype(np.float64) * _PART


def whole(source: Bits) -> Floats:
    """Turn all bits into a number in [0, 1)."""
    return fractions(source)
