"""Emissions as they are written become emissions as they are played: every field has a generator, in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.errors import PluginError, did_you_mean
from simulator.events.types import EventType, Field
from simulator.places import Complaints, Place
from simulator.playbook.binding import Binder, Unbound
from simulator.playbook.filling import Filling, can_copy
from simulator.playbook.hints import slots_of
from simulator.playbook.model import EmissionText, FollowUpText, RootText
from simulator.playbook.nodes import Entries, Items, Node, node_of
from simulator.playbook.words import Word
from simulator.quantities import Amount, PerSecond
from simulator.timeline.arrivals import Arrivals, Once, Span
from simulator.timeline.distributions import Constant
from simulator.timeline.emission import Act, Emission, Excite, FollowUp, Repeat, Variant
from simulator.timeline.generators import Generator, Member, Parent, RandomId, Value, Varied
from simulator.world.model import Entity, Selector, World

_NUMBERS = ("integer", "duration", "code")
Cuts = Callable[[Word, Node], int | None]
"""Says when a response is given that ends an emission, if it is: by its verb, and whom it is done to."""


@dataclass(frozen=True, slots=True)
class Part:
    """Where some emissions belong: the act, when it is, and when all is over."""

    path: str
    act: Act
    span: Span
    end: int
    activity: float = 1.0


@dataclass(frozen=True)
class Emitter:
    """Makes emissions. What is wrong is added to the complaints, and left out of what is made."""

    event_types: Mapping[str, EventType]
    world: World
    names: Mapping[str, Any]
    cuts: Cuts
    complaints: Complaints

    def roots(self, texts: Sequence[RootText], part: Part) -> tuple[Emission, ...]:
        """Return the emissions of a part of the playbook."""
        self._check_ids(texts)
        made = [self._root(text, part) for text in texts]
        return tuple(each for each in made if each is not None)

    def _root(self, text: RootText, part: Part) -> Emission | None:
        event = self._event(text)
        if text.arrivals is None and part.act.kind == "background":
            self.complaints.add(text.place, "an emission of the background needs 'arrivals', such as {poisson: 40/h}")
        if event is None:
            return None
        cut, path = self._cut(text, None), f"{part.path}/{text.name}"
        chosen = self._members(text, event)
        fields, variants = self._fields(text, event, None, chosen)
        return Emission(
            path=path,
            event=event,
            act=part.act,
            span=part.span,
            fields=fields,
            arrivals=scaled(text.arrivals or Once(), part.activity),
            variants=variants,
            members=chosen,
            cut=cut,
            children=self._follow_ups(text, event, path, cut, part),
        )

    def _follow_ups(
        self, parent: EmissionText, event: EventType, path: str, cut: int | None, part: Part
    ) -> tuple[Emission, ...]:
        self._check_ids(parent.then)
        made = (self._follow_up(text, event, path, cut, part) for text in parent.then)
        return tuple(each for each in made if each is not None)

    def _follow_up(
        self, text: FollowUpText, parent: EventType, path: str, cut: int | None, part: Part
    ) -> Emission | None:
        event, when = self._event(text), self._when(text, parent)
        if event is None:
            return None
        cut, path = self._cut(text, cut), f"{path}/{text.name}"
        fields, variants = self._fields(text, event, parent, None)
        return Emission(
            path=path,
            event=event,
            act=part.act,
            span=Span(part.span.start, part.end),
            fields=fields,
            follow=FollowUp(
                delay=text.after or Constant(Amount(0)),
                probability=text.probability,
                when=when,
                repeat=Repeat(text.repeat.count, text.repeat.gap) if text.repeat else None,
                excite=Excite(text.excite.branching, Amount(text.excite.decay)) if text.excite else None,
            ),
            variants=variants,
            cut=cut,
            children=self._follow_ups(text, event, path, cut, part),
        )

    def _event(self, text: EmissionText) -> EventType | None:
        event = self.event_types.get(text.event)
        if event is None:
            hint = did_you_mean(text.event, self.event_types) or "; `feint plugins` lists those that are installed"
            self.complaints.add(text.event.place, f"no event type is called {text.event!r}{hint}")
        return event

    def _check_ids(self, texts: Sequence[EmissionText]) -> None:
        seen: set[str] = set()
        for text in texts:
            if text.name in seen:
                self.complaints.add(text.place, f"two emissions here are called {text.name!r}; give this one an `id`")
            seen.add(text.name)

    def _cut(self, text: EmissionText, inherited: int | None) -> int | None:
        times = [self.cuts(verb, target) for verb, target in text.until.items()]
        return min((time for time in (*times, inherited) if time is not None), default=None)

    def _members(self, text: RootText, event: EventType) -> tuple[str, tuple[Entity, ...]] | None:
        if not text.for_each:
            return None
        name, node = next(iter(text.for_each.items()))
        if len(text.for_each) > 1:
            self.complaints.add(name.place, "`for_each` takes one field; set the others in `with`")
        field = self._field(name, event)
        if field is None:
            return None
        if name in text.with_:
            self.complaints.add(name.place, f"{name!r} is both in `for_each` and in `with`; keep one")
        try:
            return name, self._selected(field, node, event)
        except Unbound:
            return None

    def _selected(self, field: Field, node: Node, event: EventType) -> tuple[Entity, ...]:
        binder = Binder(self.complaints)
        sole = node.sole() if isinstance(node, Entries) else None
        fitting = ("hosts", "outsiders") if field.kind == "endpoint" else (f"{field.kind}s",)
        kind = str(sole[0].value) if sole else ""
        if field.kind not in ("host", "user", "endpoint"):
            raise binder.refuse(
                node.place, f"`for_each` takes a field that holds a host or a user; {field.name!r} does not"
            )
        if kind not in fitting:
            if len(fitting) > 1:
                raise binder.refuse(
                    node.place, f"say which: {{{field.name}: {{hosts: {{…}}}}}} or {{outsiders: {{…}}}}"
                )
            kind, inner = fitting[0], node
        else:
            assert sole is not None
            inner = sole[1]
        selector: Selector = binder.bind(inner, Selector)
        return self._filling(event, None).picked(kind, selector, node.place)

    def _when(self, text: FollowUpText, parent: EventType) -> dict[str, tuple[Any, ...]]:
        wanted: dict[str, tuple[Any, ...]] = {}
        filling = self._filling(parent, None)
        for name, node in text.when.items():
            field = parent.by_name.get(name)
            if field is None or field.kind == "identifier":
                known = [each.name for each in parent.fields if each.kind != "identifier"]
                hint = did_you_mean(name, known) or f"; it can depend on {', '.join(known)}"
                self.complaints.add(name.place, f"`when`: the parent event {parent.name} has no field {name!r}{hint}")
                continue
            values = node.items if isinstance(node, Items) else (node,)
            try:
                wanted[name] = tuple(filling.constant(field, each) for each in values)
            except Unbound:
                continue
        return wanted

    def _filling(self, event: EventType, parent: EventType | None) -> Filling:
        return Filling(event, parent, self.world, self.names, self.complaints)

    def _field(self, name: Word, event: EventType) -> Field | None:
        if name not in event.by_name:
            hint = did_you_mean(name, event.by_name) or f"; it has {', '.join(event.by_name)}"
            self.complaints.add(name.place, f"{event.name} has no field {name!r}{hint}")
        return event.by_name.get(name)

    def _fields(
        self,
        text: EmissionText,
        event: EventType,
        parent: EventType | None,
        chosen: tuple[str, tuple[Entity, ...]] | None,
    ) -> tuple[dict[str, Generator], tuple[Variant, ...]]:
        """Return a generator for every field of the event type, those that others need first."""
        filling = self._filling(event, parent)
        given = self._given(text.with_, filling)
        if chosen:
            given[chosen[0]] = Member(chosen[1])
        variants = tuple(Variant(each.weight, self._given(each.with_, filling)) for each in text.one_of)
        if variants and not any(variant.weight > 0 for variant in variants):
            self.complaints.add(text.one_of[0].place, "the weights are all 0; give at least one that is not")
        fields: dict[str, Generator] = {}
        for field in event.fields:
            varied = [variant.fields.get(field.name) for variant in variants]
            plain = given.get(field.name)
            if plain is None and (not varied or None in varied):
                plain = self._left_out(field, filling, None if _is_written(text, field) else text.place)
            if not any(varied):
                varied = []
            filled = [each or plain for each in varied]
            fields[field.name] = Varied(tuple(each for each in filled if each)) if filled else plain or Value(None)
        return self._ordered(fields, text, event), variants

    def _given(self, written: Mapping[Word, Node], filling: Filling) -> dict[str, Generator]:
        given: dict[str, Generator] = {}
        for name, node in written.items():
            if self._field(name, filling.event) is not None:
                try:
                    given[str(name)] = filling.generator(name, node)
                except Unbound:
                    continue
        return given

    def _left_out(self, field: Field, filling: Filling, missing_at: Place | None) -> Generator:
        """Return what fills a field that was not given: the parent's, the default of its type, or nothing."""
        source = field.name if field.inherits is None else field.inherits
        if filling.parent and source in filling.parent.by_name and can_copy(filling.parent.by_name[source], field):
            return Parent(source)
        if field.default is not None:
            return self._default(field, filling)
        if field.kind == "identifier":
            return RandomId()
        if field.required and missing_at:
            help_ = f" ({field.help})" if field.help else ""
            self.complaints.add(missing_at, f"{filling.event.name} needs the field {field.name!r}{help_} in `with`")
        return Value(0 if field.kind in _NUMBERS else None)

    def _default(self, field: Field, filling: Filling) -> Generator:
        complaints = Complaints()
        try:
            return dataclasses.replace(filling, complaints=complaints).generator(field.name, node_of(field.default))
        except Unbound as error:
            raise PluginError(
                f"event type {filling.event.name!r}: the default of {field.name!r} cannot be used: {error}"
            ) from error

    def _ordered(self, fields: dict[str, Generator], text: EmissionText, event: EventType) -> dict[str, Generator]:
        ordered: dict[str, Generator] = {}
        left = dict(fields)
        while left:
            ready = [name for name, each in left.items() if not any(need in left for need in each.needs)]
            if not ready:
                names = " and ".join(repr(name) for name in left)
                self.complaints.add(
                    text.place, f"{event.name}: {names} need each other; give one of them a value of its own"
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


def scaled(arrivals: Arrivals, factor: float) -> Arrivals:
    """Return an arrival process with its rates and counts multiplied; a machine's beat stays as it is."""
    return arrivals if factor == 1 else _scaled(arrivals, factor)


def _scaled(made: Any, factor: float) -> Any:
    changed: dict[str, Any] = {}
    for slot in slots_of(made.__class__):
        value = getattr(made, slot.attribute)
        if slot.hint is PerSecond:
            changed[slot.attribute] = value * factor
        elif slot.name == "count":
            changed[slot.attribute] = round(value * factor)
        elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            changed[slot.attribute] = tuple(_scaled(each, factor) for each in value)
    return dataclasses.replace(made, **changed)
