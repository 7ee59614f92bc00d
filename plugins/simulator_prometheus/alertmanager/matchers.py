"""Conditions on labels, in Alertmanager's old syntax and in the one of 0.27 that knows any letter in names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from simulator_prometheus.go_template.lexing import TemplateFault
from simulator_prometheus.go_template.quoting import unquoted
from simulator_prometheus.regex import BadRegexError, check, matched

_OLD = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*", re.DOTALL | re.ASCII)
_TOKEN = re.compile(r"\s*(?:([{},])|(!=|!~|=~|=)|(\"(?:\\.|[^\"\\])*\")|([^\s{}!=~,\\\"'`]+))", re.DOTALL)


class BadMatcherError(ValueError):
    """A text that is no matcher."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """``name operator value``; a label that is not there counts as an empty one."""

    name: str
    operator: str
    value: str

    def __post_init__(self) -> None:
        if self.operator.endswith("~"):
            try:
                check(self.value)
            except BadRegexError as error:
                raise BadMatcherError(str(error)) from error

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.name, "")
        same = matched(self.value, value) if self.operator.endswith("~") else value == self.value
        return same != self.operator.startswith("!")


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


def matchers_of(text: str) -> list[Matcher]:
    """Read one line of matchers as Alertmanager 0.27 does: where the two syntaxes disagree, the old one holds."""
    old, new = _tried(old_matchers, text), _tried(new_matchers, text)
    if isinstance(new, BadMatcherError):
        if isinstance(old, BadMatcherError):
            raise old if str(old) else new
        return old
    return new if isinstance(old, BadMatcherError) else old


def _tried(read: Callable[[str], list[Matcher]], text: str) -> list[Matcher] | BadMatcherError:
    try:
        return read(text)
    except BadMatcherError as error:
        return error


def old_matchers(text: str) -> list[Matcher]:
    return [_old_matcher(each) for each in _parts(text.removeprefix("{").removesuffix("}"))]


def _parts(text: str) -> Iterator[str]:
    """Cut at commas that stand outside of quotes."""
    start, quoted, escaped = 0, False, False
    for index, letter in enumerate(text):
        if letter == "," and not quoted:
            yield text[start:index]
            start = index + 1
            continue
        if letter == '"' and not escaped:
            quoted = not quoted
        escaped = letter == "\\" and not escaped
    if text[start:].strip():
        yield text[start:].strip()


def _old_matcher(text: str) -> Matcher:
    match = _OLD.fullmatch(text)
    if match is None:
        raise BadMatcherError(f"{text!r} is no matcher; write name=value, name!=value, name=~regex or name!~regex")
    name, operator, raw = match.groups()
    quoted = raw.startswith('"')
    inner = raw.removeprefix('"')
    end = len(inner)
    value, index = [], 0
    closed = not quoted
    while index < end:
        letter = inner[index]
        if letter == "\\" and index + 1 < end:
            following = inner[index + 1]
            value.append({"n": "\n", '"': '"', "\\": "\\"}.get(following, letter + following))
            index += 1
        elif letter == '"':
            if not quoted or index < end - 1:
                raise BadMatcherError(f'{raw!r} has a double quote within; write \\" for it')
            closed = True
        else:
            value.append(letter)
        index += 1
    if not closed:
        raise BadMatcherError(f"{raw!r} lacks its closing double quote")
    return Matcher(name, operator, "".join(value))


def new_matchers(text: str) -> list[Matcher]:
    """Read matchers whose names may be any text in double quotes, or without reserved characters."""
    tokens = list(_tokens(text))
    braced = bool(tokens) and tokens[0] == ("brace", "{")
    if braced:
        if tokens[-1] != ("brace", "}"):
            raise BadMatcherError(f"{text!r} lacks its closing brace")
        tokens = tokens[1:-1]
    found: list[Matcher] = []
    while tokens:
        kinds = [kind for kind, _ in tokens[:4]]
        if len(kinds) < 3 or kinds[:3] != ["text", "operator", "text"] or kinds[3:] not in ([], ["comma"]):
            raise BadMatcherError(f'{text!r} is no list of matchers; write name=value, name2=~"regex"')
        found.append(Matcher(tokens[0][1], tokens[1][1], tokens[2][1]))
        tokens = tokens[4:]
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadMatcherError(f"{text!r} cannot be read from letter {position + 1} on; put values in double quotes")
        mark, operator, quoted, bare = match.groups()
        if mark:
            yield ("comma" if mark == "," else "brace"), mark
        elif operator:
            yield "operator", operator
        else:
            yield "text", _unquoted(quoted) if quoted else bare
        position = match.end()


def _unquoted(quoted: str) -> str:
    try:
        return unquoted(quoted)
    except TemplateFault as error:
        raise BadMatcherError(str(error)) from error
