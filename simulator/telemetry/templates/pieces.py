"""Takes a template apart into pieces: each depends on few fields, so that it can be written on its own.

A piece is text, a printed expression or a whole statement. ``if`` and ``elif`` over other fields
than a piece's own become its condition; over the same fields they stay within it, for Jinja2
to decide. Neighbours that depend on the same coded fields become one piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jinja2 import Environment, nodes

from simulator.telemetry.templates.expressions import FieldKind, Vectors
from simulator.telemetry.templates.trees import Names, assigned_names, leaked_names, leaks, rebuilt, substituted, without_output
from simulator.telemetry.templates.writers import Writer, writer

_SHORT_TEXT = 48  # bytes of text that join the piece before or after them
_TEXT_BETWEEN = 512  # bytes of text between two pieces of the same fields that join both
_MOST_INLINED = 200


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A test (or its contrary) within another condition. ``order`` counts the statements before it."""

    test: nodes.Expr
    negated: bool
    fields: frozenset[str]
    order: int
    parent: Condition | None


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What stands in a row after the piece before it, where its condition holds.

    ``body`` says it in Jinja2, each node with the number of statements before it; ``text`` is
    set when that is nothing but text, ``writer`` when it can be written without Jinja2.
    """

    body: tuple[tuple[nodes.Node, int], ...]
    fields: frozenset[str]
    condition: Condition | None
    text: str | None = None
    writer: Writer | None = None

    @property
    def line(self) -> int:
        return self.body[0][0].lineno or 1


class Statements:
    """The statements of a template that print nothing but give values to names, in their order."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._all: list[tuple[nodes.Node, frozenset[str], frozenset[str]]] = []

    def __len__(self) -> int:
        return len(self._all)

    def add(self, node: nodes.Node) -> None:
        self._all.append((node, frozenset(assigned_names(node)), self._names.read(node)))

    def behind(self, names: Iterable[str], order: int) -> tuple[list[int], frozenset[str]]:
        """Return which of the first statements have a say in what these names are, and all names they read."""
        needed, chosen = set(names), set[int]()
        before = -1
        while before != len(chosen):
            before = len(chosen)
            for number, (_, assigned, read) in enumerate(self._all[:order]):
                if number not in chosen and assigned & needed:
                    chosen.add(number)
                    needed |= read
        return sorted(chosen), frozenset(needed)

    def runnable(self, body: Sequence[tuple[nodes.Node, int]], names: Names) -> list[nodes.Node]:
        """Return nodes that run on their own: the statements that they need stand before them."""
        whole: list[nodes.Node] = []
        done = set[int]()
        for node, order in body:
            needed, _ = self.behind(names.read(node), order)
            whole.extend(self._all[number][0] for number in needed if number not in done)
            done.update(needed)
            whole.append(node)
        return whole


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
        return names & self._kinds.keys()

    def coded(self, fields: Iterable[str]) -> bool:
        return all(self._kinds[field] == "coded" for field in fields)

    def _renames_what_is_given(self) -> bool:
        """Say whether a field gets another value: what it is then depends on Jinja2's scopes, so all is left to it."""
        return any(name in self._given for node in self._tree.body for name in leaked_names(node))

    def _block(self, body: Iterable[nodes.Node], condition: Condition | None) -> list[Piece]:
        return [piece for node in body for piece in self._statement(node, condition)]

    def _statement(self, node: nodes.Node, condition: Condition | None) -> list[Piece]:
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
            branches = [(node.test, node.body), *((each.test, each.body) for each in node.elif_)]
            return self._branches(branches, node.else_, condition)
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
            self._name(node.target.name, node.node)

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
            return self._branches([(shape.test, [output(shape.expr1)])], [output(shape.expr2)], condition)
        if isinstance(shape, nodes.Concat):
            return [piece for each in shape.nodes for piece in self._printed(each, condition)]
        inlined = self._inlined_call(shape) if isinstance(shape, nodes.Call) else None
        return [self._piece(output(node), condition)] if inlined is None else self._block(inlined, condition)

    def _branches(
        self,
        branches: Iterable[tuple[nodes.Expr, list[nodes.Node]]],
        otherwise: list[nodes.Node],
        condition: Condition | None,
    ) -> list[Piece]:
        found: list[Piece] = []
        order = len(self.statements)
        for test, body in branches:
            holds = Condition(test, False, self.fields(test), order, condition)
            found.extend(self._block(body, holds))
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
        if self._inlined >= _MOST_INLINED:
            return None
        if macro is None or call.dyn_args is not None or call.dyn_kwargs is not None:
            return None
        parameters = [parameter.name for parameter in macro.args]
        values = dict(zip(parameters[len(parameters) - len(macro.defaults) :], macro.defaults, strict=True))
        if any(self.names.read(default) & set(parameters) for default in macro.defaults):
            return None
        values.update(zip(parameters, call.args, strict=False))
        named = {keyword.key: keyword.value for keyword in call.kwargs}
        if named.keys() & set(parameters[: len(call.args)]):
            return None
        values.update(named)
        free = self.names.read(macro) - set(parameters) - self._macros.keys()
        if len(call.args) > len(parameters) or values.keys() != set(parameters) or not self._is_stable(free):
            return None
        if free & {"caller", "varargs", "kwargs"} or macro.find(_SCOPES):
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


_SCOPES = (nodes.For, nodes.With, nodes.CallBlock, nodes.FilterBlock, nodes.Scope, nodes.Assign, nodes.AssignBlock, nodes.Macro)


def output(node: nodes.Expr) -> nodes.Output:
    return nodes.Output([node], lineno=node.lineno, environment=node.environment)


def _if(test: nodes.Expr, body: list[nodes.Node]) -> nodes.If:
    return nodes.If(test, body, [], [], lineno=test.lineno, environment=test.environment)


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Join neighbours that depend on the same coded fields, with the short texts around them."""
    found: list[Piece] = []
    for piece in pieces:
        while found and (both := _joined(found[-1], piece)) is not None:
            piece = both
            found.pop()
        if len(found) > 1 and _joined(found[-2], piece) is not None and _is_short(found[-1], _TEXT_BETWEEN):
            between, before = found.pop(), found.pop()
            if between.condition is piece.condition:
                piece = replace(piece, body=before.body + between.body + piece.body)
            else:
                found.extend((before, between))
        found.append(piece)
    return found


def _is_short(piece: Piece, most: int) -> bool:
    """Say whether a piece is the same in every row, and not long."""
    return not piece.fields and (piece.text is None or len(piece.text) <= most)


def _joined(one: Piece, other: Piece) -> Piece | None:
    if one.condition is not other.condition or one.writer or other.writer:
        return None
    if one.text is not None and other.text is not None:
        return replace(one, body=one.body + other.body, text=one.text + other.text)
    short = _is_short(one, _SHORT_TEXT) or _is_short(other, _SHORT_TEXT)
    if one.fields == other.fields or short:
        return replace(one, body=one.body + other.body, fields=one.fields | other.fields, text=None)
    return None
