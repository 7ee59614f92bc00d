"""How records are taken apart: by the guard before they leave, by the store when they arrive.

A layout is data. ``parse`` is its plain meaning for one line; a store may do the
same for many at once in its own way, and a test compares the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class JsonLayout:
    """One JSON object a line. Fields are paths with dots; keys that hold dots themselves are written as they are.

    A list or an object reads as its JSON text, a boolean as ``true``, null as absent.
    """

    time: str = "@timestamp"
    time_format: str = "iso"  # or "epoch": seconds, as a number; "epoch_ns": nanoseconds

    def parse(self, line: str) -> dict[str, str]:
        return dict(_flat(json.loads(line), ""))


def _flat(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _flat(member, f"{path}.{key}" if path else key)
    elif isinstance(value, str):
        yield path, value
    elif value is not None:
        yield path, json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class PairedJsonLayout:
    """JSON that has lists where others have objects, one object a line.

    A list under one of the names ``lists`` is read as its only item; one under a name of
    ``pairs`` holds objects with ``key`` and ``value``, and reads as an object of these. A value
    that is an object itself says its type, and has one member: ``{"stringValue": "a"}`` reads as ``a``.
    """

    time: str
    time_format: str
    lists: tuple[str, ...]
    pairs: tuple[str, ...]

    def parse(self, line: str) -> dict[str, str]:
        return dict(_flat(self._plain(json.loads(line), ""), ""))

    def _plain(self, value: object, name: str) -> object:
        if isinstance(value, list) and name in self.pairs:
            return {str(pair["key"]): _untyped(pair.get("value")) for pair in reversed(value)}
        if isinstance(value, list) and name in self.lists and len(value) == 1:
            return self._plain(value[0], name)
        if isinstance(value, dict):
            return {key: self._plain(member, key) for key, member in value.items()}
        return value


def _untyped(value: object) -> object:
    return next(iter(value.values()), None) if isinstance(value, dict) else value


@dataclass(frozen=True, slots=True)
class PatternLayout:
    """A line of text: the named groups of a regular expression (RE2's syntax) are its fields.

    ``time_format`` is strptime's, of the group ``time``; ``epoch`` reads seconds, ``epoch_ms`` milliseconds. Where
    it has no year, the year is that of the record's arrival, as collectors do it.
    ``split`` names groups that with blanks between them are the whole line; only the first may hold blanks itself. So
    they can be read without the expression, which takes a tenth of the time.
    """

    pattern: str
    time_format: str
    time: str = "time"
    split: tuple[str, ...] = ()

    def parse(self, line: str) -> dict[str, str]:
        match = re.match(self.pattern, line)
        return {key: value for key, value in match.groupdict().items() if value is not None} if match else {}


@dataclass(frozen=True, slots=True)
class DelimitedLayout:
    """Values between separators, in fixed columns; lines that start with ``comment`` are no records."""

    columns: tuple[str, ...]
    time: str
    time_format: str = "epoch"
    separator: str = "\t"
    unset: tuple[str, ...] = ("-",)
    comment: str = "#"

    def parse(self, line: str) -> dict[str, str]:
        values = line.split(self.separator)
        return {key: value for key, value in zip(self.columns, values, strict=False) if value not in self.unset}


@dataclass(frozen=True, slots=True)
class KeyValueLayout:
    """A head matched by a regular expression (its named groups are fields), then ``key=value`` pairs.

    A value is what follows ``=`` up to the next `` key=`` (spaces belong to it) or, when
    ``quoted``, a string in double quotes or a run without blanks; pairs may stand together
    in single quotes, as in auditd's ``msg='op=login res=failed'``. auditd, CEF extensions.
    """

    head: str
    time: str
    time_format: str
    quoted: bool = False
    aliases: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def pair(self) -> str:
        """Return the pattern of one pair: group 1 is the key, group 2 the value."""
        if self.quoted:
            return r"""(?:^|[\s\x1d'])([\w.-]+)=("(?:[^"\\]|\\.)*"|[^\s\x1d']*)"""
        return r"(?:^|\s)(\w+)=((?:\\=|[^=])*?)(?=\s+\w+=|$)"

    def parse(self, line: str) -> dict[str, str]:
        match = re.match(self.head, line)
        if not match:
            return {}
        fields = {key: value for key, value in match.groupdict().items() if value is not None}
        for key, value in re.findall(self.pair, line[match.end() :]):
            quoted = self.quoted and value.startswith('"')
            fields.setdefault(self.aliases.get(key, key), value[1:-1] if quoted else value)
        return fields


@dataclass(frozen=True, slots=True)
class ProtobufLayout:
    """Messages in protobuf's wire format, each after its length as a varint. No store reads these.

    ``pairs`` is the way, by numbers of fields, to messages of a name (field 1) and a value
    (field 2: a text, or a message that has the text in field 1): these are its fields.
    ``unpacked`` undoes the compression of a message; ValueError says that it is not compressed so.
    """

    pairs: tuple[int, ...]
    time: str = ""
    time_format: str = ""
    unpacked: Callable[[bytes], bytes] | None = None

    def parse(self, record: str | bytes) -> dict[str, str]:
        """Take a message apart; ValueError says that it is none."""
        if isinstance(record, str):
            raise ValueError("a text is no protobuf message")  # noqa: TRY004  (as for all that is no record)
        found: dict[str, str] = {}
        for pair in _at(self.unpacked(record) if self.unpacked else record, self.pairs):
            parts = dict(_wire_fields(pair))
            value = parts.get(2, b"")
            if isinstance(value, bytes) and value[:1] == b"\x0a":
                value = dict(_wire_fields(value)).get(1, b"")
            if isinstance(value, bytes) and isinstance(name := parts.get(1), bytes):
                found.setdefault(name.decode(), value.decode(errors="replace"))
        return found


def _at(message: bytes, path: tuple[int, ...]) -> Iterator[bytes]:
    """Yield the messages that lie at a path of numbers of fields."""
    if not path:
        yield message
        return
    for number, value in _wire_fields(message):
        if number == path[0] and isinstance(value, bytes):
            yield from _at(value, path[1:])


def _wire_fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        if key & 7 == 0:
            value, place = _varint(message, place)
            yield key >> 3, value
            continue
        if key & 7 == 2:
            length, place = _varint(message, place)
        elif key & 7 in (1, 5):
            length = 8 if key & 7 == 1 else 4
        else:
            raise ValueError(f"byte {place} begins nothing that protobuf knows")
        if place + length > len(message):
            raise ValueError("the message ends too early")
        yield key >> 3, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise ValueError("the message ends too early")
        value |= (message[place] & 127) << shift
        place += 1
        if message[place - 1] < 128:
            return value, place
    raise ValueError(f"byte {place} is in a number without end")


Layout = JsonLayout | PairedJsonLayout | PatternLayout | DelimitedLayout | KeyValueLayout | ProtobufLayout
