"""Parts of expressions, written out again to name them."""

from __future__ import annotations

from simulator_prometheus.go_template.values import shortest
from simulator_prometheus.promql.nodes import (
    Aggregation,
    At,
    Binary,
    Call,
    Matching,
    Negative,
    Node,
    Number,
    RangeSelector,
    Selector,
    Subquery,
    Text,
)

_UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms"))


def duration_text(milliseconds: int) -> str:
    """Write a duration as Prometheus does: ``1h30m``."""
    if not milliseconds:
        return "0s"
    sign, rest, told = ("-" if milliseconds < 0 else ""), abs(milliseconds), ""
    for size, unit in _UNITS:
        told += f"{rest // size}{unit}" if rest >= size else ""
        rest %= size
    return sign + told


def expression_text(node: Node) -> str:  # noqa: PLR0911 - one case a kind of node
    match node:
        case Number(value):
            return shortest(value)
        case Text(value):
            return f'"{value}"'
        case Selector():
            return _selector(node) + _when(node.offset, node.at)
        case RangeSelector(selector, span):
            return f"{_selector(selector)}[{duration_text(span)}]{_when(selector.offset, selector.at)}"
        case Subquery():
            step = duration_text(node.step) if node.step else ""
            return f"({expression_text(node.operand)})[{duration_text(node.range)}:{step}]{_when(node.offset, node.at)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(expression_text, arguments))})"
        case Aggregation():
            return _aggregation(node)
        case Negative(operand):
            return f"-{expression_text(operand)}"
        case Binary():
            return _binary(node)


def _selector(node: Selector) -> str:
    named = [each for each in node.matchers if each.name == "__name__" and each.operator == "="][:1]
    others = [f'{each.name}{each.operator}"{each.value}"' for each in node.matchers if each not in named]
    braces = f"{{{', '.join(others)}}}" if others or not named else ""
    return (named[0].value if named else "") + braces


def _when(offset: int, at: At) -> str:
    told = f" offset {duration_text(offset)}" if offset else ""
    if at is None:
        return told
    return told + (f" @ {at}()" if isinstance(at, str) else f" @ {at / 1000:g}")


def _aggregation(node: Aggregation) -> str:
    grouping = (
        f" {'without' if node.without else 'by'} ({', '.join(node.labels)})" if node.labels or node.without else ""
    )
    given = [node.operand] if node.parameter is None else [node.parameter, node.operand]
    return f"{node.operator}{grouping} ({', '.join(map(expression_text, given))})"


def _binary(node: Binary) -> str:
    told = f"{node.operator}{' bool' if node.as_bool else ''}{_matching(node.matching)}"
    left, right = (
        f"({expression_text(side)})" if isinstance(side, Binary) else expression_text(side)
        for side in (node.left, node.right)
    )
    return f"{left} {told} {right}"


def _matching(matching: Matching) -> str:
    told = (
        f" {'on' if matching.on else 'ignoring'} ({', '.join(matching.labels)})"
        if matching.on or matching.labels
        else ""
    )
    if matching.many:
        told += f" group_{matching.many} ({', '.join(matching.include)})"
    return told
