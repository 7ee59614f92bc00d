"""Takes a template apart into pieces: each depends on few fields, so that it can be written on its own.

A piece is text, a printed expression or a whole statement. ``if`` and ``elif`` over other fields
than a piece's own become its condition; over the same fields they stay within it, for Jinja2
to decide. Neighbours that depend on the same coded fields become one piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import cast

from jinja2 import Environment, nodes

from simulator.telemetry.templates.expressions import FieldKind, Vectors
from simulator.telemetry.templates.pieces import Condition, Piece, Statements, joined
from simulator.telemetry.templates.recognition import writer
from simulator.telemetry.templates.trees import (
    Names,
    assigned_names,
    leaked_names,
    leaks,
    rebuilt,
    substituted,
    without_output,
)
from simulator.telemetry.templates.writers import Writer

_MOST_INLINED = 200
_SCOPES: tuple[type[nodes.Node], ...] = (
    nodes.For,
    nodes.With,
    nodes.CallBlock,
    nodes.FilterBlock,
    nodes.Scope,
    nodes.Assign,
    nodes.AssignBlock,
    nodes.Macro,
)


class Splitter:
    """Takes one template apart, given the kinds of its fields."""

    def __init__(
        self,
        tree: nodes.Template,
        kinds: Mapping[str, FieldKind],
        constants: Mapping[str, object],
        environment: Environment,
    ) -> None:
        self.names = Names()
        self.statements = Statements(self.names)
        self._assigned = Counter(assigned_names(tree))
        self.vectors = Vectors(kinds, constants, environment.filters, self._assigned.keys())
        self._kinds = kinds
        self._given = kinds.keys() | constants.keys() | environment.globals.keys()
        self._macros: dict[str, nodes.Macro] = {}
        self._inlined = 0
        self._tree = tree

    def pieces(self) -> list[Piece]:
        """Return the pieces in the order in which they are printed."""
        if self._renames_what_is_given():
            body = tuple((node, 0) for node in self._tree.body)
            return [Piece(body, self.fields(self._tree), None)]
        return joined([self._folded(piece) for piece in self._block(self._tree.body, None)])

    def fields(self, node: nodes.Node, order: int | None = None) -> frozenset[str]:
        """Return the fields that a node depends on, also by way of the template's own names."""
        read = set(self.names.read(node))
        for name in read & self.vectors.aliases.keys():
            read |= self.names.read(self.vectors.resolved(nodes.Name(name, "load")))
        _, names = self.statements.behind(read, len(self.statements) if order is None else order)
        return frozenset(name for name in names if name in self._kinds)

    def coded(self, fields: Iterable[str]) -> bool:
        return all(self._kinds[field] == "coded" for field in fields)

    def _renames_what_is_given(self) -> bool:
        """Say whether a field gets another value: what it is then depends on Jinja2's scopes, so all is left to it."""
        return any(name in self._given for node in self._tree.body for name in leaked_names(node))

    def _block(self, body: Iterable[nodes.Node], condition: Condition | None) -> list[Piece]:
        return [piece for node in body for piece in self._statement(node, condition)]

    def _statement(self, node: nodes.Node, condition: Condition | None) -> list[Piece]:  # noqa: PLR0911
        if isinstance(node, nodes.Output):
            return [piece for each in node.nodes for piece in self._printed(each, condition)]
        if isinstance(node, nodes.Assign | nodes.AssignBlock | nodes.Macro):
            self._remember(node)
            return []
        if leaks(node):
            piece = self._piece(node, condition)
            silent = without_output(node)
            assert silent is not None
            self.statements.add(silent)
            return [piece]
        if self._is_simple(node):
            return [self._piece(node, condition)]
        if isinstance(node, nodes.If):
            return self._branches([node, *node.elif_], node.else_, condition)
        if isinstance(node, nodes.With) and not any(map(leaks, node.body)):
            return self._with(node, condition)
        return [self._piece(node, condition)]

    def _is_simple(self, node: nodes.Node) -> bool:
        """Say whether a node depends on at most one coded field: then a small table says all about it."""
        fields = self.fields(node)
        return len(fields) <= 1 and self.coded(fields)

    def _piece(self, node: nodes.Node, condition: Condition | None, known: Writer | None = None) -> Piece:
        order = len(self.statements)
        return Piece(((node, order),), self.fields(node), condition, writer=known)

    def _remember(self, node: nodes.Node) -> None:
        self.statements.add(node)
        if isinstance(node, nodes.Macro) and self._assigned[node.name] == 1:
            self._macros[node.name] = node
        elif isinstance(node, nodes.Assign) and isinstance(node.target, nodes.Name):
            self._name(node.target.name, cast(nodes.Expr, node.node))

    def _name(self, name: str, value: nodes.Expr) -> None:
        """Remember what a name stands for, if it and all that it stands for never change."""
        if self._assigned[name] == 1 and name not in self._kinds and self._is_stable(self.names.read(value)):
            self.vectors.aliases[name] = value

    def _is_stable(self, names: Iterable[str]) -> bool:
        return all(not self._assigned[name] or name in self.vectors.aliases for name in names)

    def _printed(self, node: nodes.Expr, condition: Condition | None) -> list[Piece]:
        if isinstance(node, nodes.TemplateData):
            order = len(self.statements)
            return [Piece(((output(node), order),), frozenset(), condition, text=node.data)] if node.data else []
        if self._is_simple(node):
            return [self._piece(output(node), condition)]
        known = writer(node, self.vectors)
        if known is not None:
            return [self._piece(output(node), condition, known)]
        shape = self.vectors.resolved(node)
        if isinstance(shape, nodes.CondExpr) and shape.expr2 is not None:
            return self._branches([_if(shape.test, [output(shape.expr1)])], [output(shape.expr2)], condition)
        if isinstance(shape, nodes.Concat):
            return [piece for each in shape.nodes for piece in self._printed(each, condition)]
        inlined = self._inlined_call(shape) if isinstance(shape, nodes.Call) else None
        return [self._piece(output(node), condition)] if inlined is None else self._block(inlined, condition)

    def _branches(
        self,
        branches: Iterable[nodes.If],
        otherwise: list[nodes.Node],
        condition: Condition | None,
    ) -> list[Piece]:
        found: list[Piece] = []
        order = len(self.statements)
        for branch in branches:
            test = cast(nodes.Expr, branch.test)
            holds = Condition(test, False, self.fields(test), order, condition)
            found.extend(self._block(branch.body, holds))
            condition = Condition(test, True, holds.fields, order, condition)
        return [*found, *self._block(otherwise, condition)]

    def _with(self, node: nodes.With, condition: Condition | None) -> list[Piece]:
        given = list(zip(node.targets, node.values, strict=True))
        stable = {t.name: v for t, v in given if isinstance(t, nodes.Name) and self._is_stable(self.names.read(v))}
        for name, value in stable.items():
            self._name(name, value)
        inner = self._block(node.body, None)
        for name in stable:
            self.vectors.aliases.pop(name, None)
        if any(piece.condition is not None for piece in inner):
            return [self._piece(node, condition)]
        return [self._within(node, piece, condition) for piece in inner]

    def _within(self, node: nodes.With, piece: Piece, condition: Condition | None) -> Piece:
        if piece.text is not None:
            return replace(piece, condition=condition)
        return self._piece(rebuilt(node, body=[piece.body[0][0]]), condition, piece.writer)

    def _inlined_call(self, call: nodes.Call) -> list[nodes.Node] | None:
        """Return a macro's body with the arguments of a call in their places, if that says the same."""
        macro = self._macros.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        if macro is None or self._inlined >= _MOST_INLINED or next(macro.find_all(_SCOPES), None):
            return None
        values = _arguments(macro, call)
        free = self.names.read(macro) - {parameter.name for parameter in macro.args} - self._macros.keys()
        if values is None or free & {"caller", "varargs", "kwargs"} or not self._is_stable(free):
            return None
        self._inlined += 1
        return [substituted(each, values) for each in macro.body]

    def _folded(self, piece: Piece) -> Piece:
        """Take conditions over a piece's own fields into it, from the innermost on."""
        fields = piece.fields
        condition = piece.condition
        if not self.coded(fields) or piece.writer is not None:
            return piece
        body = list(piece.body)
        while condition is not None and self.coded(condition.fields):
            if not (condition.fields <= fields or (not fields and len(condition.fields) == 1)):
                break
            fields |= condition.fields
            test = condition.test
            if condition.negated:
                test = nodes.Not(test, lineno=test.lineno, environment=test.environment)
            body = [(_if(test, [node for node, _ in body]), max(order for _, order in body))]
            condition = condition.parent
        unchanged = condition is piece.condition
        return replace(
            piece, body=tuple(body), fields=fields, condition=condition, text=piece.text if unchanged else None
        )


def output(node: nodes.Expr) -> nodes.Output:
    return nodes.Output([node], lineno=node.lineno, environment=node.environment)


def _if(test: nodes.Expr, body: list[nodes.Node]) -> nodes.If:
    return nodes.If(test, body, [], [], lineno=test.lineno, environment=test.environment)


def _arguments(macro: nodes.Macro, call: nodes.Call) -> dict[str, nodes.Expr] | None:
    """Return the value of each parameter in a call; None where that is not plain to see."""
    parameters = [parameter.name for parameter in macro.args]
    positional = parameters[: len(call.args)]
    named = {keyword.key: keyword.value for keyword in call.kwargs}
    if call.dyn_args is not None or call.dyn_kwargs is not None or len(call.args) > len(parameters):
        return None
    defaults = dict(zip(parameters[len(parameters) - len(macro.defaults) :], macro.defaults, strict=True))
    values = {**defaults, **dict(zip(positional, call.args, strict=True)), **named}
    uses_parameters = any(Names().read(default) & set(parameters) for default in macro.defaults)
    if uses_parameters or named.keys() & set(positional) or values.keys() != set(parameters):
        return None
    return values
