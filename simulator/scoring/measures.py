"""Turns counts and times into measures that say how much they are worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isinf

from simulator.quantities import SECOND
from simulator.scoring.bootstrap import NEVER, median_interval, quantile
from simulator.scoring.intervals import garwood, wilson
from simulator.scoring.scorecard import Delay, Proportion, Rate, Stamps, Times

ENOUGH = 10  # of fewer, a share or a percentile says more about luck than about the rule
ENOUGH_DAYS = 1.0  # a quiet hour does not make a rule free of false alarms


def proportion(count: int, of: int) -> Proportion:
    """Return ``count`` of ``of``, with a value only when there were enough."""
    if of == 0:
        return Proportion(count, of, None, None, None)
    low, high = wilson(count, of)
    return Proportion(count, of, count / of if of >= ENOUGH else None, low, high)


def rate(count: int, days: float) -> Rate:
    """Return a rate per day. Silence over less than a day has an upper bound, but no value."""
    if days <= 0:
        return Rate(count, 0.0, None, None, None)
    low, high = garwood(count)
    measured = count > 0 or days >= ENOUGH_DAYS
    return Rate(count, days, count / days if measured else None, low / days, high / days)


def delay(seconds: Sequence[float]) -> Delay:
    """Return the median of one duration per episode; ``NEVER`` stands for an episode that was missed."""
    if not seconds:
        return Delay(None, None, None, None, 0)
    low, high = median_interval(seconds)
    p90 = quantile(seconds, 0.9) if len(seconds) >= ENOUGH else None
    return Delay(quantile(seconds, 0.5), p90, low, high, sum(not isinf(each) for each in seconds))


def times(stamps: Iterable[Stamps]) -> Times:
    """Split the time from onset to page by whose delay it was."""
    stamps = tuple(stamps)
    return Times(
        stamps,
        data=delay([_between(each.onset, each.evidence) for each in stamps if each.evidence is not None]),
        rule=delay([_between(each.evidence, each.alert) for each in stamps if each.evidence is not None]),
        notify=delay([_between(each.alert, each.page) for each in stamps if each.alert is not None]),
        to_alert=delay([_between(each.onset, each.alert) for each in stamps]),
    )


def _between(earlier: int | None, later: int | None) -> float:
    return NEVER if earlier is None or later is None else (later - earlier) / SECOND
