"""Reads a template: the same are refused, for the same reasons, as by Go's ``text/template/parse``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Literal as Choice
from typing import cast

from simulator_prometheus.go_template.lexing import TemplateFault, Token, tokens_of
from simulator_prometheus.go_template.nodes import (
    Block,
    Choosing,
    Command,
    Dot,
    Ending,
    Fields,
    Function,
    Inclusion,
    Jump,
    Literal,
    Operand,
    Pipeline,
    Said,
    Statement,
    Variable,
    Words,
)  # fmt: skip
from simulator_prometheus.go_template.quoting import unquoted

LONGEST = 20_000  # letters
DEEPEST = 50
_OPERANDS = frozenset(
    {"boolean", "character", ".", "field", "name", "number", "nil", "raw string", "string", "variable", "("}
)


@dataclass(frozen=True, slots=True)
class Template:
    """A template that can run, with those that it defines."""

    block: Block
    defined: dict[str, Block] = field(default_factory=dict)


def parsed(text: str, functions: Collection[str], variables: Collection[str]) -> Template:
    """Read a template that may use these functions and variables, or raise why it is none."""
    if len(text) > LONGEST:
        raise TemplateFault(f"it is longer than {LONGEST:,} letters")
    reader = _Reader(list(tokens_of(text)), functions, ["$", *variables])
    return Template(reader.whole(), reader.defined)


class _Reader:
    def __init__(self, tokens: list[Token], functions: Collection[str], variables: list[str]) -> None:
        self.defined: dict[str, Block] = {}
        self._tokens, self._at = tokens, 0
        self._functions, self._variables = functions, variables
        self._ranges = self._depth = 0

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _peek_word(self) -> Token:
        while self._peek().kind == "space":
            self._next()
        return self._peek()

    def _next_word(self) -> Token:
        self._peek_word()
        return self._next()

    def _expect(self, kind: str, context: str) -> Token:
        token = self._next_word()
        if token.kind != kind:
            raise _unexpected(token, context)
        return token

    def whole(self) -> Block:
        statements: list[Statement] = []
        while self._peek().kind != "end of template":
            if self._peek().kind == "{{":
                back = self._at
                self._next()
                if self._next_word().kind == "define":
                    self._definition()
                    continue
                self._at = back
            found = self._statement()
            if isinstance(found, Ending):
                raise TemplateFault(f"unexpected {{{{{found.kind}}}}}")
            statements.append(found)
        return tuple(statements)

    def _definition(self) -> None:
        name = self._name("define clause")
        self._expect("}}", "define clause")
        self.defined[name] = self._inner("define clause")

    def _inner(self, context: str) -> Block:
        """Read the body of a template within this one: it knows no variables of the outer one."""
        outer, self._variables = self._variables, ["$"]
        ranges, self._ranges = self._ranges, 0
        body, end = self._list()
        self._variables, self._ranges = outer, ranges
        if end.kind != "end":
            raise TemplateFault(f"unexpected {{{{else}}}} in {context}")
        return body

    def _list(self) -> tuple[Block, Ending]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TemplateFault(f"it is nested more than {DEEPEST} deep")
        statements: list[Statement] = []
        while self._peek_word().kind != "end of template":
            found = self._statement()
            if isinstance(found, Ending):
                self._depth -= 1
                return tuple(statements), found
            statements.append(found)
        raise TemplateFault("unexpected EOF: an {{end}} is missing")

    def _statement(self) -> Statement | Ending:
        token = self._next_word()
        if token.kind == "text":
            return Words(token.text)
        if token.kind != "{{":
            raise _unexpected(token, "input")
        return self._action()

    def _action(self) -> Statement | Ending:
        back = self._at
        kind = self._next_word().kind
        if kind in ("break", "continue"):
            self._expect("}}", f"{{{{{kind}}}}}")
            if not self._ranges:
                raise TemplateFault(f"{{{{{kind}}}}} outside {{{{range}}}}")
            return Jump(cast('Choice["break", "continue"]', kind))
        if kind == "end":
            self._expect("}}", "end")
            return Ending("end")
        if kind == "else":
            if self._peek_word().kind not in ("if", "with"):
                self._expect("}}", "else")
            return Ending("else")
        if kind in ("if", "with", "range"):
            return self._control(cast('Choice["if", "with", "range"]', kind))
        if kind in ("template", "block"):
            return self._inclusion(kind)
        self._at = back
        return Said(self._pipeline("command", "}}"))

    def _inclusion(self, kind: str) -> Inclusion:
        context = f"{kind} clause"
        name = self._name(context)
        pipeline = None
        if kind == "block" or self._peek_word().kind != "}}":
            pipeline = self._pipeline(context, "}}")
        else:
            self._next()
        if kind == "block":
            self.defined[name] = self._inner(context)
        return Inclusion(name, pipeline)

    def _name(self, context: str) -> str:
        token = self._next_word()
        if token.kind not in ("string", "raw string"):
            raise _unexpected(token, context)
        return unquoted(token.text)

    def _control(self, kind: Choice["if", "with", "range"]) -> Choosing:
        known = len(self._variables)
        pipeline = self._pipeline(kind, "}}")
        self._ranges += kind == "range"
        body, end = self._list()
        self._ranges -= kind == "range"
        otherwise: Block = ()
        if end.kind == "else":
            if kind != "range" and self._peek().kind == kind:  # else if: its end is ours
                self._next()
                self._depth += 1
                otherwise = (self._control(kind),)
                self._depth -= 1
            else:
                otherwise, end = self._list()
                if end.kind != "end":
                    raise TemplateFault("expected end; found {{else}}")
        del self._variables[known:]
        return Choosing(kind, pipeline, body, otherwise)

    def _pipeline(self, context: str, end: str) -> Pipeline:
        variables, assigns = self._declared(context)
        commands: list[Command] = []
        while (token := self._peek_word()).kind != end:
            if token.kind not in _OPERANDS:
                raise _unexpected(token, context)
            commands.append(self._command())
        self._next()
        if not commands:
            raise TemplateFault(f"missing value for {context}")
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command.words[0], Literal | Dot):
                raise TemplateFault(f"non executable command in pipeline stage {stage}")
        return Pipeline(tuple(commands), variables, assigns)

    def _declared(self, context: str) -> tuple[tuple[str, ...], bool]:
        """Read ``$x :=``, ``$x =`` or, of a range, ``$i, $x :=``."""
        names: list[str] = []
        while self._peek_word().kind == "variable":
            back = self._at
            name = self._next().text
            following = self._peek_word()
            if following.kind in ("=", ":="):
                self._next()
                self._variables.append(name)
                return (*names, name), following.kind == "="
            if following.text != ",":
                self._at = back
                break
            self._next()
            names.append(name)
            self._variables.append(name)
            if context != "range" or len(names) > 1:
                raise TemplateFault(f"too many declarations in {context}")
            if self._peek_word().kind not in ("variable", "}}", ")"):
                raise TemplateFault("range can only initialize variables")
        return tuple(names), False

    def _command(self) -> Command:
        words: list[Operand] = []
        while True:
            self._peek_word()
            word = self._operand()
            if word is not None:
                words.append(word)
            token = self._peek()
            if token.kind == "space":
                continue
            if token.kind == "|":
                self._next()
            elif token.kind not in ("}}", ")"):
                raise _unexpected(token, "operand")
            break
        if not words:
            raise TemplateFault("empty command")
        return Command(tuple(words))

    def _operand(self) -> Operand | None:
        word = self._term()
        names: list[str] = []
        while word is not None and self._peek().kind == "field":
            names.append(self._next().text[1:])
        if names and isinstance(word, Literal | Dot):
            raise TemplateFault("unexpected . after a term that has no fields")
        if names and isinstance(word, Fields):
            return Fields(word.of, (*word.names, *names))
        return Fields(word, tuple(names)) if names and word is not None else word

    def _term(self) -> Operand | None:
        token = self._peek()
        if token.kind not in _OPERANDS:
            return None
        self._next()
        if token.kind == "(":
            return self._parenthesized()
        self._check_known(token)
        return _plain(token)

    def _check_known(self, token: Token) -> None:
        if token.kind == "name" and token.text not in self._functions:
            raise TemplateFault(f'function "{token.text}" not defined')
        if token.kind == "variable" and token.text not in self._variables:
            raise TemplateFault(f'undefined variable "{token.text}"')

    def _parenthesized(self) -> Pipeline:
        self._depth += 1
        if self._depth > DEEPEST:
            raise TemplateFault(f"it is nested more than {DEEPEST} deep")
        pipeline = self._pipeline("parenthesized pipeline", ")")
        self._depth -= 1
        return pipeline


def _plain(token: Token) -> Operand:
    """Return what a token stands for by itself."""
    text = token.text
    readers: dict[str, Callable[[], Operand]] = {
        "name": lambda: Function(text),
        "variable": lambda: Variable(text),
        "field": lambda: Fields(Dot(), (text[1:],)),
        ".": Dot,
        "nil": lambda: Literal(None),
        "boolean": lambda: Literal(text == "true"),
        "number": lambda: Literal(_number(text)),
        "character": lambda: Literal(ord(unquoted(text))),
    }
    read = readers.get(token.kind)
    return read() if read else Literal(unquoted(text))


def _unexpected(token: Token, context: str) -> TemplateFault:
    shown = token.text if token.kind not in ("space", "end of template", "text") else token.kind
    return TemplateFault(f"unexpected <{shown}> in {context}")


def _number(text: str) -> float:
    """Return an int, or a float where it is written as one."""
    octal = re.fullmatch(r"([+-]?)0_?([0-7_]+)", text)
    try:
        whole = int(f"{octal[1]}0o{octal[2]}" if octal else text, 0)
    except ValueError:
        pass
    else:
        if -(2**63) <= whole < 2**64:
            return whole
        raise TemplateFault(f'integer overflow: "{text}"')
    try:
        found = float.fromhex(text) if text.lstrip("+-")[:2].lower() == "0x" else float(text)
    except (ValueError, OverflowError):
        raise TemplateFault(f'illegal number syntax: "{text}"') from None
    if not re.search(r"[.eEpP]", text):
        raise TemplateFault(f'illegal number syntax: "{text}"')
    return found
