"""A message for columns of certain kinds, taken apart into nodes.

Neighbours whose values depend on the same coded fields become one node, and so one look-up in
a table; nested messages of which nothing else is known are part of it, with their lengths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import nodes

from simulator.errors import TemplateError
from simulator.telemetry.messages import wire
from simulator.telemetry.messages.expressions import Expression, Scope
from simulator.telemetry.messages.message import Member, Message, Nested
from simulator.telemetry.messages.nodes import (
    Constant,
    Encode,
    Given,
    Known,
    Neighbours,
    Node,
    Printed,
    Wide,
    Within,
    Write,
    WriteBytes,
    WriteColumn,
    WriteNumber,
)
from simulator.telemetry.templates.environment import environment
from simulator.telemetry.templates.expressions import ConstantNumber, FieldKind
from simulator.telemetry.templates.plan import Shelf

_LONGEST_JOINED = 512  # bytes of a constant that joins what stands before or after it


@dataclass(frozen=True, slots=True)
class _Piece:
    """A node to be: bytes that depend on fields by way of ``encode``, or a node that is made already."""

    fields: frozenset[str]
    encode: Encode | None = None
    node: Node | None = None


class Layer:
    """Nodes of a message, and the fields that they read."""

    def __init__(
        self,
        message: Message,
        kinds: Mapping[str, FieldKind],
        constants: Mapping[str, object],
        filters: Mapping[str, Callable[..., Any]],
        name: str,
    ) -> None:
        kept = {key: value for key, value in constants.items() if key not in kinds}
        compiler = _Compiler(Scope(kinds, kept, filters, environment(filters), name))
        self.nodes = tuple(compiler.nodes(message.members, ()))
        self.fields = frozenset(compiler.read)
        self.warnings = tuple(compiler.warnings)


class _Compiler:
    """Makes nodes of members. ``read`` are the fields that they turned out to depend on."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._encodes: list[Encode] = []
        self._shelves: dict[tuple[frozenset[str], tuple[str, ...]], Shelf] = {}
        self.warnings: list[str] = []
        self.read = set[str]()

    def nodes(self, members: Sequence[Member | Nested], whens: tuple[str, ...]) -> list[Node]:
        """Compile members that stand under some conditions, which are not over coded fields alone."""
        return self._together(self._joined(self._piece(each, whens) for each in members), whens)

    def _together(self, pieces: Sequence[_Piece], whens: tuple[str, ...]) -> list[Node]:
        """Make nodes of pieces; those of coded fields that stand side by side become one."""
        found: list[Node] = []
        run: list[_Piece] = []
        for piece in (*pieces, None):
            if piece is not None and piece.encode is not None and piece.fields:
                run.append(piece)
                continue
            if len(run) > 1:
                found.append(Neighbours([(each.fields, each.encode) for each in run if each.encode is not None]))
            else:
                found.extend(self._node(each, whens) for each in run)
            run = []
            if piece is not None:
                found.append(self._node(piece, whens))
        return found

    def _node(self, piece: _Piece, whens: tuple[str, ...]) -> Node:
        if piece.node is not None:
            return piece.node
        assert piece.encode is not None
        return self._known(piece.fields, piece.encode, whens) if piece.fields else Constant(piece.encode({}))

    def _joined(self, pieces: Iterable[_Piece]) -> list[_Piece]:
        found: list[_Piece] = []
        for piece in pieces:
            both = _both(found[-1], piece) if found else None
            if both is None:
                found.append(piece)
            else:
                found[-1] = both
        return found

    def _known(self, fields: frozenset[str], encode: Encode, whens: tuple[str, ...]) -> Known:
        shelf = self._shelves.get((fields, whens))
        if shelf is None:
            shelf = Shelf(self._write, sorted(fields), self._scope.is_coded(fields))
            self._shelves[fields, whens] = shelf
        self._encodes.append(encode)
        shelf.numbers.append(len(self._encodes) - 1)
        return Known(fields, encode, shelf, len(self._encodes) - 1)

    def _write(self, numbers: Sequence[int], values: Mapping[str, Any]) -> list[bytes]:
        return [self._encodes[number](values) for number in numbers]

    def _piece(self, member: Member | Nested, whens: tuple[str, ...]) -> _Piece:
        try:
            if member.when:
                return self._conditional(member, whens)
            return self._nested(member, whens) if isinstance(member, Nested) else self._member(member, whens)
        except TemplateError as error:
            raise TemplateError(f"member {member.number}: {error}", error.line) from error

    def _conditional(self, member: Member | Nested, whens: tuple[str, ...]) -> _Piece:
        condition = self._expression(member.when)
        bare = replace(member, when="")
        if self._is_coded(member):
            inner = self._piece(bare, whens)
            encode = inner.encode
            assert encode is not None
            return _Piece(
                inner.fields | condition.fields, lambda values: encode(values) if condition.value(values) else b""
            )
        inner_whens = (*whens, member.when)
        template = self._scope.template(_under(inner_whens, "1"))
        self.read |= template.fields
        self.warnings += template.warnings
        return _Piece(frozenset(), node=Given(template, tuple(self.nodes((bare,), inner_whens))))

    def _is_coded(self, member: Member | Nested) -> bool:
        """Say whether all that a member says depends on coded fields only."""
        if member.when and not self._scope.is_coded(self._expression(member.when).fields):
            return False
        if isinstance(member, Nested):
            return bool(member.each) or all(map(self._is_coded, member.members))
        read = self._scope.template(member.value) if member.kind == "text" else self._expression(member.value)
        return self._scope.is_coded(read.fields)

    def _repeated(self, member: Nested) -> _Piece:
        """Compile a message that stands once for each item of a list; nothing in it may differ from row to row."""
        items = self._expression(member.each)
        inside = _Compiler(replace(self._scope, kinds={**self._scope.kinds, "item": "coded"}, _templates={}))
        piece = inside._piece(replace(member, each=""), ())
        fields = (piece.fields | items.fields) - {"item"}
        encode = piece.encode
        if encode is None or not self._scope.is_coded(fields):
            raise TemplateError("what stands once for each item of a list may depend on coded fields only")
        self.read |= inside.read - {"item"}
        return _Piece(fields, lambda values: b"".join(encode({**values, "item": item}) for item in items.value(values)))

    def _nested(self, member: Nested, whens: tuple[str, ...]) -> _Piece:
        if member.each:
            return self._repeated(member)
        pieces = self._joined(self._piece(each, whens) for each in member.members)
        if all(piece.encode is not None for piece in pieces):
            fields = frozenset[str]().union(*(piece.fields for piece in pieces))
            inner = [piece.encode for piece in pieces if piece.encode is not None]
            return _Piece(
                fields,
                lambda values: wire.delimited(member.number, b"".join(encode(values) for encode in inner)),
            )
        return _Piece(frozenset(), node=Within(member.number, tuple(self._together(pieces, whens))))

    def _member(self, member: Member, whens: tuple[str, ...]) -> _Piece:
        if member.kind == "text":
            return self._printed(member, whens)
        expression = self._expression(member.value)

        def encode(values: Mapping[str, Any]) -> bytes:
            try:
                return wire.field(member.number, member.kind, expression.value(values), always=member.always)
            except (TypeError, ValueError) as error:
                raise TemplateError(f"{member.value}: {error}") from error

        if self._scope.is_coded(expression.fields):
            return _Piece(expression.fields, encode)
        otherwise = self._known(expression.fields, encode, whens)
        write = self._recognised(member, expression)
        if write is None:
            self.warnings.append(
                f"'{member.value}' has to be worked out once for each distinct value"
                f" of {' and '.join(sorted(expression.fields))}, which is slow"
            )
            return _Piece(frozenset(), node=otherwise)
        return _Piece(frozenset(), node=Wide(member, write, otherwise))

    def _printed(self, member: Member, whens: tuple[str, ...]) -> _Piece:
        template = self._scope.template(member.value)
        self.read |= template.fields
        if not self._scope.is_coded(template.fields):
            within = self._scope.template(_under(whens, member.value))
            self.warnings += within.warnings
            return _Piece(frozenset(), node=Printed(member, within))

        def encode(values: Mapping[str, Any]) -> bytes:
            text = template.render_row({**values})
            return wire.field(member.number, "text", text, always=member.always)

        return _Piece(template.fields, encode)

    def _recognised(self, member: Member, expression: Expression) -> Write | None:
        """Return what writes a value for all rows at once, if it is one that is known."""
        node, kinds = expression.node, self._scope.kinds
        if isinstance(node, nodes.Name):
            kind = kinds.get(node.name)
            if kind == "identifier" and member.kind == "bytes":
                return WriteBytes(node.name)
            if (kind, member.kind) in (("number", "double"), ("list", "fixed64")):
                return WriteColumn(node.name)
        number = expression.vectors.number(node) if member.kind != "bytes" else None
        return None if number is None or isinstance(number, ConstantNumber) else WriteNumber(number)

    def _expression(self, source: str) -> Expression:
        expression = Expression(source, self._scope)
        self.read |= expression.fields
        return expression


def _both(one: _Piece, other: _Piece) -> _Piece | None:
    """Join two pieces that depend on the same fields, or of which one is always the same, and short."""
    if one.encode is None or other.encode is None:
        return None
    if one.fields != other.fields and not (_is_short(one) or _is_short(other)):
        return None
    first, second = one.encode, other.encode
    return _Piece(one.fields | other.fields, lambda values: first(values) + second(values))


def _is_short(piece: _Piece) -> bool:
    return not piece.fields and piece.encode is not None and len(piece.encode({})) <= _LONGEST_JOINED


def _under(whens: Sequence[str], text: str) -> str:
    """Return a template that prints a text where some conditions hold."""
    return "".join(f"{{% if {when} %}}" for when in whens) + text + "{% endif %}" * len(whens)
