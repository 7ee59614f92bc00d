"""Takes pieces of a file for what a program in Go expects there: a struct's fields, texts, numbers, durations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeVar

from simulator import Place
from simulator_prometheus.go_yaml import Entries, Faults, Items, Node, Text

_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_SECOND = 1_000_000_000
_UNITS = (*(seconds * _SECOND for seconds in (365 * 86_400, 7 * 86_400, 86_400, 3_600, 60, 1)), 1_000_000)
_TRUE = frozenset({"true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"})

_Value = TypeVar("_Value")


def duration_of(text: str) -> int | None:
    """Return nanoseconds, or None where Prometheus sees no duration: ``1h30m``, ``0``, biggest unit first."""
    if text == "0":
        return 0
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        return None
    total = sum(int(amount[:20]) * unit for amount, unit in zip(match.groups(), _UNITS, strict=True) if amount)
    return total if total < 2**63 else None


class Struct:
    """A mapping of which every key is known; each is asked for once, as what it should be.

    Nothing raises: what is wrong is added to the faults, and stands for nothing.
    """

    def __init__(self, node: Node | None, faults: Faults, what: str, known: tuple[str, ...], place: Place) -> None:
        self.place = node.place if node is not None else place
        self.faults = faults
        self._values: dict[str, Node] = {}
        self.keys: dict[str, Text] = {}
        for key, value in entries(node, faults, what):
            if key.text in known:
                self._values[key.text], self.keys[key.text] = value, key
            else:
                near = get_close_matches(key.text, known, 1)
                hint = f"; did you mean {near[0]!r}?" if near else f" (known: {', '.join(sorted(known))})"
                faults.add(key.place, f"{what} has no field {key.text!r}{hint}")

    def node(self, name: str) -> Node | None:
        """Return what stands there, or None if nothing does or it is null."""
        value = self._values.get(name)
        return None if isinstance(value, Text) and value.is_null else value

    def place_of(self, name: str) -> Place:
        value = self._values.get(name)
        return value.place if value is not None else self.place

    def text(self, name: str) -> str:
        return _as(self.node(name), text_of, self.faults, name) or ""

    def integer(self, name: str) -> int:
        return _as(self.node(name), _integer_of, self.faults, name) or 0

    def truth(self, name: str) -> bool:
        """Return true or false, with yes and on as version 1 of YAML has them."""
        node = self.node(name)
        if isinstance(node, Text) and node.plain and node.text in _TRUE | _FALSE:
            return node.text in _TRUE
        if node is not None:
            self.faults.add(node.place, f"{name} has to be true or false")
        return False

    def duration(self, name: str) -> int | None:
        """Return nanoseconds, or None if it is not there."""
        node = self.node(name)
        if node is None:
            return None
        found = duration_of(node.text) if isinstance(node, Text) else None
        if found is None:
            self.faults.add(node.place, f"{name} has to be a duration such as 30s, 5m or 1h30m, biggest unit first")
        return found

    def texts(self, name: str) -> list[Text] | None:
        """Return a list of texts, or None if it is not there."""
        node = self.node(name)
        if node is None:
            return None
        found = []
        for each in items(node, self.faults, name):
            if isinstance(each, Text):
                found.append(each)
            else:
                self.faults.add(each.place, f"{name} is a list of texts; this is none")
        return found

    def items(self, name: str) -> Iterator[Node]:
        node = self.node(name)
        if node is not None:
            yield from items(node, self.faults, name)

    def pairs(self, name: str) -> dict[Text, str]:
        """Return a mapping of texts to texts; the keys know their places."""
        found: dict[Text, str] = {}
        for key, value in entries(self.node(name), self.faults, name):
            text = text_of(value)
            if text is None:
                self.faults.add(value.place, f"{name} holds texts only: {key.text!r} is none")
            else:
                found[key] = text
        return found


def entries(node: Node | None, faults: Faults, what: str) -> Iterator[tuple[Text, Node]]:
    if isinstance(node, Entries):
        yield from node.entries
    elif node is not None and not (isinstance(node, Text) and node.is_null):
        faults.add(node.place, f"{what} has to be a mapping (name: value)")


def items(node: Node, faults: Faults, what: str) -> Iterator[Node]:
    if isinstance(node, Items):
        yield from node.items
    else:
        faults.add(node.place, f"{what} has to be a list (lines that begin with -)")


def text_of(node: Node) -> str | None:
    """Return any scalar as it is written (``severity: 1`` is the text 1), nothing as an empty text."""
    if not isinstance(node, Text):
        return None
    return "" if node.is_null else node.text


def _integer_of(node: Node) -> int | None:
    if not isinstance(node, Text) or not node.plain or len(node.text) > 30:
        return None
    digits = node.text.replace("_", "")
    if _INTEGER.fullmatch(digits):
        octal = re.fullmatch(r"([-+]?)0([0-7]+)", digits)
        return int(f"{octal[1]}0o{octal[2]}", 0) if octal else int(digits, 0)
    if _FLOAT.fullmatch(digits) and abs(float(digits)) < 2**63:
        return int(float(digits))
    return None


def _as(
    node: Node | None, read: Callable[[Node], _Value | None], faults: Faults, name: str
) -> _Value | None:  # fmt: skip
    if node is None:
        return None
    found = read(node)
    if found is None:
        kind = "a whole number" if read is _integer_of else "a text"
        faults.add(node.place, f"{name} has to be {kind}")
    return found


def plain(pairs: Mapping[Text, str]) -> dict[str, str]:
    return {key.text: value for key, value in pairs.items()}
