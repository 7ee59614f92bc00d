"""How a scorecard's measures are written as JSON values: stamps in ISO 8601, durations in seconds."""

from __future__ import annotations

from math import isfinite
from typing import Any

from simulator.quantities import iso
from simulator.scoring.scorecard import Delay, Proportion, Rate


def delay(of: Delay) -> dict[str, Any]:
    return {
        "median": rounded(of.median, 3),
        "p90": rounded(of.p90, 3),
        "low": rounded(of.low, 3),
        "high": rounded(of.high, 3),
        "episodes": of.episodes,
    }


def proportion(share: Proportion) -> dict[str, Any]:
    return {
        "count": share.count,
        "of": share.of,
        "value": rounded(share.value, 4),
        "low": rounded(share.low, 4),
        "high": rounded(share.high, 4),
        "status": "unmeasured" if share.value is None else "measured",
    }


def rate(of: Rate) -> dict[str, Any]:
    return {
        "count": of.count,
        "days": rounded(of.days, 6),
        "per_day": significant(of.per_day),
        "low": significant(of.low),
        "high": significant(of.high),
        "status": "unmeasured" if of.per_day is None else "measured",
    }


def stamp(at: int | None) -> str | None:
    return None if at is None else iso(at)


def rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not isfinite(value) else round(float(value), digits)


def significant(value: float | None) -> float | None:
    """Keep four digits: rates run from one a year to thousands a day."""
    return None if value is None else float(f"{value:.4g}")
