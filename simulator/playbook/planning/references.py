"""``$name``: parameters and members of the cast, wherever a playbook may write a value."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from simulator.errors import did_you_mean
from simulator.places import Complaints
from simulator.playbook.reading.nodes import UNKNOWN, Node, Scalar, replaced
from simulator.world.model import Host, Outsider, User

PARENT = "parent"
_REFERENCE = re.compile(r"\$([a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?")


def referred(node: Node | None) -> tuple[str, str] | None:
    """Return the name and the attribute (or nothing) that a node refers to, if it does."""
    value = node.value if isinstance(node, Scalar) else None
    match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return (match[1], match[2] or "") if match else None


def filled_in(
    node: Node, names: Mapping[str, Any], complaints: Complaints, *, later: Collection[str] = (), literal: bool = True
) -> Node:
    """Return a copy with the value in each reference's place; those to names of ``later`` stay as they are.

    ``$$name`` is the text ``$name``; with ``literal`` it becomes so, which must happen once only.
    """

    def change(scalar: Scalar) -> Scalar:
        found = referred(scalar)
        if found is None:
            is_escaped = isinstance(scalar.value, str) and scalar.value.startswith("$$")
            return Scalar(scalar.value[1:], scalar.place) if is_escaped and literal else scalar
        name, attribute = found
        if name in (PARENT, *later):
            return scalar
        if name not in names:
            hint = did_you_mean(name, [*names, *later, PARENT]) or f"; text that begins so is written $${name}"
            complaints.add(scalar.place, f"no parameter and nobody of the cast is called {name!r}{hint}")
            return Scalar(UNKNOWN, scalar.place)
        value = _attribute(scalar, names[name], attribute, complaints) if attribute else names[name]
        return Scalar(value, scalar.place)

    return replaced(node, change)


def attributes_of(entity: Host | User | Outsider) -> dict[str, Any]:
    """Return everything that can be said of an entity by name."""
    known = {name: getattr(entity, name) for name in type(entity).__dataclass_fields__ if name != "attributes"}
    return {**entity.attributes, **known}


def _attribute(scalar: Scalar, entity: Any, attribute: str, complaints: Complaints) -> Any:
    if not isinstance(entity, Host | User | Outsider):
        complaints.add(scalar.place, f"{scalar.value}: a parameter has no attributes; write it without .{attribute}")
        return UNKNOWN
    known = attributes_of(entity)
    value = known.get(attribute)
    if attribute not in known or isinstance(value, tuple):
        plain = [name for name, each in known.items() if not isinstance(each, tuple)]
        hint = did_you_mean(attribute, plain) or f"; there are {', '.join(plain)}"
        complaints.add(scalar.place, f"a {type(entity).__name__.lower()} has no {attribute!r} to write{hint}")
        return UNKNOWN
    return value
