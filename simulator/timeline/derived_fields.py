"""Field generators that look at something else: at other fields of the event, at its parent, at its emission."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from simulator.chance import fractions, scrambled
from simulator.errors import TemplateError, UsageError
from simulator.events.columns import Coded, Column, Identifiers, Texts
from simulator.timeline.field_scope import Draw, Fill, Generator, Scope
from simulator.timeline.weights import Weights

MOST_TEXTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Hash:
    """A value that is the same wherever the given fields are the same: an id or a number of ``bits`` bits."""

    of: tuple[str, ...]
    bits: int = 32

    @property
    def needs(self) -> tuple[str, ...]:
        return self.of

    def prepared(self, scope: Scope) -> Fill:
        def fill(draw: Draw) -> Column:
            mixed = np.zeros(draw.rows, np.uint64)
            for name in self.of:
                mixed = scrambled(mixed ^ scope.fingerprints(draw.columns[name]), scope.streams.seed, "hash")
            if scope.field.kind == "identifier":
                words = [scrambled(mixed + np.uint64(word), scope.streams.seed, "word") for word in range(4)]
                return Identifiers(np.stack(words, axis=1).view(np.uint8)[:, : scope.field.width].copy())
            return scope.numbers((mixed >> np.uint64(64 - min(62, self.bits))).astype(np.int64))

        return fill


@dataclass(frozen=True, slots=True)
class Sticky:
    """A value that each entity has for itself: drawn once for each value of the field ``of``, then kept.

    A user's browser, a host's patch level, whose desk is whose.
    """

    of: str
    values: tuple[Any, ...]
    weights: tuple[float, ...] | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.of,)

    def prepared(self, scope: Scope) -> Fill:
        codes = scope.codes(self.values)
        weights = Weights.of(self.weights or (1.0,) * len(self.values))

        def fill(draw: Draw) -> Column:
            mixed = scrambled(scope.fingerprints(draw.columns[self.of]), scope.streams.seed, f"sticky {scope.place}")
            return scope.coded(codes[weights.at(fractions(mixed))])

        return fill


@dataclass(frozen=True, slots=True)
class Same:
    """What another field of the same event holds."""

    field: str

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.field,)

    def prepared(self, scope: Scope) -> Fill:
        return lambda draw: scope.converted(draw.columns[self.field])


@dataclass(frozen=True, slots=True)
class Parent:
    """What a field of the parent event holds: ``$parent.user``."""

    field: str
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        return lambda draw: scope.converted(draw.parents[self.field].take(draw.parent_rows))


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the entity in another field: a user's ``host``, an outsider's ``country``.

    In a field of kind host or user it is looked up in the world by name.
    """

    of: str
    name: str

    @property
    def needs(self) -> tuple[str, ...]:
        return (self.of,)

    def prepared(self, scope: Scope) -> Fill:
        def value_of(entity: Any) -> Any:
            found = getattr(entity, self.name, None)
            return found if found is not None else getattr(entity, "attributes", {}).get(self.name)

        return lambda draw: scope.mapped(draw.columns[self.of], value_of)


@dataclass(frozen=True, slots=True)
class Text:
    """A Jinja2 template over the other fields of the event: ``/product/{{ number }}``."""

    template: str
    names: tuple[str, ...]
    constants: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)

    @property
    def needs(self) -> tuple[str, ...]:
        return self.names

    def prepared(self, scope: Scope) -> Fill:
        template = scope.compiled(self.template, self.names, self.constants)

        def fill(draw: Draw) -> Column:
            rows, places = scope.distinct_rows([draw.columns[name] for name in self.names], draw.rows)
            few = {name: draw.columns[name].take(rows) for name in self.names}
            try:
                rendered = template.render(few, len(rows), scope.backend)
            except TemplateError as error:
                raise TemplateError(f"{scope.place}: {self.template!r}: {error}", error.line) from error
            blob, starts = rendered.data.tobytes(), [0, *rendered.ends.tolist()]
            texts = [blob[low:high].decode() for low, high in pairwise(starts)]
            codes = scope.codes(texts)
            if len(scope.vocabulary) > MOST_TEXTS:
                raise UsageError(f"{scope.place}: more than {MOST_TEXTS} distinct texts; use fewer distinct values")
            return scope.coded(codes[places])

        return fill


@dataclass(frozen=True, slots=True)
class Walk:
    """Steps from value to value by chance, within the events that follow from one parent: pages of a visit.

    ``steps`` maps each value to the weights of those that may come next; the first
    event draws from ``start``. A value without next ones stays where it is.
    """

    start: Mapping[str, float] = dataclasses.field(hash=False)
    steps: Mapping[str, Mapping[str, float]] = dataclasses.field(hash=False)
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        values = list(dict.fromkeys([*self.start, *self.steps, *(to for row in self.steps.values() for to in row)]))
        codes = scope.codes(values)
        place = {value: index for index, value in enumerate(values)}
        first = Weights.of([self.start.get(value, 0.0) for value in values])
        following = np.zeros((len(values), len(values)))
        for value in values:
            row = self.steps.get(value) or {value: 1.0}
            following[place[value], [place[to] for to in row]] = list(row.values())
        summed = np.cumsum(following, axis=1)
        summed /= summed[:, -1:]

        def fill(draw: Draw) -> Column:
            luck = draw.streams(scope.field.name).random(draw.rows)
            states = first.at(luck)
            order = np.lexsort((draw.ordinals, draw.parent_rows))
            for step in range(1, int(draw.ordinals.max(initial=0)) + 1):
                here = np.flatnonzero(draw.ordinals[order] == step)
                rows, before = order[here], order[here - 1]
                states[rows] = (summed[states[before]] <= luck[rows, None]).sum(axis=1)
            return scope.coded(codes[np.minimum(states, len(values) - 1)])

        return fill


@dataclass(frozen=True, slots=True)
class Member:
    """The entity of the emission's ``for_each`` that an event is of."""

    entities: tuple[Any, ...]
    needs: ClassVar[tuple[str, ...]] = ()

    def prepared(self, scope: Scope) -> Fill:
        codes = scope.codes(self.entities)
        return lambda draw: scope.coded(codes[draw.members])


@dataclass(frozen=True, slots=True)
class Varied:
    """The field's value in the variant that the event has."""

    variants: tuple[Generator, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(need for each in self.variants for need in each.needs))

    def prepared(self, scope: Scope) -> Fill:
        fills = [each.prepared(scope) for each in self.variants]

        def fill(draw: Draw) -> Column:
            columns = [each(draw) for each in fills]
            if all(isinstance(each, Coded) for each in columns):
                stacked = np.stack([each.codes for each in columns if isinstance(each, Coded)])
                return scope.coded(stacked[draw.variants, np.arange(draw.rows)])
            wide = [each for each in columns if not isinstance(each, Coded | Texts)]
            values: NDArray[Any] = np.stack([each.values for each in wide])
            return type(wide[0])(values[draw.variants, np.arange(draw.rows)])

        return fill
