"""Conditions of temporal correlations as clauses, of which one has to hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionItem,
    CorrelationConditionNOT,
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from simulator_sigma.honesty import refuse_tag_field
from simulator_sigma.matching import own_fields
from simulator_sigma.reading import BadRuleError, Rule
from simulator_sigma.temporal import Clause, orders

_MOST_CLAUSES = 200
_HOLDS: Mapping[SigmaCorrelationConditionOperator, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    SigmaCorrelationConditionOperator.LT: np.less,
    SigmaCorrelationConditionOperator.LTE: np.less_equal,
    SigmaCorrelationConditionOperator.GT: np.greater,
    SigmaCorrelationConditionOperator.GTE: np.greater_equal,
    SigmaCorrelationConditionOperator.EQ: np.equal,
    SigmaCorrelationConditionOperator.NEQ: np.not_equal,
}
_Names = frozenset[str]


def holds(condition: SigmaCorrelationCondition, metrics: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say for which metrics a condition holds; it never does where there is nothing to measure."""
    return _HOLDS[condition.op](metrics, float(condition.count)) & ~np.isnan(metrics)


def refuse_unfit(rule: Rule) -> None:
    """Raise if a correlation asks for what has no meaning."""
    assert isinstance(rule.sigma, SigmaCorrelationRule)
    for name in own_fields(rule.sigma):
        refuse_tag_field(name)
    condition, kind = rule.sigma.condition, rule.sigma.type.name.lower()
    if isinstance(condition, SigmaExtendedCorrelationCondition):
        clauses_of(condition, [*rule.references])
    elif kind == "temporal_ordered":
        order_clauses(condition, len(rule.references))
    elif kind == "value_percentile" and not (condition.percentile is not None and 0 <= condition.percentile <= 100):
        raise BadRuleError("its condition needs a percentile between 0 and 100", "unconvertible")


def clauses_of(condition: SigmaExtendedCorrelationCondition, names: Sequence[str]) -> list[Clause]:
    """Return the clauses of ``a and not b or c``; ``names`` are the rules in their order."""
    slots = {name: slot for slot, name in enumerate(names)}
    clauses = [
        Clause(tuple(sorted(slots[name] for name in seen)), tuple(sorted(slots[name] for name in unseen)))
        for seen, unseen in _alternatives(condition.parsed, negated=False)
    ]
    if not clauses or any(not clause.seen for clause in clauses):
        raise BadRuleError("its condition is about what is not seen only, so no record could show it", "unconvertible")
    return clauses


def order_clauses(condition: SigmaCorrelationCondition, slots: int) -> list[Clause]:
    """Return the orders of which one must be seen for a count of rules to be reached in order."""
    operators = SigmaCorrelationConditionOperator
    if condition.op is operators.GTE:
        clauses = orders(slots, max(0, math.ceil(condition.count)))
    elif condition.op is operators.GT:
        clauses = orders(slots, max(0, math.floor(condition.count) + 1))
    else:
        clauses = [Clause(tuple(range(slots)), optional=True)]
    if len(clauses) > _MOST_CLAUSES:
        raise BadRuleError(f"it allows more than {_MOST_CLAUSES} orders of its rules", "unconvertible")
    return clauses


def _alternatives(node: SigmaRuleReference | CorrelationConditionItem, *, negated: bool) -> list[tuple[_Names, _Names]]:
    """Return the disjunctive normal form: (seen, unseen) of each alternative that does not contradict itself."""
    if isinstance(node, SigmaRuleReference):
        name, none = frozenset({node.reference}), _Names()
        return [(none, name) if negated else (name, none)]
    if isinstance(node, CorrelationConditionNOT):
        return _alternatives(node.args[0], negated=not negated)
    below = [_alternatives(each, negated=negated) for each in node.args]
    if isinstance(node, CorrelationConditionAND) == negated:
        return [clause for clauses in below for clause in clauses]
    product: list[tuple[_Names, _Names]] = [(_Names(), _Names())]
    for clauses in below:
        product = [
            (seen | more, unseen | fewer)
            for seen, unseen in product
            for more, fewer in clauses
            if not (seen | more) & (unseen | fewer)
        ]
        if len(product) > _MOST_CLAUSES:
            raise BadRuleError(f"its condition has more than {_MOST_CLAUSES} alternatives", "unconvertible")
    return product
