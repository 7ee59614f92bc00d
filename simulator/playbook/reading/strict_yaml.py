"""Strict YAML: the part of it that means the same to every reader, with the place of each piece.

Stock readers take a key twice without a word, read ``on`` as true, ``12:30:45`` as 45045
and ``0123`` as 83. All of that is refused here, with anchors, tags and merge keys; plain
scalars are those of YAML 1.2's core schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from simulator.places import Complaints, Place
from simulator.playbook.reading.nodes import Entries, Items, Node, Scalar, shortened

LARGEST_FILE = 1_000_000  # bytes
DEEPEST = 32
LARGEST_NUMBER = 2**63 - 1

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_SAID_TRUE = re.compile(r"(?i:yes|no|on|off)")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_OLD_NUMBER = re.compile(r"[-+]?0[0-9]+|[-+]?0b[01_]+|[-+]?[0-9][0-9,]*_[0-9_]*(\.[0-9_]*)?")
_CONSTANTS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_CONSTANTS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_BEGINNINGS = frozenset("0123456789+-.yYnNoO")  # of what may be more than text
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAB = re.compile(r"^ *\t", re.MULTILINE)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same events, ten times as fast


def read_yaml(path: Path, complaints: Complaints) -> Node:
    """Read a file of one document. What cannot be read at all is raised; other complaints are added."""
    start = Place(str(path), 1, 1)
    try:
        with path.open("rb") as file:
            written = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        complaints.add(start, f"this file cannot be read: {reason}; check its name and that you may read it")
    else:
        text = _decoded(written, start, complaints)
        if text is not None:
            return parse_yaml(text, str(path), complaints)
    complaints.settle()
    raise AssertionError("every way here has a complaint")


def parse_yaml(text: str, file: str, complaints: Complaints) -> Node:
    """Read a text of one document. What cannot be read at all is raised; other complaints are added."""
    reader = _Reader(file, complaints)
    try:
        _check_characters(text, file, complaints)
        found = reader.document(yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as error:
        complaints.add(_place_of_error(error, file), f"this is not YAML: {_problem(error)}")
        found = None
    if found is None:
        complaints.settle()
        raise AssertionError("a file without a document has a complaint")
    return found


def _check_characters(text: str, file: str, complaints: Complaints) -> None:
    if match := _UNPRINTABLE.search(text):
        what = f"the character U+{ord(match[0]):04X} is not allowed; in double quotes write \\x or \\u"
        complaints.add(_place_of(text, match.start(), file), what)
    if match := _TAB.search(text):
        complaints.add(_place_of(text, match.end() - 1, file), "a tab in the indentation; use spaces")
    complaints.settle()


def _decoded(written: bytes, start: Place, complaints: Complaints) -> str | None:
    if len(written) > LARGEST_FILE:
        complaints.add(start, f"this file is larger than {LARGEST_FILE:,} bytes; split it")
    elif written.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        complaints.add(start, "this file begins with a byte order mark; save it as UTF-8 without one")
    else:
        try:
            return written.decode()
        except UnicodeDecodeError as error:
            before = written[: error.start].decode()
            place = _place_of(before, len(before), start.file)
            complaints.add(place, f"byte 0x{written[error.start]:02x} is not UTF-8; save the file as UTF-8")
    return None


def _place_of(text: str, index: int, file: str) -> Place:
    line_start = text.rfind("\n", 0, index) + 1
    return Place(file, text.count("\n", 0, index) + 1, index - line_start + 1)


def _place_of_error(error: yaml.YAMLError, file: str) -> Place:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)


def _problem(error: yaml.YAMLError) -> str:
    parts = [getattr(error, part, None) for part in ("context", "problem")]
    said = ", ".join(part for part in parts if part) or str(error)
    return f"{shortened(said, 200)}; check the indentation, colons and quotes just before"


class _Unread(Exception):  # noqa: N818 - it says what became of the rest, and never leaves this file
    """The rest cannot be read; a complaint says why."""


class _Reader:
    """Puts together the events of PyYAML's parser."""

    def __init__(self, file: str, complaints: Complaints) -> None:
        self.file, self.complaints = file, complaints

    def document(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        try:
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent):
                    if root is not None:
                        self._complain(event, "a second document begins; a file holds one")
                        break
                    root = self._node(next(events), events, 1)
        except _Unread:
            return None
        if root is None or (isinstance(root, Scalar) and root.value is None):
            self.complaints.add(
                Place(self.file, 1, 1), "this file is empty; `feint new` writes a playbook to start from"
            )
            return None
        return root

    def _complain(self, event: Any, message: str) -> None:
        self.complaints.add(self._place(event), message)

    def _place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if depth > DEEPEST:
            self._complain(event, f"this is nested more than {DEEPEST} deep")
            raise _Unread
        if isinstance(event, yaml.AliasEvent):
            self._complain(event, f"*{event.anchor}: aliases are not read; write it out, or use a parameter")
            return Scalar(None, self._place(event))
        if event.anchor:
            self._complain(event, f"&{event.anchor}: anchors are not read; write it out where it is needed")
        if event.tag:
            self._complain(event, f"the tag {event.tag}: tags are not read; leave it out (text can stand in quotes)")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self._items(events, depth)), self._place(event))
        return Entries(tuple(self._entries(events, depth)), self._place(event))

    def _items(self, events: Iterator[Any], depth: int) -> Iterator[Node]:
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self._node(event, events, depth + 1)

    def _entries(self, events: Iterator[Any], depth: int) -> Iterator[tuple[Scalar, Node]]:
        seen: dict[tuple[type, Any], Place] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if self._is_key(key, event) and isinstance(key, Scalar):
                first = seen.setdefault((type(key.value), key.value), key.place)
                if first is key.place:
                    yield key, value
                else:
                    self._complain(
                        event, f"{key.value!r} stands here a second time (first in line {first.line}); keep one"
                    )

    def _is_key(self, key: Node, event: Any) -> bool:
        if isinstance(key, Scalar) and key.value == "<<" and event.implicit[0]:
            self._complain(event, "merge keys (<<) are not read; write it out")
        elif not isinstance(key, Scalar) or isinstance(key.value, bool | float) or key.value is None:
            self._complain(event, "a key has to be text; put it in quotes")
        else:
            return True
        return False

    def _scalar(self, event: Any) -> Scalar:
        value = event.value
        if event.implicit[0] and event.style in (None, ""):
            value = self._plain(event, event.value)
        return Scalar(value, self._place(event), block=event.style in ("|", ">"))

    def _plain(self, event: Any, text: str) -> Any:
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text[0] not in _BEGINNINGS:
            return text
        if _SAID_TRUE.fullmatch(text):
            self._complain(event, f"{text}: some readers take this for true or false; write true, false or {text!r}")
        elif _SEXAGESIMAL.fullmatch(text):
            self._complain(
                event, f"{text}: some readers take this for a number; write {text!r}, or a duration such as 1h30m"
            )
        elif _OLD_NUMBER.fullmatch(text):
            self._complain(event, f"{text}: readers disagree which number this is; write it plainly, or as {text!r}")
        elif _ENDLESS.fullmatch(text):
            self._complain(event, f"{text} is not a number that can be played")
        elif _INTEGER.fullmatch(text):
            return self._within(event, text, int(text, 0) if len(text) < 30 else LARGEST_NUMBER + 1)
        elif _NUMBER.fullmatch(text):
            return self._within(event, text, float(text))
        return text

    def _within(self, event: Any, text: str, number: float) -> float:
        if abs(number) <= LARGEST_NUMBER:
            return number
        self._complain(event, f"{shortened(text)} is too large a number (at most 2⁶³ - 1)")
        return 0
