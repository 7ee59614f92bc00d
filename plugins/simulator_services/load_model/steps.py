"""The steps of the weather: short while effects are there and what they left behind may last, long in between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator import Effect

Times = NDArray[np.int64]
SECOND, MINUTE = 1_000_000_000, 60_000_000_000
MOST_LONG, MOST_SHORT = 1_500, 2_500
"""About how many steps of each length there are at most: each costs a third of a millisecond."""

_BEFORE, _AFTER = MINUTE, 15 * MINUTE


def steps_of(start: int, end: int, effects: Sequence[Effect]) -> Times:
    """Return when steps begin, and when the last one ends."""
    windows = _joined([(max(start, e.start - _BEFORE), min(end, e.end + _AFTER)) for e in effects])
    long = max(SECOND, -(-(end - start) // MOST_LONG))
    short = min(long, max(SECOND, -(-sum(high - low for low, high in windows) // MOST_SHORT)))
    edges = [np.arange(start, end, long, dtype=np.int64)]
    for low, high in windows:
        edges = [each[(each < low) | (each >= high)] for each in edges]
        edges.append(np.arange(low, high, short, dtype=np.int64))
    return np.append(np.unique(np.concatenate(edges)), end)


def _joined(windows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for low, high in sorted(windows):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        elif low < high:
            found.append((low, high))
    return found
