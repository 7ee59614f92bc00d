"""Field generators: where the values of an event's fields come from.

To add one, write a dataclass with ``needs`` and ``prepared`` and name it in
``GENERATORS`` at the end: the playbook language, its schema and ``feint check``
read its fields from here. Those that look at other fields stand in ``derived_fields``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from simulator.errors import UsageError
from simulator.events.columns import Column, Identifiers
from simulator.quantities import Amount
from simulator.timeline.derived_fields import Attribute, Hash, Member, Parent, Same, Sticky, Text, Varied, Walk
from simulator.timeline.distributions import Distribution, Uniform
from simulator.timeline.field_scope import Draw, Fill, Generator, Scope
from simulator.timeline.weights import Weights
from simulator.world.model import Selector


@dataclass(frozen=True, slots=True)
class Value:
    """The same value in every event."""

    value: Any
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        return scope.constant(self.value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values: a list, each as likely, or a mapping of value to weight."""

    values: tuple[Any, ...]
    weights: tuple[float, ...] | None = None
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        return _chosen(scope, self.values, Weights.of(self.weights or (1.0,) * len(self.values)))


@dataclass(frozen=True, slots=True)
class Zipf:
    """One of some values, the first the most popular: the n-th has weight ``n ** -exponent``."""

    values: tuple[Any, ...]
    exponent: float = 1.0
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        return _chosen(scope, self.values, Weights.zipf(len(self.values), self.exponent))


@dataclass(frozen=True, slots=True)
class Pick:
    """One of the world's hosts, users or outsiders that a selector picks.

    With ``exponent`` some are more popular than others (Zipf, in an order drawn once a run).
    """

    hosts: Selector | None = None
    users: Selector | None = None
    outsiders: Selector | None = None
    exponent: float = 0.0
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        found: list[Any] = []
        for selector, entities in (
            (self.hosts, scope.world.hosts),
            (self.users, scope.world.users),
            (self.outsiders, scope.world.outsiders),
        ):
            found += [each for each in entities if selector is not None and selector.picks(each)]
        if not found:
            raise UsageError(f"{scope.place}: the world {scope.world.name!r} has nothing that this picks")
        order = scope.streams.whole(f"{scope.field.name} popularity").permutation(len(found))
        return _chosen(scope, tuple(found[each] for each in order), Weights.zipf(len(found), self.exponent))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A number or a duration from a distribution."""

    distribution: Distribution
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        name = scope.field.name
        return lambda draw: scope.numbers(self.distribution.sample(draw.streams(name), draw.rows))


@dataclass(frozen=True, slots=True)
class Counter:
    """Numbers that rise by ``step`` from ``start``, in the order of the emission's events."""

    start: int = 1
    step: int = 1
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        return lambda draw: scope.numbers(self.start + (draw.before + np.arange(draw.rows)) * self.step)


@dataclass(frozen=True, slots=True)
class Ordinal:
    """The place among the events that follow from one parent event: ``start`` for the first."""

    start: int = 1
    step: int = 1
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        return lambda draw: scope.numbers(self.start + draw.ordinals * self.step)


@dataclass(frozen=True, slots=True)
class RandomId:
    """Random bytes: the default of every identifier."""

    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        width = scope.field.width

        def fill(draw: Draw) -> Column:
            drawn = draw.streams(scope.field.name).bytes(draw.rows * width)
            return Identifiers(np.frombuffer(drawn, np.uint8).reshape(draw.rows, width))

        return fill


def _chosen(scope: Scope, values: tuple[Any, ...], weights: Weights) -> Fill:
    name = scope.field.name
    if scope.is_wide:
        numbers = np.array([scope.number(value) for value in values], np.int64)
        return lambda draw: scope.numbers(numbers[weights.sample(draw.streams(name), draw.rows)])
    codes = scope.codes(values)
    return lambda draw: scope.coded(codes[weights.sample(draw.streams(name), draw.rows)])


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from ``min`` to ``max`` (both included), all alike."""

    min: Amount
    max: Amount
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        return Drawn(Uniform(self.min, self.max)).prepared(scope)


GENERATORS: dict[str, type[Generator]] = {
    "choice": Choice,
    "zipf": Zipf,
    "pick": Pick,
    "integer": Integer,
    "counter": Counter,
    "ordinal": Ordinal,
    "hash": Hash,
    "sticky": Sticky,
    "same": Same,
    "attribute": Attribute,
    "text": Text,
    "walk": Walk,
}
"""By the name that a playbook writes. Distributions (``lognormal`` …) may stand in their place."""

__all__ = [
    "GENERATORS",
    "Attribute",
    "Choice",
    "Counter",
    "Drawn",
    "Fill",
    "Generator",
    "Hash",
    "Integer",
    "Member",
    "Ordinal",
    "Parent",
    "Pick",
    "RandomId",
    "Same",
    "Sticky",
    "Text",
    "Value",
    "Varied",
    "Walk",
    "Zipf",
]
