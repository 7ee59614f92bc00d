"""Conditions of temporal correlations as clauses, of which one has to hold."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionItem,
    CorrelationConditionNOT,
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from simulator_sigma.reading import BadRuleError
from simulator_sigma.windows import Clause, orders

_MOST_CLAUSES = 200
_Names = frozenset[str]


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
