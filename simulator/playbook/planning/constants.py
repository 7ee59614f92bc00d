"""Constants: single values that a playbook writes, as a field's kind holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, cast

from simulator.errors import did_you_mean
from simulator.events.event_types import Field
from simulator.places import Complaints, Place
from simulator.playbook.reading.binding import Binder, Unbound
from simulator.playbook.reading.nodes import Node, Scalar, is_unknown, spoken_of
from simulator.quantities import Nanoseconds
from simulator.world.model import Entity, Host, Outsider, User, World

ENTITY_TYPES: Mapping[str, tuple[type, ...]] = {"host": (Host,), "user": (User,), "endpoint": (Host, Outsider)}
_EXPECTED = {
    "text": "a text",
    "code": "a whole number",
    "integer": "a whole number",
    "duration": "a duration such as 90s, 5m or 250ms",
    "identifier": "hexadecimal digits in quotes",
    "host": "a host's name or $name",
    "user": "a user's name or $name",
    "endpoint": "the name or address of a machine, or $name",
}


@dataclass(frozen=True, slots=True)
class Constants:
    """Reads constants; names of entities are looked up in a world."""

    world: World
    complaints: Complaints

    def read(self, field: Field, node: Node) -> Any:
        """Return a value as a field's kind holds it, or raise Unbound after a complaint."""
        if is_unknown(node):
            raise Unbound
        if not isinstance(node, Scalar):
            raise self._unexpected(field, node)
        if node.value is None:
            if field.required:
                raise self._refuse(node.place, f"{field.name!r} has to have a value")
            return None
        if field.kind in ENTITY_TYPES:
            return self._entity(field, node)
        if field.kind == "duration":
            return Binder(self.complaints).bind(node, Nanoseconds)
        if field.kind == "identifier":
            return self._identifier(field, node)
        accepted = str if field.kind == "text" else int
        if not isinstance(node.value, accepted) or isinstance(node.value, bool):
            raise self._unexpected(field, node)
        return node.value

    def _entity(self, field: Field, node: Scalar) -> Entity:
        value, fits = node.value, ENTITY_TYPES[field.kind]
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
        hint = ""
        value = getattr(node, "value", None)
        if field.kind == "text" and isinstance(value, int | float):
            hint = "; put it in quotes"
        elif field.kind == "text" and isinstance(value, Host | User | Outsider):
            hint = "; write which attribute, such as .name or .ip"
        return self._refuse(node.place, f"{field.name!r} takes {_EXPECTED[field.kind]}, not {spoken_of(node)}{hint}")

    def _refuse(self, place: Place, message: str) -> Unbound:
        self.complaints.add(place, message)
        return Unbound(message)
