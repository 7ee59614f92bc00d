"""What correlations group by and measure: values of records as numbers that stay the same from run to run."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator_sigma.dialect import folded
from simulator_sigma.hits import Integers, Words


class Groups:
    """Numbers for combinations of values, case ignored. A combination keeps its number as long as this lives."""

    def __init__(self) -> None:
        self.keys: list[tuple[str, ...]] = []  # as they were first written
        self._numbers: dict[tuple[str, ...], int] = {}

    def numbers(self, columns: Sequence[Words], rows: int) -> Integers:
        """Return the number of each row's combination; -1 where a value is missing."""
        if not columns:
            return np.full(rows, self._number(()), np.int64)
        combined, missing = np.zeros(rows, np.int64), np.zeros(rows, bool)
        for words in columns:
            missing |= words.codes < 0
            mixed = combined * (len(words.values) + 1) + words.codes + 1
            combined = np.unique(mixed, return_inverse=True)[1].reshape(-1).astype(np.int64)
        distinct, first = np.unique(combined, return_index=True)
        numbers = np.full(len(distinct), -1, np.int64)
        for place, row in zip(distinct.tolist(), first.tolist(), strict=True):
            if not missing[row]:
                numbers[place] = self._number(tuple(words.values[words.codes[row]] for words in columns))
        return np.where(missing, -1, numbers[combined]) if rows else combined

    def _number(self, key: tuple[str, ...]) -> int:
        number = self._numbers.setdefault(tuple(folded(value) for value in key), len(self.keys))
        if number == len(self.keys):
            self.keys.append(key)
        return number


class Counted:
    """What a correlation measures: numbers for its sums, codes of distinct values for its counts."""

    def __init__(self, *, numeric: bool) -> None:
        self._numeric = numeric
        self._codes: dict[str, int] = {}

    def values(self, words: Words | None, rows: int) -> NDArray[np.float64]:
        if words is None:
            return np.full(rows, np.nan)
        return np.array([*map(self._value, words.values), math.nan])[words.codes]

    def _value(self, text: str) -> float:
        if self._numeric:
            return number(text)
        return self._codes.setdefault(folded(text), len(self._codes))


def number(text: str) -> float:
    """Read a number as JSON writes it; anything else is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value) if math.isfinite(value) else math.nan
    except OverflowError:
        return math.nan
