"""YAML as programs in Go read it: what they accept is accepted, what they refuse is refused, each with its place.

Files for Prometheus and Alertmanager are somebody else's: their verdict is that of those
programs, anchors, merge keys and ``severity: 1`` included, not that of our own playbooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from simulator import Place

LARGEST_FILE = 1_000_000  # bytes
DEEPEST = 50
MOST_NODES = 200_000  # with what aliases stand for written out
_MOST_FAULTS = 100
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar as it is written. A plain one may mean a number, true, or nothing."""

    text: str
    plain: bool
    place: Place
    size: int = 1

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[Node, ...]
    place: Place
    size: int


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping without repeated keys, what it merges (``<<``) included."""

    entries: tuple[tuple[Text, Node], ...]
    place: Place
    size: int

    def get(self, name: str) -> Node | None:
        return next((value for key, value in self.entries if key.text == name), None)


Node = Text | Items | Entries


@dataclass(frozen=True, slots=True)
class Fault:
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(slots=True)
class Faults:
    """What is wrong with a file, as far as anybody reads on."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: Place, message: str) -> None:
        fault = Fault(place, message)
        if len(self.found) < _MOST_FAULTS and fault not in self.found:
            self.found.append(fault)


class _Unreadable(Exception):  # noqa: N818 - it ends the reading, and never leaves this file
    pass


def read(path: Path, faults: Faults) -> Node | None:
    """Read the first document of a file; None if there is none, or if it cannot be read (then there are faults).

    Places have the file's name alone: rules of a run are kept in its folder, and that may move.
    """
    start = Place(path.name, 1, 1)
    try:
        with path.open("rb") as file:
            written = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        faults.add(start, f"this file cannot be read: {getattr(error, 'strerror', None) or error}")
        return None
    if len(written) > LARGEST_FILE:
        faults.add(start, f"this file is larger than {LARGEST_FILE:,} bytes; split it")
        return None
    try:
        text = written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.add(start, f"byte {error.start + 1} is not UTF-8; save the file as UTF-8")
        return None
    return parse(text, path.name, faults)


def parse(text: str, file: str, faults: Faults) -> Node | None:
    try:
        return _Builder(file, faults).document(yaml.parse(text, Loader=_Loader))
    except _Unreadable:
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        parts = [getattr(error, part, None) for part in ("context", "problem")]
        said = ", ".join(part for part in parts if part) or str(error).splitlines()[0]
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        faults.add(place, f"this is not YAML: {said}; check the indentation, colons and quotes just before")
        return None


class _Builder:
    """Puts together the events of PyYAML's parser."""

    def __init__(self, file: str, faults: Faults) -> None:
        self._file, self._faults = file, faults
        self._anchors: dict[str, Node] = {}

    def document(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                return self._node(next(events), events, 1)  # what follows is not read, as by Prometheus
        return None

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _stop(self, place: Place, message: str) -> _Unreadable:
        self._faults.add(place, message)
        return _Unreadable()

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        place = self._place(event)
        if depth > DEEPEST:
            raise self._stop(place, f"this is nested more than {DEEPEST} deep; flatten it")
        node: Node
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise self._stop(place, f"*{event.anchor}: there is no such anchor before it; add &{event.anchor}")
            return self._anchors[event.anchor]
        if isinstance(event, yaml.ScalarEvent):
            tagged = event.tag is not None and event.tag.endswith((":str", "!"))
            node = Text(event.value, bool(event.implicit[0]) and not tagged, place)
        elif isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not isinstance(inner := next(events), yaml.SequenceEndEvent):
                items.append(self._node(inner, events, depth + 1))
            node = Items(tuple(items), place, 1 + sum(each.size for each in items))
        else:
            node = self._entries(place, events, depth)
        if node.size > MOST_NODES:
            raise self._stop(place, f"this holds more than {MOST_NODES:,} values, aliases written out; split it")
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _entries(self, place: Place, events: Iterator[Any], depth: int) -> Entries:
        entries: dict[str, tuple[Text, Node]] = {}
        merged: list[Node] = []
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Text):
                self._faults.add(key.place, "a key has to be text; write a word")
            elif key.plain and key.text == "<<":
                merged.append(value)
            elif key.text in entries:
                first = entries[key.text][0].place.line
                self._faults.add(key.place, f"{key.text!r} stands here twice (first in line {first}); keep one")
            else:
                entries[key.text] = key, value
        for node in merged:
            self._merge(node, entries)
        return Entries(
            tuple(entries.values()), place, 1 + sum(key.size + value.size for key, value in entries.values())
        )

    def _merge(self, node: Node, entries: dict[str, tuple[Text, Node]]) -> None:
        for each in node.items if isinstance(node, Items) else (node,):
            if not isinstance(each, Entries):
                self._faults.add(each.place, "only a mapping can be merged (<<); name an anchor of one")
                continue
            for key, value in each.entries:
                entries.setdefault(key.text, (key, value))
