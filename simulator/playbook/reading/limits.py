"""What the dataclasses of the timeline can be filled with: bounds of single fields, and fields that must agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from simulator.playbook.reading.words import Range
from simulator.timeline import arrivals, distributions
from simulator.timeline import field_generators as generators

_POSITIVE, _NOT_NEGATIVE = Range(above=0), Range(min=0)

LIMITS: Mapping[tuple[type, str], Range] = {
    (arrivals.Every, "period"): _POSITIVE,
    (arrivals.Profile, "noise"): Range(min=0, max=3),
    (arrivals.Burst, "count"): Range(min=0, max=1_000_000_000),
    (distributions.Exponential, "mean"): _POSITIVE,
    (distributions.LogNormal, "p50"): _POSITIVE,
    (distributions.Pareto, "alpha"): _POSITIVE,
    (distributions.Pareto, "min"): _POSITIVE,
    (generators.Zipf, "exponent"): Range(min=0, max=10),
    (generators.Pick, "exponent"): Range(min=0, max=10),
    (generators.Hash, "bits"): Range(min=1, max=62),
}
"""Lengths of time, rates and shares cannot be written out of their bounds, and need none."""


def disagreement(made: object) -> str | None:
    """Say what of an arrival process, a distribution or a generator does not fit the rest of it."""
    check = _CHECKS.get(type(made))
    return check(made) if check else None


def _ordered(low: str, high: str) -> Callable[[Any], str | None]:
    def check(made: Any) -> str | None:
        first, last = getattr(made, low), getattr(made, high)
        return f"`{low}` is more than `{high}`; swap them" if last is not None and first > last else None

    return check


def _first_of(*checks: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    return lambda made: next((said for check in checks if (said := check(made))), None)


def _weighed(made: Any) -> str | None:
    if not made.values:
        return "`values` is empty; give at least one"
    if made.weights is None:
        return None
    if len(made.weights) != len(made.values):
        return f"there are {len(made.values)} values but {len(made.weights)} weights; give one weight for each"
    return useless_weights(made.weights)


def useless_weights(weights: Sequence[float]) -> str | None:
    if any(weight < 0 or not isfinite(weight) for weight in weights):
        return "a weight is less than 0"
    return None if sum(weights) > 0 else "the weights are all 0; give at least one that is not"


def _counted(name: str, count: int) -> Callable[[Any], str | None]:
    def check(made: Any) -> str | None:
        weights = getattr(made, name)
        if weights is None:
            return None
        if len(weights) != count:
            return f"`{name}` has {len(weights)} numbers; give {count}"
        return useless_weights(weights)

    return check


def _walked(made: Any) -> str | None:
    said = useless_weights(list(made.start.values()))
    for value, row in made.steps.items():
        said = said or (useless_weights(list(row.values())) if row else f"{value!r} leads nowhere; leave it out")
    return said


def _offered(name: str) -> Callable[[Any], str | None]:
    return lambda made: None if getattr(made, name) else f"`{name}` is empty; give at least one"


_CHECKS: Mapping[type, Callable[[Any], str | None]] = {
    arrivals.Offsets: _offered("at"),
    arrivals.Steps: _offered("rates"),
    arrivals.Profile: _first_of(_counted("day", 24), _counted("week", 7)),
    arrivals.Learned: _counted("hours", 168),
    distributions.Uniform: _ordered("min", "max"),
    distributions.LogNormal: _first_of(_ordered("p50", "p99"), _ordered("min", "max")),
    distributions.Pareto: _ordered("min", "max"),
    generators.Integer: _ordered("min", "max"),
    generators.Choice: _weighed,
    generators.Zipf: _offered("values"),
    generators.Sticky: _weighed,
    generators.Walk: _walked,
    generators.Hash: _offered("of"),
}
