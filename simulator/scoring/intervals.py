"""Exact intervals for counts: Wilson's for proportions, Garwood's for rates.

Written out here because they are short, and because scipy would be the heaviest
dependency of the project for the sake of two quantiles.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, fsum, lgamma, log, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


def wilson(count: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval that a proportion of ``count`` in ``of`` (at least one) lies in."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = count / of
    center = share + z * z / (2 * of)
    reach = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    # at the ends the two terms cancel exactly on paper, not in floating point
    low = 0.0 if count == 0 else max(0.0, (center - reach) / scale)
    high = 1.0 if count == of else min(1.0, (center + reach) / scale)
    return low, high


def garwood(count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the interval of a Poisson mean after ``count`` events were seen."""
    tail = (1 - confidence) / 2
    return _lower(count, tail), _upper(count, tail)


def poisson_upper(count: int, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided upper bound of a Poisson mean: what a budget is held against."""
    return _upper(count, 1 - confidence)


@lru_cache(maxsize=4096)
def _lower(count: int, tail: float) -> float:
    """Find the mean at which as many or more happen with probability ``tail``."""
    if count == 0:
        return 0.0
    low, high = 0.0, float(count)
    for _ in range(_halvings(high)):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_least(count, middle) < tail else (low, middle)
    return (low + high) / 2


@lru_cache(maxsize=4096)
def _upper(count: int, tail: float) -> float:
    """Find the mean at which as few or fewer happen with probability ``tail``."""
    low, high = float(count), count + 12 * sqrt(count + 1) + 40
    for _ in range(_halvings(high)):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(count, middle) > tail else (low, middle)
    return (low + high) / 2


def _halvings(width: float) -> int:
    """Say how often ``width`` is halved until less than 1e-12 of it is in doubt."""
    return 44 + int(width).bit_length()


def _at_most(count: int, mean: float) -> float:
    """Return the Poisson probability of up to ``count``, for a mean above it: terms fall from ``count`` down."""
    terms = [_exactly(count, mean)]
    for number in range(count, 0, -1):
        terms.append(terms[-1] * number / mean)
        if terms[-1] < terms[0] * 1e-18:
            break
    return fsum(terms)


def _at_least(count: int, mean: float) -> float:
    """Return the Poisson probability of ``count`` or more, for a mean below it: terms fall from ``count`` up."""
    terms = [_exactly(count, mean)]
    number = count
    while terms[-1] > terms[0] * 1e-18:
        number += 1
        terms.append(terms[-1] * mean / number)
    return fsum(terms)


def _exactly(count: int, mean: float) -> float:
    return exp(count * log(mean) - mean - lgamma(count + 1)) if mean > 0 else float(count == 0)
