"""Taking records apart in SQL, with the meaning that a layout's ``parse`` has for one line.

Each reader gives the steps of a query that computes, over ``text``, what all fields
of a record are then read from, once, and the expression that reads one of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import product

from simulator import (
    DelimitedLayout,
    JsonLayout,
    KeyValueLayout,
    Layout,
    PairedJsonLayout,
    PatternLayout,
    ProtobufLayout,
    UsageError,
)

_PLAIN_KEY = re.compile(r"[\w@ -]+(\.[\w@ -]+)*", re.ASCII)
_MOST_SEGMENTS = 6


@dataclass(frozen=True, slots=True)
class Reader:
    """SQL that reads fields: ``steps`` add columns to ``text``, one after the other; ``field`` reads one from them."""

    steps: tuple[str, ...]
    field: Callable[[str], str]


def reader(layout: Layout, fields: Collection[str]) -> Reader:
    """Return what reads these fields (and no others) from records of a layout."""
    if isinstance(layout, JsonLayout):
        return _json(fields)
    if isinstance(layout, PairedJsonLayout):
        return _paired(layout, fields)
    if isinstance(layout, PatternLayout):
        if {*fields, layout.time} <= {*layout.split}:
            return _split(layout.split)
        head = _groups(layout.pattern, fields, layout.time)
        return Reader((f"{head.call('text')} AS head",), lambda name: head.field(name) or "NULL::VARCHAR")
    if isinstance(layout, DelimitedLayout):
        return _delimited(layout)
    if isinstance(layout, ProtobufLayout):
        raise UsageError("a store does not read binary records")
    return _pairs(layout, fields)


def quoted(text: str) -> str:
    """Return SQL for a string; nothing but the quote has a meaning in it."""
    return "'" + text.replace("'", "''") + "'"


def _json(fields: Collection[str]) -> Reader:
    """Extract all paths in one pass over the text, and look a second time only at what could be an object."""
    paths = {field: [_path(keys) for keys in _partitions(field)] for field in fields}
    places = {path: place for place, path in enumerate(dict.fromkeys(p for ps in paths.values() for p in ps), 1)}
    wanted = ", ".join(quoted(path) for path in places)

    def read(field: str) -> str:
        values = ", ".join(f"found[{places[path]}]" for path in paths[field])
        objects = " OR ".join(f"json_type(text, {quoted(path)}) = 'OBJECT'" for path in paths[field])
        value = f"coalesce({values})" if len(paths[field]) > 1 else values
        return f"CASE WHEN starts_with({value}, '{{') AND coalesce({objects}, false) THEN NULL ELSE {value} END"

    return Reader((f"json_extract_string(text, [{wanted}]) AS found",), read)


def _partitions(field: str) -> list[list[str]]:
    """Return the ways to read a dotted name as keys: objects in objects, or keys that hold dots themselves."""
    segments = field.split(".")
    if len(segments) > _MOST_SEGMENTS:
        return [segments, [field]]
    ways = []
    for joined in product((False, True), repeat=len(segments) - 1):
        keys = [segments[0]]
        for join, segment in zip(joined, segments[1:], strict=True):
            if join:
                keys[-1] += "." + segment
            else:
                keys.append(segment)
        ways.append(keys)
    return ways


def _path(keys: list[str]) -> str:
    if all(_PLAIN_KEY.fullmatch(key) for key in keys):
        return "$" + "".join(f'."{key}"' for key in keys)
    # a JSON pointer can hold any key; it would also look into lists, where no plain name leads
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


_PAIRS = '[{"key":"VARCHAR","value":{"stringValue":"VARCHAR","intValue":"VARCHAR","boolValue":"VARCHAR","doubleValue":"VARCHAR"}}]'  # noqa: E501


def _paired(layout: PairedJsonLayout, fields: Collection[str]) -> Reader:
    """Extract all plain paths in one pass, and each list of pairs in another."""
    places: dict[str, int] = {}
    lists: dict[str, int] = {}
    for field in fields:
        path, key = _path_to_pair(layout, field)
        found = lists if key else places
        found.setdefault(path, len(found) + 1)
    wanted = ", ".join(map(quoted, places))
    steps = [f"json_extract_string(text, [{wanted}]::VARCHAR[]) AS found"]
    steps += [
        f"from_json(json_extract(text, {quoted(path)}), {quoted(_PAIRS)}) AS pairs{n}" for path, n in lists.items()
    ]

    def read(field: str) -> str:
        path, key = _path_to_pair(layout, field)
        if not key:
            value = f"found[{places[path]}]"
            is_object = f"coalesce(json_type(text, {quoted(path)}) = 'OBJECT', false)"
            return f"CASE WHEN starts_with({value}, '{{') AND {is_object} THEN NULL ELSE {value} END"
        pair = f"list_filter(pairs{lists[path]}, lambda pair: pair.key = {quoted(key)})[1].value"
        return f"coalesce({pair}.stringValue, {pair}.intValue, {pair}.boolValue, {pair}.doubleValue)"

    return Reader(tuple(steps), read)


def _path_to_pair(layout: PairedJsonLayout, field: str) -> tuple[str, str]:
    """Return the JSON path to a field or, if it lies in a list of pairs, to that list, and the key there."""
    path, names = "$", field.split(".")
    for number, name in enumerate(names, 1):
        path += '."' + name.replace('"', '\\"') + '"' + ("[0]" if name in layout.lists else "")
        if name in layout.pairs:
            return path, ".".join(names[number:])
    return path, ""


def _split(names: tuple[str, ...]) -> Reader:
    """Take words from the end of a line; what is before them is the first field."""
    words = {name: f"cells[{place - len(names)}]" for place, name in enumerate(names) if place}
    rest = " - ".join(["length(text)", *(f"length({word}) - 1" for word in words.values())])
    fields = {names[0]: f"left(text, {rest})", **words}
    return Reader(("string_split(text, ' ') AS cells",), lambda name: fields[name])


def _delimited(layout: DelimitedLayout) -> Reader:
    places = {column: place for place, column in reversed(list(enumerate(layout.columns, 1)))}
    unset = ", ".join(quoted(value) for value in layout.unset)

    def read(field: str) -> str:
        if field not in places:
            return "NULL::VARCHAR"
        value = f"cells[{places[field]}]"
        return f"CASE WHEN {value} IN ({unset}) THEN NULL ELSE {value} END" if unset else value

    return Reader((f"string_split(text, {quoted(layout.separator)}) AS cells",), read)


@dataclass(frozen=True, slots=True)
class _Groups:
    """A regular expression's groups, of which group 1 is the whole match."""

    pattern: str
    numbers: dict[str, int]
    optional: frozenset[str]

    def call(self, text: str) -> str:
        names = ", ".join(f"'g{number}'" for number in range(1, max(self.numbers.values(), default=1) + 1))
        return f"regexp_extract({text}, {quoted(self.pattern)}, [{names}])"

    def field(self, name: str) -> str:
        """Return SQL for a group. DuckDB has '' for groups that took no part, and for all if nothing matched."""
        if name not in self.numbers:
            return ""
        value = f"head.g{self.numbers[name]}"
        return f"nullif({value}, '')" if name in self.optional else f"CASE WHEN head.g1 <> '' THEN {value} END"


def _groups(pattern: str, fields: Collection[str], time: str) -> _Groups:
    """Keep only the groups that are asked for: each one kept costs RE2 time on every line."""
    wanted = {*fields, time}
    slim = re.sub(r"\(\?P<(\w+)>", lambda m: m[0] if m[1] in wanted else "(?:", pattern)
    named = re.compile(f"({slim})").groupindex
    return _Groups(f"^(?:({slim}))", dict(named), frozenset(_optional(slim)))


def _optional(pattern: str) -> set[str]:
    """Name the groups that a match can go without: in an alternative, or before ``?``, ``*`` or ``{0``."""
    names: list[str] = []
    optional: set[str] = set()
    around, inside, either = [0], [0], [False]  # of each group that is open: where its names begin; has it a "|"
    for token in re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P<(\w+)>|\(|\)|\|", pattern, re.DOTALL):
        if token[0].startswith("("):
            around.append(len(names))
            names += [token[1]] if token[1] else []
            inside.append(len(names))
            either.append(False)
        elif token[0] == "|":
            either[-1] = True
        elif token[0] == ")":
            with_itself, within = around.pop(), inside.pop()
            if either.pop():
                optional.update(names[within:])
            if re.match(r"[?*]|\{0", pattern[token.end() :]):
                optional.update(names[with_itself:])
    return {*names} if either[0] else optional


def _pairs(layout: KeyValueLayout, fields: Collection[str]) -> Reader:
    head = _groups(layout.head, fields, layout.time)
    rest = "CASE WHEN head.g1 <> '' THEN substring(text, length(head.g1) + 1) END"
    if layout.quoted:
        keys = f"regexp_extract_all({rest}, {quoted(layout.pair)}, 1) AS keys"
        values = f"regexp_extract_all({rest}, {quoted(layout.pair)}, 2) AS pair_values"
    else:  # RE2 cannot look ahead, so the text is split at the keys instead
        keys = rf"regexp_extract_all({rest}, '(?:^|\s+)(\w+)=', 1) AS keys"
        values = rf"string_split_regex({rest}, '(?:^|\s+)\w+=')[2:] AS pair_values"

    def pair(key: str) -> str:
        value = f"pair_values[list_position(keys, {quoted(key)})]"
        if layout.quoted:
            inner = f"substring({value}, 2, greatest(length({value}) - 2, 0))"
            return f"CASE WHEN starts_with({value}, '\"') THEN {inner} ELSE {value} END"
        return rf"CASE WHEN NOT regexp_matches({value}, '(^|[^\\])=') THEN {value} END"

    def read(field: str) -> str:
        written_as = [key for key, name in layout.aliases.items() if name == field]
        written_as += [] if field in layout.aliases else [field]
        group = head.field(field)
        return f"coalesce({', '.join([*([group] if group else []), *map(pair, written_as), 'NULL::VARCHAR'])})"

    return Reader((f"{head.call('text')} AS head", f"{keys}, {values}"), read)
