"""Read expressions: promql-parser's tree becomes ours, and what is not evaluated is refused by name."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from simulator_prometheus.promql.calls import FUNCTIONS
from simulator_prometheus.promql.errors import NotEvaluatedError, PromQLError
from simulator_prometheus.promql.limits import LITERAL, LONGEST_DURATION, plain, too_long
from simulator_prometheus.promql.nodes import (
    Aggregation,
    At,
    Binary,
    Call,
    Expression,
    Kind,
    Matching,
    Negative,
    Node,
    Number,
    RangeSelector,
    Selector,
    Subquery,
    Text,
)
from simulator_prometheus.promql.refused import AGGREGATIONS, EXPERIMENTAL, NATIVE, newer
from simulator_prometheus.promql.regex import WrongRegexError, matches, replaced
from simulator_prometheus.promql.series import Matcher

_DEEPEST = 120  # Python recurses, here and in the evaluation
_BAD_REGEX = "illegal regex for "
_SCALAR_FUNCTIONS = frozenset({"scalar", "time", "pi"})
_MATCHERS: dict[str, Literal["=", "!=", "=~", "!~"]] = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
_MANY: dict[str, Literal["", "left", "right"]] = {"ManyToOne": "left", "OneToMany": "right"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parsed(text: str) -> Expression:
    """Read an expression.

    PromQLError says in a sentence what Prometheus would refuse, NotEvaluatedError what only Feint does.
    """
    import promql_parser

    readable = plain(text)
    try:
        root = _node(promql_parser.parse(LITERAL.sub(_quoted, text)), 0)
    except (ValueError, OverflowError) as error:
        raise _complaint(str(error), readable) from None
    return Expression(text, root, kind_of(root))


def kind_of(node: Node) -> Kind:
    """Return which kind of value a node has."""
    if isinstance(node, Number):
        return "scalar"
    if isinstance(node, Text):
        return "string"
    if isinstance(node, RangeSelector | Subquery):
        return "range"
    if isinstance(node, Negative):
        return kind_of(node.operand)
    if isinstance(node, Binary):
        return "scalar" if kind_of(node.left) == kind_of(node.right) == "scalar" else "vector"
    return "scalar" if isinstance(node, Call) and node.function in _SCALAR_FUNCTIONS else "vector"


def _quoted(literal: re.Match[str]) -> str:
    """Write a text between backticks as one between quotes: the parser reads backslashes in it."""
    if not literal[0].startswith("`"):
        return literal[0]
    content = literal[0][1:-1].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{content}"'


def _complaint(said: str, text: str) -> PromQLError:
    """Say what is wrong, and whether it is the expression or the parser, which is a little behind Prometheus."""
    if what := newer(text):
        return NotEvaluatedError(f"{what} not evaluated here")
    if said.startswith(_BAD_REGEX):
        pattern = said.removeprefix(_BAD_REGEX)
        matches(pattern, [""])  # raises if it is none
        return NotEvaluatedError(f"the regular expression {pattern!r} is not read here; write it in another way")
    if said == "invalid promql query":
        return PromQLError("this is not a PromQL expression")
    return PromQLError(f"cannot read the expression: {said}")


def _node(parsed: Any, depth: int) -> Node:  # noqa: C901, PLR0911 - one case a kind of node
    import promql_parser as parser

    if depth > _DEEPEST:
        raise NotEvaluatedError(f"an expression may be nested {_DEEPEST} deep, this one is deeper")
    match parsed:
        case parser.ParenExpr():
            return _node(parsed.expr, depth + 1)
        case parser.NumberLiteral():
            return Number(float(parsed.val))
        case parser.StringLiteral():
            return Text(parsed.val)
        case parser.VectorSelector():
            return _selector(parsed)
        case parser.MatrixSelector():
            return RangeSelector(_selector(parsed.vector_selector), _range(parsed.range))
        case parser.SubqueryExpr():
            step = None if parsed.step is None else _range(parsed.step)
            operand = _node(parsed.expr, depth + 1)
            return Subquery(operand, _range(parsed.range), step, _duration(parsed.offset), _at(parsed.at))
        case parser.UnaryExpr():
            return Negative(_node(parsed.expr, depth + 1))
        case parser.Call():
            return _call(parsed, depth)
        case parser.AggregateExpr():
            return _aggregation(parsed, depth)
        case parser.BinaryExpr():
            return _binary(parsed, depth)
    raise PromQLError(f"{type(parsed).__name__} is not evaluated here")


def _call(parsed: Any, depth: int) -> Call:
    name = parsed.func.name
    if name in EXPERIMENTAL:
        raise PromQLError(f"{name}() is experimental in Prometheus, and not evaluated here")
    if name in NATIVE:
        raise NotEvaluatedError(f"{name}() takes native histograms, which are not evaluated here")
    if name not in FUNCTIONS:
        raise NotEvaluatedError(f"{name}() is not evaluated here")
    arguments = tuple(_node(argument, depth + 1) for argument in parsed.args)
    if name == "label_replace":
        _, _, replacement, _, pattern = (each.value if isinstance(each, Text) else "" for each in arguments)
        with suppress(WrongRegexError):  # which Prometheus finds out when it evaluates
            replaced(pattern, replacement, [])
    return Call(name, arguments)


def _selector(parsed: Any) -> Selector:
    if parsed.matchers.or_matchers:
        raise PromQLError("'or' between the matchers of a selector is not PromQL; write {…} or {…}")
    matchers = [Matcher(each.name, _MATCHERS[_name(each.op)], each.value) for each in parsed.matchers.matchers]
    if parsed.name is not None:
        matchers.insert(0, Matcher("__name__", "=", parsed.name))
    for matcher in matchers:
        matcher.verdicts([""])  # raises if it is a regular expression, and a wrong one
    return Selector(tuple(matchers), _duration(parsed.offset), _at(parsed.at))


def _aggregation(parsed: Any, depth: int) -> Aggregation:
    operator = str(parsed.op)
    if operator not in AGGREGATIONS:
        raise PromQLError(f"{operator}() is experimental in Prometheus, and not evaluated here")
    parameter = None if parsed.param is None else _node(parsed.param, depth + 1)
    modifier = parsed.modifier
    labels = tuple(modifier.labels) if modifier is not None else ()
    without = modifier is not None and _name(modifier.type) == "Without"
    return Aggregation(operator, _node(parsed.expr, depth + 1), parameter, labels, without)


def _binary(parsed: Any, depth: int) -> Binary:
    left, right = _node(parsed.lhs, depth + 1), _node(parsed.rhs, depth + 1)
    modifier = parsed.modifier
    if modifier is None:
        return Binary(str(parsed.op), left, right, Matching(), as_bool=False)
    fill = modifier.fill_values
    if fill is not None and not (fill.lhs is None and fill.rhs is None):
        raise PromQLError("fill() is experimental in Prometheus, and not evaluated here")
    many: Literal["", "left", "right"] = _MANY.get(_name(modifier.card), "")
    on = modifier.matching is not None and _name(modifier.matching.type) == "Include"
    labels = tuple(modifier.matching.labels) if modifier.matching is not None else ()
    matching = Matching(labels, on, many, tuple(modifier.group_labels or ()))
    return Binary(str(parsed.op), left, right, matching, bool(modifier.return_bool))


def _name(member: object) -> str:
    """Return ``ManyToOne`` of a member of one of the parser's enumerations, whose members have no name."""
    return str(member).rpartition(".")[2]


def _duration(given: timedelta | None) -> int:
    if given is None:
        return 0
    milliseconds = given // timedelta(milliseconds=1)
    if abs(milliseconds) > LONGEST_DURATION:
        raise too_long()
    return milliseconds


def _range(given: timedelta | None) -> int:
    milliseconds = _duration(given)
    if milliseconds <= 0:
        raise PromQLError("a range or a step is a millisecond or longer")
    return milliseconds


def _at(given: Any) -> At:
    if given is None:
        return None
    kind = _name(given.type)
    if kind in ("Start", "End"):
        return "start" if kind == "Start" else "end"
    return round((given.at - _EPOCH) / timedelta(milliseconds=1))
