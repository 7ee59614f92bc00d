"""Expressions of rules, and the names of what they look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from simulator_prometheus.promql.errors import NotEvaluatedError, PromQLError
from simulator_prometheus.promql.expressions import parsed
from simulator_prometheus.promql.nodes import Expression, Selector

ALERTS, FOR_STATE = "ALERTS", "ALERTS_FOR_STATE"


class BadExpressionError(ValueError):
    """A text that Prometheus refuses."""


class UnknownExpressionError(ValueError):
    """What Prometheus would evaluate, and Feint does not."""


def expression_of(text: str) -> Expression:
    try:
        return parsed(text)
    except NotEvaluatedError as error:
        raise UnknownExpressionError(str(error)) from error
    except PromQLError as error:
        raise BadExpressionError(str(error)) from error


def selectors(expression: Expression) -> Iterator[Selector]:
    """Yield everything that an expression looks at."""
    yield from _selectors(expression.root)


def _selectors(node: Any) -> Iterator[Selector]:
    if isinstance(node, Selector):
        yield node
    elif isinstance(node, tuple):
        for each in node:
            yield from _selectors(each)
    elif is_dataclass(node):
        for field in fields(node):
            yield from _selectors(getattr(node, field.name))


def sees(selector: Selector, metric: str, alert: str | None = None) -> bool:
    """Say whether a selector may find series of a metric (with ``alert``: of that alert)."""
    for matcher in selector.matchers:
        value = metric if matcher.name == "__name__" else alert if matcher.name == "alertname" else None
        if value is not None and not bool(matcher.verdicts([value])[0]):
            return False
    return True
