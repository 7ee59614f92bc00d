"""Emissions as they are written become emissions as they are played: every field has a generator, in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.errors import did_you_mean
from simulator.events.event_types import EventType, Field
from simulator.places import Complaints
from simulator.playbook.model import EmissionText, FollowUpText, RootText
from simulator.playbook.planning.conditions import conditions
from simulator.playbook.planning.fields import Fields, known_field
from simulator.playbook.planning.filling import Filling
from simulator.playbook.planning.selecting import select
from simulator.playbook.reading.binding import Binder, Unbound
from simulator.playbook.reading.hints import slots_of
from simulator.playbook.reading.nodes import Entries, Node
from simulator.playbook.reading.words import Word
from simulator.quantities import Amount, PerSecond
from simulator.timeline.arrivals import Arrivals, Once, Span
from simulator.timeline.distributions import Constant
from simulator.timeline.emission import Act, Emission, Excite, FollowUp, Repeat
from simulator.world.model import Entity, Selector, World

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
        fields, variants = Fields(self._filling(event, None)).made(text, chosen)
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
        fields, variants = Fields(self._filling(event, parent)).made(text, None)
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
        field = known_field(name, self._filling(event, None))
        if field is None:
            return None
        if name in text.with_:
            self.complaints.add(name.place, f"{name!r} is both in `for_each` and in `with`; keep one")
        try:
            chosen = self._selected(field, node)
        except Unbound:
            return None
        return (name, chosen) if chosen else None

    def _selected(self, field: Field, node: Node) -> tuple[Entity, ...]:
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
        return select(kind, selector, self.world, node.place, self.complaints)

    def _when(self, text: FollowUpText, parent: EventType) -> dict[str, tuple[Any, ...]]:
        return conditions(text.when, self._filling(parent, None), f"the parent event {parent.name}")

    def _filling(self, event: EventType, parent: EventType | None) -> Filling:
        return Filling(event, parent, self.world, self.names, self.complaints)


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
