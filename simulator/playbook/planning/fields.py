"""The fields of an emission: those that are written, and what fills the others, in an order that can be played."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.errors import PluginError, did_you_mean
from simulator.events.event_types import Field
from simulator.places import Complaints, Place, Word
from simulator.playbook.model import EmissionText, RootText
from simulator.playbook.planning.filling import Filling, can_copy
from simulator.playbook.reading.binding import Unbound
from simulator.playbook.reading.nodes import Node, node_of
from simulator.timeline.emission import Variant
from simulator.timeline.field_generators import Generator, Member, Parent, RandomId, Value, Varied
from simulator.world.model import Entity

_NUMBERS = ("integer", "duration", "code")


def known_field(name: Word, filling: Filling) -> Field | None:
    """Return a field of the event, or None after a complaint."""
    field = filling.event.by_name.get(name)
    if field is None:
        hint = did_you_mean(name, filling.event.by_name) or f"; it has {', '.join(filling.event.by_name)}"
        filling.complaints.add(name.place, f"{filling.event.name} has no field {str(name)!r}{hint}")
    return field


@dataclass(frozen=True, slots=True)
class Fields:
    """Makes a generator for every field of an event type."""

    filling: Filling

    def made(
        self, text: EmissionText, chosen: tuple[str, tuple[Entity, ...]] | None
    ) -> tuple[dict[str, Generator], tuple[Variant, ...]]:
        """Return a generator for every field of the event type, those that others need first."""
        given = self._given(text.with_)
        if chosen:
            given[chosen[0]] = Member(chosen[1])
        variants = tuple(Variant(each.weight, self._given(each.with_)) for each in text.one_of)
        if variants and not any(variant.weight > 0 for variant in variants):
            self.filling.complaints.add(text.one_of[0].place, "the weights are all 0; give at least one that is not")
        fields: dict[str, Generator] = {}
        for field in self.filling.event.fields:
            varied = [variant.fields.get(field.name) for variant in variants]
            plain = given.get(field.name)
            if plain is None and (not varied or None in varied):
                plain = self._left_out(field, None if _is_written(text, field) else text.place)
            if not any(varied):
                varied = []
            filled = [each or plain for each in varied]
            fields[field.name] = Varied(tuple(each for each in filled if each)) if filled else plain or Value(None)
        return self._ordered(fields, text), variants

    def _given(self, written: Mapping[Word, Node]) -> dict[str, Generator]:
        given: dict[str, Generator] = {}
        for name, node in written.items():
            if known_field(name, self.filling) is not None:
                try:
                    given[str(name)] = self.filling.generator(name, node)
                except Unbound:
                    continue
        return given

    def _left_out(self, field: Field, missing_at: Place | None) -> Generator:
        """Return what fills a field that was not given: the parent's, the default of its type, or nothing."""
        bound = field.kind in ("host", "user", "endpoint", "identifier")  # who, where, which session
        source = field.inherits if field.inherits is not None else field.name if bound else ""
        if (
            self.filling.parent
            and source in self.filling.parent.by_name
            and can_copy(self.filling.parent.by_name[source], field)
        ):
            return Parent(source)
        if field.default is not None:
            return self._default(field)
        if field.kind == "identifier":
            return RandomId()
        if field.required and missing_at:
            help_ = f" ({field.help})" if field.help else ""
            self.filling.complaints.add(
                missing_at, f"{self.filling.event.name} needs the field {field.name!r}{help_} in `with`"
            )
        return Value(0 if field.kind in _NUMBERS else None)

    def _default(self, field: Field) -> Generator:
        complaints = Complaints()
        try:
            return dataclasses.replace(self.filling, complaints=complaints).generator(
                field.name, node_of(field.default)
            )
        except Unbound as error:
            raise PluginError(
                f"event type {self.filling.event.name!r}: the default of {field.name!r} cannot be used: {error}"
            ) from error

    def _ordered(self, fields: dict[str, Generator], text: EmissionText) -> dict[str, Generator]:
        ordered: dict[str, Generator] = {}
        left = dict(fields)
        while left:
            ready = [name for name, each in left.items() if not any(need in left for need in each.needs)]
            if not ready:
                names = " and ".join(repr(name) for name in left)
                self.filling.complaints.add(
                    text.place,
                    f"{self.filling.event.name}: {names} need each other; give one of them a value of its own",
                )
                return fields
            for name in ready:
                ordered[name] = left.pop(name)
        return ordered


def _is_written(text: EmissionText, field: Field) -> bool:
    """Say whether a field was given wherever it has to be, though perhaps not well."""
    is_varied = bool(text.one_of) and all(field.name in each.with_ for each in text.one_of)
    is_member = isinstance(text, RootText) and field.name in text.for_each
    return field.name in text.with_ or is_varied or is_member
