"""How records are taken apart: by the guard before they leave, by the store when they arrive.

A layout is data. ``parse`` is its plain meaning for one line; a store may do the
same for many at once in its own way, and a test compares the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class JsonLayout:
    """One JSON object a line. Fields are paths with dots; keys that hold dots themselves are written as they are.

    A list or an object reads as its JSON text, a boolean as ``true``, null as absent.
    """

    time: str = "@timestamp"
    time_format: str = "iso"  # or "epoch": seconds, as a number

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
class PatternLayout:
    """A line of text: the named groups of a regular expression (RE2's syntax) are its fields.

    ``time_format`` is strptime's, of the group ``time``; ``epoch`` reads seconds. Where
    it has no year, the year is that of the record's arrival, as collectors do it.
    """

    pattern: str
    time_format: str
    time: str = "time"

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


Layout = JsonLayout | PatternLayout | DelimitedLayout | KeyValueLayout
