"""Small questions about Jinja2's syntax trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from jinja2 import nodes

N = TypeVar("N", bound=nodes.Node)
_OPERATORS = {"eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in"}


class Names:
    """Which names are read within a node. Remembers its answers, as the same nodes are asked about again and again."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[nodes.Node, frozenset[str]]] = {}

    def read(self, node: nodes.Node) -> frozenset[str]:
        found = self._read.get(id(node))
        if found is None:
            names: set[str] = {node.name} if isinstance(node, nodes.Name) and node.ctx == "load" else set()
            for child in node.iter_child_nodes():
                names |= self.read(child)
            found = self._read[id(node)] = (node, frozenset(names))  # with the node, so that its id stays taken
        return found[1]


def assigned_names(node: nodes.Node) -> Iterator[str]:
    """Hand out each name that something within the node gives a value to, once for each time."""
    if isinstance(node, nodes.Macro) or (isinstance(node, nodes.Name) and node.ctx != "load"):
        yield node.name
    for child in node.iter_child_nodes():
        yield from assigned_names(child)


def leaked_names(node: nodes.Node) -> Iterator[str]:
    """Hand out each name that a statement gives a value to for those after it."""
    if isinstance(node, nodes.Macro):
        yield node.name
    elif isinstance(node, nodes.Assign | nodes.AssignBlock):
        yield from assigned_names(node.target)
    elif isinstance(node, nodes.If):
        for child in node.iter_child_nodes():
            yield from leaked_names(child)


def leaks(node: nodes.Node) -> bool:
    """Say whether a statement gives values to names that are seen after it."""
    return next(leaked_names(node), None) is not None


def without_output(node: N) -> N | None:
    """Return what a statement does to names, without what it prints; None when that is nothing."""
    if not leaks(node):
        return None
    if not isinstance(node, nodes.If):
        return node
    return rebuilt(node, body=_silent(node.body), elif_=[rebuilt(e, body=_silent(e.body)) for e in node.elif_],
                   else_=_silent(node.else_))  # fmt: skip


def _silent(body: list[nodes.Node]) -> list[nodes.Node]:
    return [silent for silent in map(without_output, body) if silent is not None]


def rebuilt(node: N, /, **changed: Any) -> N:
    """Return a copy of a node with some of its fields changed."""
    fields = [changed.get(name, getattr(node, name)) for name in node.fields]
    return type(node)(*fields, lineno=node.lineno, environment=node.environment)


def substituted(node: N, values: Mapping[str, nodes.Expr]) -> N:
    """Return a copy of a node in which the given names are replaced by expressions."""
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name in values:
        return values[node.name]  # type: ignore[return-value]
    changed: dict[str, Any] = {}
    for name, value in node.iter_fields():
        if isinstance(value, nodes.Node):
            changed[name] = substituted(value, values)
        elif isinstance(value, list):
            changed[name] = [substituted(each, values) if isinstance(each, nodes.Node) else each for each in value]
    return rebuilt(node, **changed)


def shown(node: nodes.Node) -> str:  # noqa: C901, PLR0911, PLR0912  (one line for each kind of node)
    """Write an expression nearly as its author did, to name it in a warning."""
    match node:
        case nodes.Name():
            return node.name
        case nodes.Const():
            return repr(node.value)
        case nodes.Getattr():
            return f"{shown(node.node)}.{node.attr}"
        case nodes.Getitem():
            return f"{shown(node.node)}[{shown(node.arg)}]"
        case nodes.Filter() if node.node is not None:
            return f"{shown(node.node)}|{node.name}{_arguments(node.args)}"
        case nodes.Test():
            return f"{shown(node.node)} is {node.name}{_arguments(node.args)}"
        case nodes.Call():
            return f"{shown(node.node)}({', '.join(map(shown, node.args))})"
        case nodes.Concat():
            return " ~ ".join(map(shown, node.nodes))
        case nodes.BinExpr():
            return f"{shown(node.left)} {node.operator} {shown(node.right)}"
        case nodes.Not():
            return f"not {shown(node.node)}"
        case nodes.Compare():
            return shown(node.expr) + "".join(f" {_OPERATORS[each.op]} {shown(each.expr)}" for each in node.ops)
        case nodes.CondExpr():
            otherwise = f" else {shown(node.expr2)}" if node.expr2 is not None else ""
            return f"{shown(node.expr1)} if {shown(node.test)}{otherwise}"
        case nodes.Output():
            return "".join(shown(each) for each in node.nodes if not isinstance(each, nodes.TemplateData))
        case nodes.For():
            return f"{{% for {shown(node.target)} in {shown(node.iter)} %}}"
        case nodes.If():
            return f"{{% if {shown(node.test)} %}}"
    return f"{type(node).__name__.lower()} …"


def _arguments(args: list[nodes.Expr]) -> str:
    return f"({', '.join(map(shown, args))})" if args else ""
