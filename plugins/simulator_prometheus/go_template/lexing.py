"""Cuts a template into tokens, as Go's ``text/template/parse`` does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

KEYWORDS = frozenset({"block", "break", "continue", "define", "else", "end", "if", "range", "nil", "template", "with"})
_SPACE = " \t\r\n"
_TERMINATORS = ".,|:()" + _SPACE
_WORD = re.compile(r"[^\W]+")  # letters, digits and _ of any script
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_QUOTED = {'"': re.compile(r'"(?:\\[^\n]|[^"\\\n])*"'), "'": re.compile(r"'(?:\\[^\n]|[^'\\\n])*'")}
_QUOTED_KINDS = {'"': "string", "'": "character"}
_CLOSING = re.compile(r"[ \t\r\n]-}}|}}")


class TemplateFault(Exception):  # noqa: N818 - what Go calls an error of the template
    """Why a template cannot be read, or what went wrong while it ran."""


class Token(NamedTuple):
    kind: str
    text: str


def tokens_of(template: str) -> Iterator[Token]:
    """Yield the tokens; ``{{- `` and `` -}}`` have eaten the space around them, comments are gone."""
    position, trim = 0, False
    while True:
        opening = template.find("{{", position)
        text = template[position : opening if opening >= 0 else len(template)]
        if trim:
            text = text.lstrip(_SPACE)
        if opening < 0:
            if text:
                yield Token("text", text)
            yield Token("end of template", "")
            return
        inside = opening + 2
        if template[inside : inside + 1] == "-" and template[inside + 1 : inside + 2] in tuple(_SPACE):
            inside += 2
            text = text.rstrip(_SPACE)
        if text:
            yield Token("text", text)
        if template.startswith("/*", inside):
            position, trim = _after_comment(template, inside)
            continue
        yield Token("{{", "{{")
        position = inside
        for token in _action(template, inside):
            yield token
            position += len(token.text)
        trim = len(token.text) == 4


def _after_comment(template: str, start: int) -> tuple[int, bool]:
    end = template.find("*/", start + 2)
    if end < 0:
        raise TemplateFault("unclosed comment")
    closing = _CLOSING.match(template, end + 2)
    if closing is None:
        raise TemplateFault("comment ends before closing delimiter")
    return closing.end(), len(closing[0]) == 4


def _action(template: str, position: int) -> Iterator[Token]:
    """Yield the tokens of one action, with its ``}}`` or `` -}}``."""
    depth = 0
    while True:
        closing = _CLOSING.match(template, position)
        if closing:
            if depth:
                raise TemplateFault("unclosed left paren")
            yield Token("}}", closing[0])
            return
        if position >= len(template):
            raise TemplateFault("unclosed action")
        token = _token(template, position)
        depth += {"(": 1, ")": -1}.get(token.kind, 0)
        if depth < 0:
            raise TemplateFault("unexpected right paren")
        position += len(token.text)
        yield token


def _token(template: str, start: int) -> Token:
    letter = template[start]
    if letter in _SPACE:
        end = start + 1
        while template[end : end + 1] in tuple(_SPACE) and not _CLOSING.match(template, end):
            end += 1
        return Token("space", template[start:end])
    if letter == ":":
        if template[start + 1 : start + 2] != "=":
            raise TemplateFault("expected :=")
        return Token(":=", ":=")
    if letter in "=|()":
        return Token(letter, letter)
    if letter in _QUOTED:
        match = _QUOTED[letter].match(template, start)
        if match is None:
            raise TemplateFault(f"unterminated {_QUOTED_KINDS[letter]}: a quote is missing")
        return Token(_QUOTED_KINDS[letter], match[0])
    if letter == "`":
        end = template.find("`", start + 1)
        if end < 0:
            raise TemplateFault("unterminated raw quoted string")
        return Token("raw string", template[start : end + 1])
    return _word(template, start, letter)


def _word(template: str, start: int, letter: str) -> Token:
    following = template[start + 1 : start + 2]
    if letter == "$" or (letter == "." and not ("0" <= following <= "9" and following)):
        word = _WORD.match(template, start + 1)
        text = letter + (word[0] if word else "")
        _check_end(template, start + len(text))
        return Token("variable" if letter == "$" else "field" if word else ".", text)
    if letter in "+-." or letter.isdecimal():
        return _number(template, start)
    word = _WORD.match(template, start)
    if word:
        _check_end(template, word.end())
        kind = word[0] if word[0] in KEYWORDS else "boolean" if word[0] in ("true", "false") else "name"
        return Token(kind, word[0])
    if letter.isascii() and letter.isprintable():
        return Token("character of no meaning", letter)
    raise TemplateFault(f"unrecognized character in action: U+{ord(letter):04X} {letter!r}")


def _check_end(template: str, position: int) -> None:
    rest = template[position : position + 1]
    if rest and rest not in _TERMINATORS and not template.startswith("}}", position):
        raise TemplateFault(f"bad character U+{ord(rest):04X} {rest!r}")


def _number(template: str, start: int) -> Token:
    match = _NUMBER.match(template, start)
    text = match[0] if match else ""
    after = template[start + len(text) : start + len(text) + 1]
    if not text or _WORD.match(after):
        raise TemplateFault(f"bad number syntax: {text + after!r}")
    if after in ("+", "-"):
        raise TemplateFault(f"complex numbers such as {text + after}… are not read here; write a plain number")
    return Token("number", text)
