"""What a YAML file holds, each piece with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from simulator.places import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, a number, true or false, or nothing. Once ``$names`` are filled in, an entity of the world too."""

    value: Any
    place: Place = NOWHERE
    block: bool = False  # written as | or >: its text begins on the next line


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping, in the order it was written in. No key stands twice."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place = NOWHERE

    def get(self, name: str) -> Node | None:
        return next((value for key, value in self.entries if key.value == name), None)

    def without(self, *names: str) -> Entries:
        return Entries(tuple(entry for entry in self.entries if entry[0].value not in names), self.place)

    def sole(self) -> tuple[Scalar, Node] | None:
        """Return the one entry that there is, or None."""
        return self.entries[0] if len(self.entries) == 1 else None


Node = Scalar | Items | Entries
UNKNOWN = object()
"""The value of a scalar that a complaint was made about: nothing more is said of it."""


def is_unknown(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is UNKNOWN


def node_of(value: Any, place: Place = NOWHERE) -> Node:
    """Return what a file would hold for a Python value."""
    if isinstance(value, dict):
        return Entries(tuple((Scalar(key, place), node_of(each, place)) for key, each in value.items()), place)
    if isinstance(value, list | tuple):
        return Items(tuple(node_of(each, place) for each in value), place)
    return Scalar(value, place)


def replaced(node: Node, change: Callable[[Scalar], Scalar]) -> Node:
    """Return a copy with every scalar, but no key, changed."""
    if isinstance(node, Scalar):
        return change(node)
    if isinstance(node, Items):
        return Items(tuple(replaced(each, change) for each in node.items), node.place)
    return Entries(tuple((key, replaced(value, change)) for key, value in node.entries), node.place)


def scalars(node: Node) -> Iterator[Scalar]:
    """Yield every scalar that is not a key."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Items):
        for each in node.items:
            yield from scalars(each)
    else:
        for _, value in node.entries:
            yield from scalars(value)


def spoken_of(node: Node) -> str:
    """Say what a node is, for a complaint: ``the number 5``, ``a list``."""
    if not isinstance(node, Scalar):
        return "a list" if isinstance(node, Items) else "a mapping"
    value = node.value
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {shortened(value)!r}"
    return f"{type(value).__name__.lower()} {getattr(value, 'name', value)!r}"


def shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
