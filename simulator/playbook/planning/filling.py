"""Filling fields: what a playbook writes after a field's name becomes a generator that fits the field's kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.errors import did_you_mean
from simulator.events.event_types import EventType, Field
from simulator.places import Complaints, Place
from simulator.playbook.planning.constants import ENTITY_TYPES, Constants
from simulator.playbook.planning.references import PARENT, attributes_of, referred
from simulator.playbook.planning.selecting import select
from simulator.playbook.planning.texts import is_template, text_of
from simulator.playbook.reading.binding import Binder, Unbound
from simulator.playbook.reading.hints import REGISTRIES, slots_of
from simulator.playbook.reading.nodes import Entries, Items, Node, Scalar, is_unknown
from simulator.playbook.reading.words import NUMBER, TIME
from simulator.timeline.distributions import DISTRIBUTIONS
from simulator.timeline.field_generators import Attribute, Drawn, Generator, Parent, Pick, Same, Value
from simulator.world.model import Selector, World

_CODED = frozenset({"host", "user", "endpoint", "text", "code"})
_NUMBERS = frozenset({"integer", "code", "duration"})
_FILLS: Mapping[str, frozenset[str]] = {
    "choice": _CODED | _NUMBERS,
    "zipf": _CODED | _NUMBERS,
    "sticky": _CODED,
    "walk": frozenset({"text"}),
    "pick": frozenset({"host", "user", "endpoint"}),
    "hash": _NUMBERS | {"identifier"},
    "same": _CODED | _NUMBERS | {"identifier"},
    "attribute": _CODED,
    "text": frozenset({"text"}),
}
"""What kinds of field a generator can fill; those that are not here fill numbers."""

_COPIES: Mapping[str, frozenset[str]] = {
    "endpoint": frozenset({"host", "endpoint"}),
    "integer": frozenset({"integer", "code"}),
    "code": frozenset({"integer", "code"}),
}


def a_kind(kind: str) -> str:
    return f"an {kind}" if kind in ("endpoint", "identifier", "integer") else f"a {kind}"


def can_copy(source: Field, target: Field) -> bool:
    """Say whether what one field holds can be copied into another."""
    if source.kind == target.kind == "identifier":
        return source.width == target.width
    return source.kind in _COPIES.get(target.kind, {target.kind})


@dataclass(frozen=True, slots=True)
class Filling:
    """Where fields are filled: an event type, perhaps a parent's, a world, and the names that texts may use."""

    event: EventType
    parent: EventType | None
    world: World
    names: Mapping[str, Any]
    complaints: Complaints

    def generator(self, name: str, node: Node) -> Generator:
        """Return what fills a field, or raise Unbound after a complaint."""
        field = self.event.by_name[name]
        if is_unknown(node):
            raise Unbound
        if isinstance(node, Items):
            raise self._refuse(node.place, f"{name!r} takes one value; to draw one of a list write {{choice: […]}}")
        if isinstance(node, Entries):
            return self._generated(field, node)
        reference = referred(node)
        if reference and reference[0] == PARENT:
            return self._parent(field, node, reference[1])
        if field.kind == "text" and is_template(node.value):
            return text_of(node, self.event, self.names, self.complaints)
        return Value(self.constant(field, node))

    def constant(self, field: Field, node: Node) -> Any:
        """Return a value as a field's kind holds it, or raise Unbound after a complaint."""
        return Constants(self.world, self.complaints).read(field, node)

    def _generated(self, field: Field, node: Entries) -> Generator:
        sole = node.sole()
        registry = REGISTRIES[Generator]
        if sole is None or sole[0].value not in registry:
            binder = Binder(self.complaints)
            return binder.bind(node, Generator)  # type: ignore[no-any-return]  # it complains
        key, inner = sole
        kinds = _FILLS.get(str(key.value), _NUMBERS)
        if field.kind not in kinds:
            raise self._refuse(key.place, f"`{key.value}` cannot fill {field.name!r}, which is {a_kind(field.kind)}")
        if key.value == "text":
            template = inner.get("template") if isinstance(inner, Entries) else inner
            if isinstance(template, Scalar) and isinstance(template.value, str):
                return text_of(template, self.event, self.names, self.complaints)
            raise self._refuse(inner.place, "expected a template, such as {text: '/item/{{ number }}'}")
        unit = TIME if field.kind == "duration" else NUMBER
        binder = Binder(self.complaints, unit=unit, value=lambda each: self.constant(field, each))
        kind = registry[str(key.value)]
        made = binder.dataclass(_weighed(binder.long_form(inner, kind), kind), kind)
        if str(key.value) in DISTRIBUTIONS:
            return Drawn(made)
        self._check(field, made, inner.place)
        return made  # type: ignore[no-any-return]

    def _check(self, field: Field, made: Generator, place: Place) -> None:
        for need in made.needs:
            if need not in self.event.by_name:
                known = did_you_mean(need, self.event.by_name)
                raise self._refuse(place, f"{self.event.name} has no field {need!r}{known}")
        if isinstance(made, Same) and not can_copy(source := self.event.by_name[made.field], field):
            raise self._refuse(place, f"{a_kind(field.kind)} such as {field.name!r} cannot hold {a_kind(source.kind)}")
        if isinstance(made, Attribute):
            self._check_attribute(made, place)
        if isinstance(made, Pick):
            self._check_pick(field, made, place)

    def _check_attribute(self, made: Attribute, place: Place) -> None:
        field = self.event.by_name[made.of]
        types = ENTITY_TYPES.get(field.kind, ())
        if not types:
            raise self._refuse(place, f"{made.of!r} is {a_kind(field.kind)} and has no attributes")
        known = {name for each in self.world.entities() if isinstance(each, types) for name in attributes_of(each)}
        if made.name not in known:
            hint = did_you_mean(made.name, known) or f"; there are {', '.join(sorted(known))}"
            raise self._refuse(place, f"{a_kind(field.kind)} has no attribute {made.name!r}{hint}")

    def _check_pick(self, field: Field, made: Pick, place: Place) -> None:
        picked = {"hosts": made.hosts, "users": made.users, "outsiders": made.outsiders}
        given = [kind for kind, selector in picked.items() if selector is not None]
        fitting = {"host": ["hosts"], "user": ["users"], "endpoint": ["hosts", "outsiders"]}[field.kind]
        if not given or not set(given) <= set(fitting):
            asked = " or ".join(f"{{pick: {{{kind}: {{}}}}}}" for kind in fitting)
            raise self._refuse(place, f"{field.name!r} is {a_kind(field.kind)}: write {asked}")
        for kind in given:
            if not select(kind, picked[kind] or Selector(), self.world, place, self.complaints):
                raise Unbound

    def _parent(self, field: Field, node: Scalar, name: str) -> Generator:
        if self.parent is None:
            raise self._refuse(node.place, f"{node.value}: only a follow-up (under `then`) has a parent")
        source = self.parent.by_name.get(name)
        if source is None:
            known = did_you_mean(name, self.parent.by_name) or f"; it has {', '.join(self.parent.by_name)}"
            raise self._refuse(node.place, f"the parent event {self.parent.name} has no field {name!r}{known}")
        if not can_copy(source, field):
            raise self._refuse(
                node.place,
                f"{field.name!r} is {a_kind(field.kind)} and cannot hold {node.value}, {a_kind(source.kind)}",
            )
        return Parent(name)

    def _refuse(self, place: Place, message: str) -> Unbound:
        self.complaints.add(place, message)
        return Unbound(message)


def _weighed(node: Node, kind: type) -> Node:
    """Write out ``{choice: {a: 3, b: 1}}``: the values are the keys of a mapping, each with its weight."""
    names = [slot.name for slot in slots_of(kind)]
    if not isinstance(node, Entries) or "weights" not in names:
        return node
    is_bare = node.entries and not any(key.value in names for key, _ in node.entries)
    weights = node if is_bare else node.get("values")
    if not isinstance(weights, Entries):
        return node
    values = Items(tuple(key for key, _ in weights.entries), weights.place)
    shares = Items(tuple(share for _, share in weights.entries), weights.place)
    rest = () if is_bare else node.without("values").entries
    named = ((Scalar("values", weights.place), values), (Scalar("weights", weights.place), shares))
    return Entries((*rest, *named), node.place)
