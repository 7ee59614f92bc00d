"""What the hints of the language's dataclasses say: one reading for binding, the schema and the reference."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

from simulator import quantities
from simulator.places import Place
from simulator.playbook.reading.limits import LIMITS
from simulator.playbook.reading.words import NUMBER, Help, Instant, Range, Unit
from simulator.quantities import Amount, Bytes, Nanoseconds, PerSecond, Share
from simulator.timeline.arrivals import ARRIVALS, Arrivals
from simulator.timeline.distributions import DISTRIBUTIONS, Distribution
from simulator.timeline.field_generators import GENERATORS, Generator, Text

REGISTRIES: Mapping[Any, Mapping[str, type]] = {
    Arrivals: ARRIVALS,
    Distribution: DISTRIBUTIONS,
    Generator: {**GENERATORS, **DISTRIBUTIONS},
}
"""Protocols, and by which names a playbook picks who keeps them: ``{poisson: {rate: 3/s}}``."""

_WORKED_OUT = {(Text, "names"), (Text, "constants")}
"""What is not written, but follows from what is."""

_KINDS = {Arrivals: "an arrival process", Distribution: "a distribution", Generator: "a generator"}


class Quantity(NamedTuple):
    """How a number with a unit is written."""

    expected: str
    read: Callable[[str], float]
    takes_numbers: bool
    pattern: str


QUANTITIES: Mapping[Any, Quantity] = {
    Nanoseconds: Quantity(
        "a duration such as 90s, 5m, 1h30m or 2d", quantities.duration, False, r"^\+?\s*[0-9].*[a-zµ]$"
    ),
    PerSecond: Quantity("a rate such as 40/h, 3/s or 1000/d", quantities.rate, False, "^[0-9.]+ ?/ ?(s|m|min|h|d|w)$"),
    Share: Quantity("a number from 0 to 1, or a percentage such as 20%", quantities.share, True, "^[0-9.]+ ?%$"),
    Bytes: Quantity("a size such as 512MiB or 2GB", quantities.size, False, "^[0-9.]+ ?[KMGT]?i?B$"),
    Instant: Quantity("a time such as 2026-03-02T08:00:00Z", quantities.instant, False, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Slot:
    """One field of a dataclass, as a playbook writes it. A ``_`` at the end, for Python's sake, is not written."""

    name: str
    attribute: str
    hint: Any
    required: bool
    default: Any
    range: Range | None
    unit: Unit | None
    help: str


@cache
def slots_of(kind: Hashable) -> tuple[Slot, ...]:
    """Return the fields of a dataclass that a playbook may write."""
    assert isinstance(kind, type)
    assert dataclasses.is_dataclass(kind)
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for each in dataclasses.fields(kind):
        hint, extras = unwrapped(hints[each.name])
        if hint is not Place and (kind, each.name) not in _WORKED_OUT:
            found.append(
                Slot(
                    name=each.name.rstrip("_"),
                    attribute=each.name,
                    hint=hint,
                    required=each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING,
                    default=None if each.default is dataclasses.MISSING else each.default,
                    range=extras.get(Range) or LIMITS.get((kind, each.name)),
                    unit=extras.get(Unit),
                    help=extras[Help].text if Help in extras else "",
                )
            )
    return tuple(found)


def has_place(kind: type) -> bool:
    return any(each.name == "place" for each in dataclasses.fields(kind))


def unwrapped(hint: Any) -> tuple[Any, dict[type, Any]]:
    """Take what is annotated off a hint."""
    if get_origin(hint) is not Annotated:
        return hint, {}
    inner, *extras = get_args(hint)
    return inner, {type(extra): extra for extra in extras}


def noun(kind: Any) -> str:
    """Return what a complaint calls a dataclass: its ``noun``, or the name that a playbook picks it by."""
    for registry in REGISTRIES.values():
        for name, each in registry.items():
            if each is kind:
                return f"`{name}`"
    if kind in _KINDS:
        return _KINDS[kind]
    return str(getattr(kind, "noun", kind.__name__.lower()))


__all__ = [
    "NUMBER",
    "QUANTITIES",
    "REGISTRIES",
    "Amount",
    "Quantity",
    "Slot",
    "has_place",
    "noun",
    "slots_of",
    "unwrapped",
]
