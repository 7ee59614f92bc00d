"""What nodes look like, where a hint leaves a choice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from simulator.playbook.reading.hints import REGISTRIES, slots_of, unwrapped
from simulator.playbook.reading.nodes import Entries, Items, Node, Scalar
from simulator.playbook.reading.words import Unit

PLAIN: Mapping[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text (in quotes where it looks like something else)"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
}
_MOST_NAMES = 12


def in_unit(hint: Any, unit: Unit) -> Any:
    return Annotated[hint, unit]


def has_shape(node: Node, hint: Any) -> bool:
    """Say whether a node looks like what a hint of several asks for."""
    hint, _ = unwrapped(hint)
    origin = get_origin(hint)
    if origin is Literal:
        return getattr(node, "value", None) in get_args(hint)
    if origin is tuple or isinstance(node, Items):
        return origin is tuple and isinstance(node, Items)
    if dataclasses.is_dataclass(hint) or origin is not None:
        if not isinstance(node, Entries):
            return False
        required = [each.name for each in slots_of(hint) if each.required] if isinstance(hint, type) else []
        return all(node.get(name) is not None for name in required)
    if hint in REGISTRIES:
        return isinstance(node, Entries)
    return isinstance(node, Scalar) and (hint not in PLAIN or isinstance(node.value, PLAIN[hint][0]))


def nearest(node: Node, hints: list[Any]) -> Any:
    """Return the hint that a node was probably meant for: the dataclass that has most of its keys."""
    keys = {key.value for key, _ in node.entries} if isinstance(node, Entries) else set()
    made = [hint for hint in hints if isinstance(hint, type) and dataclasses.is_dataclass(hint)]
    return max(made, key=lambda hint: len(keys & {slot.name for slot in slots_of(hint)})) if keys and made else hints[0]


def named(node: Node) -> Any:
    """Return a scalar's text; that of an entity is its name."""
    value = getattr(node, "value", None)
    return getattr(value, "name", value)


def listed(names: list[str]) -> str:
    more = "" if len(names) <= _MOST_NAMES else " …"
    return (", ".join(names[:_MOST_NAMES]) or "nothing in it") + more
