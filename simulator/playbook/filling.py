"""Filling fields: what a playbook writes after a field's name becomes a generator that fits the field's kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, cast

from simulator.errors import TemplateError, did_you_mean
from simulator.events.types import EventType, Field
from simulator.places import Complaints, Place
from simulator.playbook.binding import Binder, Unbound
from simulator.playbook.hints import REGISTRIES, slots_of
from simulator.playbook.nodes import Entries, Items, Node, Scalar, shortened, spoken_of
from simulator.playbook.references import PARENT, attributes_of, referred
from simulator.playbook.words import NUMBER, TIME
from simulator.quantities import Nanoseconds
from simulator.timeline.distributions import DISTRIBUTIONS
from simulator.timeline.generators import Attribute, Drawn, Generator, Parent, Pick, Same, Text, Value
from simulator.world.model import Entity, Host, Outsider, Selector, User, World

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
_ENTITIES: Mapping[str, tuple[type, ...]] = {"host": (Host,), "user": (User,), "endpoint": (Host, Outsider)}


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
        if isinstance(node, Items):
            raise self._refuse(node.place, f"{name!r} takes one value; to draw one of a list write {{choice: […]}}")
        if isinstance(node, Entries):
            return self._generated(field, node)
        reference = referred(node)
        if reference and reference[0] == PARENT:
            return self._parent(field, node, reference[1])
        if field.kind == "text" and isinstance(node.value, str) and ("{{" in node.value or "{%" in node.value):
            return self._text(node, node.value)
        return Value(self.constant(field, node))

    def constant(self, field: Field, node: Node) -> Any:
        """Return a value as a field's kind holds it, or raise Unbound after a complaint."""
        if not isinstance(node, Scalar):
            raise self._unexpected(field, node)
        if node.value is None:
            if field.required:
                raise self._refuse(node.place, f"{field.name!r} has to have a value")
            return None
        if field.kind in _ENTITIES:
            return self._entity(field, node)
        if field.kind == "duration":
            return Binder(self.complaints).bind(node, Nanoseconds)
        if field.kind == "identifier":
            return self._identifier(field, node)
        accepted = str if field.kind == "text" else int
        if not isinstance(node.value, accepted) or isinstance(node.value, bool):
            raise self._unexpected(field, node)
        return node.value

    def _generated(self, field: Field, node: Entries) -> Generator:
        sole = node.sole()
        registry = REGISTRIES[Generator]
        if sole is None or sole[0].value not in registry:
            binder = Binder(self.complaints)
            return binder.bind(node, Generator)  # type: ignore[no-any-return]  # it complains
        key, inner = sole
        kinds = _FILLS.get(str(key.value), _NUMBERS)
        if field.kind not in kinds:
            raise self._refuse(key.place, f"`{key.value}` cannot fill {field.name!r}, which is {_a(field.kind)}")
        if key.value == "text":
            sole_text = inner.get("template") if isinstance(inner, Entries) else inner
            if isinstance(sole_text, Scalar) and isinstance(sole_text.value, str):
                return self._text(sole_text, sole_text.value)
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
            raise self._refuse(place, f"{_a(field.kind)} such as {field.name!r} cannot hold {_a(source.kind)}")
        if isinstance(made, Attribute):
            self._check_attribute(made, place)
        if isinstance(made, Pick):
            self._check_pick(field, made, place)

    def _check_attribute(self, made: Attribute, place: Place) -> None:
        field = self.event.by_name[made.of]
        types = _ENTITIES.get(field.kind, ())
        if not types:
            raise self._refuse(place, f"{made.of!r} is {_a(field.kind)} and has no attributes")
        known = {name for each in self.world.entities() if isinstance(each, types) for name in attributes_of(each)}
        if made.name not in known:
            hint = did_you_mean(made.name, known) or f"; there are {', '.join(sorted(known))}"
            raise self._refuse(place, f"{_a(field.kind)} has no attribute {made.name!r}{hint}")

    def _check_pick(self, field: Field, made: Pick, place: Place) -> None:
        picked = {"hosts": made.hosts, "users": made.users, "outsiders": made.outsiders}
        given = [kind for kind, selector in picked.items() if selector is not None]
        fitting = {"host": ["hosts"], "user": ["users"], "endpoint": ["hosts", "outsiders"]}[field.kind]
        if not given or not set(given) <= set(fitting):
            asked = " or ".join(f"{{pick: {{{kind}: {{}}}}}}" for kind in fitting)
            raise self._refuse(place, f"{field.name!r} is {_a(field.kind)}: write {asked}")
        for kind in given:
            self.picked(kind, picked[kind] or Selector(), place)

    def picked(self, kind: str, selector: Selector, place: Place) -> tuple[Entity, ...]:
        """Return the hosts, users or outsiders that a selector picks, or complain that there are none."""
        entities: tuple[Entity, ...] = getattr(self.world, kind)
        found = tuple(each for each in entities if selector.picks(each))
        if not found:
            raise self._refuse(
                place, f"the world {self.world.name!r} has no {kind} that this picks{_nearest(entities, selector)}"
            )
        return found

    def _parent(self, field: Field, node: Scalar, name: str) -> Generator:
        if self.parent is None:
            raise self._refuse(node.place, f"{node.value}: only a follow-up (under `then`) has a parent")
        source = self.parent.by_name.get(name)
        if source is None:
            known = did_you_mean(name, self.parent.by_name) or f"; it has {', '.join(self.parent.by_name)}"
            raise self._refuse(node.place, f"the parent event {self.parent.name} has no field {name!r}{known}")
        if not can_copy(source, field):
            raise self._refuse(
                node.place, f"{field.name!r} is {_a(field.kind)} and cannot hold {node.value}, {_a(source.kind)}"
            )
        return Parent(name)

    def _text(self, node: Scalar, template: str) -> Generator:
        from jinja2 import meta

        from simulator.telemetry.kinds import template_kind
        from simulator.telemetry.templates.environment import environment
        from simulator.telemetry.templates.refusals import parsed

        fields = {name for name in self.event.by_name if name not in self.names}
        try:
            tree = parsed(template, environment({}), [*fields, *self.names])
            used = meta.find_undeclared_variables(tree)
            names = tuple(each.name for each in self.event.fields if each.name in used & fields)
            constants = {name: self.names[name] for name in sorted(used & set(self.names))}
            _compile(template, {name: template_kind(self.event.by_name[name]) for name in names}, constants)
        except TemplateError as error:
            line = node.place.line + node.block + (error.line or 1) - 1
            column = node.place.column if line == node.place.line else 1
            raise self._refuse(
                Place(node.place.file, line, column), f"this template does not compile: {error}"
            ) from error
        return Text(template, names, constants)

    def _entity(self, field: Field, node: Scalar) -> Entity:
        value, fits = node.value, _ENTITIES[field.kind]
        if isinstance(value, fits):
            return cast("Entity", value)
        if not isinstance(value, str):
            raise self._unexpected(field, node)
        found = next((each for each in self.world.entities() if isinstance(each, fits) and each.name == value), None)
        if found is not None:
            return found
        if field.kind == "user":
            return User(value, known=False)
        if field.kind == "endpoint" and (address := self._address(node, value)):
            return address
        names = [each.name for each in self.world.entities() if isinstance(each, fits)]
        raise self._refuse(
            node.place, f"the world {self.world.name!r} has no {field.kind} {value!r}{did_you_mean(value, names)}"
        )

    def _address(self, node: Scalar, text: str) -> Outsider | None:
        try:
            address = ip_address(text)
        except ValueError:
            return None
        if address.is_global and not address.is_multicast:
            raise self._refuse(
                node.place,
                f"{text} may belong to somebody; take one of 192.0.2.0/24, 198.51.100.0/24 or 203.0.113.0/24",
            )
        return Outsider(text, str(address))

    def _identifier(self, field: Field, node: Scalar) -> str:
        digits = 2 * field.width
        try:
            if isinstance(node.value, str) and len(bytes.fromhex(node.value)) == field.width:
                return node.value
        except ValueError:
            pass
        raise self._refuse(
            node.place,
            f"{field.name!r} takes {digits} hexadecimal digits in quotes, not {spoken_of(node)}; or leave it out",
        )

    def _unexpected(self, field: Field, node: Node) -> Unbound:
        expected = {
            "text": "a text",
            "code": "a whole number",
            "integer": "a whole number",
            "host": "a host's name or $name",
            "user": "a user's name or $name",
            "endpoint": "the name or address of a machine, or $name",
        }[field.kind]
        hint = ""
        value = getattr(node, "value", None)
        if field.kind == "text" and isinstance(value, int | float):
            hint = "; put it in quotes"
        elif field.kind == "text" and isinstance(value, Host | User | Outsider):
            hint = "; write which attribute, such as .name or .ip"
        return self._refuse(node.place, f"{field.name!r} takes {expected}, not {spoken_of(node)}{hint}")

    def _refuse(self, place: Place, message: str) -> Unbound:
        self.complaints.add(place, message)
        return Unbound(message)


def _compile(template: str, kinds: Mapping[str, Any], constants: Mapping[str, Any]) -> None:
    from simulator.telemetry import templates

    compile_template = getattr(templates, "compile_template", None)
    if compile_template:
        compile_template(template, kinds, constants=constants, name=shortened(template, 30))


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


def _nearest(entities: tuple[Entity, ...], selector: Selector) -> str:
    """Say which attribute of a selector no entity has, and what they have instead."""
    for attribute in ("os", "role", "network", "department", "country"):
        wanted = getattr(selector, attribute)
        if wanted is None:
            continue
        if attribute == "role":
            known = {role for each in entities for role in each.roles}
        else:
            known = {getattr(each, attribute, "") for each in entities} - {""}
        if wanted not in known:
            return f"; their {attribute} is {', '.join(sorted(known)) or 'never given'}{did_you_mean(wanted, known)}"
    names = {each.name for each in entities}
    missing = next((name for name in selector.names if name not in names), None)
    return f": there is no {missing!r}{did_you_mean(missing, names)}" if missing else "; loosen it"


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
