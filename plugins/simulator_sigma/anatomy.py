"""A rule taken apart over one stream: which of its parts matched how many records, and what came nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.rule import SigmaRule
from sigma.types import SigmaFieldReference

from simulator import Store
from simulator_sigma.dialect import condition_sql
from simulator_sigma.matching import ColumnNames, gate_sql, predicate_sql
from simulator_sigma.routing import Route

_MOST_MISSES = 3
_LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class Miss:
    """A record that matched all but a few parts: which ones not, and what stood in their fields."""

    line: int
    matched: int
    unmatched: tuple[str, ...]
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What a rule's pieces found in the records of one stream that its log source speaks of."""

    stream: str
    records: int
    matched: int
    selections: Mapping[str, int]
    items: Mapping[str, int]
    fields: Mapping[str, tuple[str, int]]  # as the rule calls it → as the records call it, in how many
    misses: tuple[Miss, ...] = field(default=())


def anatomy(store: Store, rule: SigmaRule, route: Route) -> Anatomy:
    """Count what each piece of a rule matches, and look for the nearest misses."""
    names = ColumnNames()

    def column(name: str, shadow: bool) -> str:
        return names.name(route.field(name) if name else "", folded=shadow)

    conditions = [each.parsed for each in rule.detection.parsed_condition]
    predicate = predicate_sql(conditions, names, route.field)
    selections = {name: each.postprocess(rule.detection) for name, each in rule.detection.detections.items()}
    items = dict(_items(selections))
    pieces = {
        **{f"s{n}": c for n, c in enumerate(selections.values())},
        **{f"i{n}": c for n, c in enumerate(items.values())},
    }
    counted = {name: condition_sql(piece, column) for name, piece in pieces.items()}
    counted["matched"] = predicate
    fields = sorted({name for condition in conditions for name in fields_of(condition)})
    counted |= {f"f{number}": f"{column(name, False)} IS NOT NULL" for number, name in enumerate(fields)}
    gate = gate_sql(route, names)
    table = store.table(route.stream.renderer.name, names.columns())
    counts = ", ".join(f"count(*) FILTER (WHERE {sql}) AS {name}" for name, sql in counted.items())
    row = store.query(f"SELECT count(*) AS records, {counts} FROM {table} WHERE {gate}").to_pylist()[0]  # noqa: S608
    misses = _misses(store, conditions, column, f"{table} WHERE {gate} AND NOT coalesce({predicate}, false)")
    return Anatomy(
        route.stream.renderer.name,
        row["records"],
        row["matched"],
        {name: row[f"s{number}"] for number, name in enumerate(selections)},
        {name: row[f"i{number}"] for number, name in enumerate(items)},
        {name: (route.field(name), row[f"f{number}"]) for number, name in enumerate(fields)},
        misses,
    )


def described(condition: object) -> str:
    """Return a piece of a condition in a few words."""
    if isinstance(condition, ConditionNOT):
        return f"not ({described(condition.args[0])})"
    if isinstance(condition, ConditionItem):
        leaves = list(_leaves(condition))
        same = {getattr(leaf, "field", None) for leaf in leaves}
        word = " and " if isinstance(condition, ConditionAND) else " or "
        if len(same) == 1 and all(not isinstance(each, ConditionItem) for each in condition.args):
            values = _shortened([str(getattr(leaf.value, "regexp", leaf.value)) for leaf in leaves])
            return f"{same.pop() or 'keyword'}: {word.join(values)}"
        return word.join(_shortened([described(each) for each in condition.args]))
    if isinstance(condition, ConditionFieldEqualsValueExpression | ConditionValueExpression):
        return f"{getattr(condition, 'field', 'keyword')}: {getattr(condition.value, 'regexp', condition.value)}"
    return "nothing"


def fields_of(condition: object) -> Iterator[str]:
    for leaf in _leaves(condition):
        if isinstance(leaf, ConditionFieldEqualsValueExpression):
            yield leaf.field
            if isinstance(leaf.value, SigmaFieldReference):
                yield leaf.value.field


def _leaves(condition: object) -> Iterator[ConditionFieldEqualsValueExpression | ConditionValueExpression]:
    if isinstance(condition, ConditionItem):
        for each in condition.args:
            yield from _leaves(each)
    elif isinstance(condition, ConditionFieldEqualsValueExpression | ConditionValueExpression):
        yield condition


def _items(selections: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the parts of selections that have more than one."""
    for name, condition in selections.items():
        if isinstance(condition, ConditionAND):
            for each in condition.args:
                yield f"{name}, {described(each)}", each


def _shortened(texts: Sequence[str]) -> list[str]:
    return [*texts[:3], f"{len(texts) - 3} more"] if len(texts) > 4 else list(texts)


def _parts(condition: object) -> Iterator[object]:
    if isinstance(condition, ConditionAND):
        for each in condition.args:
            yield from _parts(each)
    else:
        yield condition


def _misses(store: Store, conditions: Sequence[object], column: Any, records: str) -> tuple[Miss, ...]:
    """Return the records that fail the fewest parts of an alternative, if they match any part that is not a ``not``."""
    found: list[tuple[int, Miss]] = []
    for condition in conditions:
        for alternative in condition.args if isinstance(condition, ConditionOR) else [condition]:
            parts = list(_parts(alternative))
            wanted = [place for place, part in enumerate(parts) if not isinstance(part, ConditionNOT)]
            if len(parts) < 2 or not wanted:
                continue
            fields = sorted({name for part in parts for name in fields_of(part)})
            columns = [f"coalesce({condition_sql(part, column)}, false) AS p{n}" for n, part in enumerate(parts)]
            columns += [f"{column(name, False)} AS v{number}" for number, name in enumerate(fields)]
            score, some = (" + ".join(f"p{n}::INTEGER" for n in places) for places in (range(len(parts)), wanted))
            rows = store.query(
                f"SELECT * FROM (SELECT line, {', '.join(columns)} FROM {records}) "  # noqa: S608
                f"WHERE {some} > 0 ORDER BY {score} DESC, line LIMIT {_MOST_MISSES}"
            ).to_pylist()
            for row in rows:
                failed = [part for number, part in enumerate(parts) if not row[f"p{number}"]]
                told = {name for part in failed for name in fields_of(part)}
                values = {name: _cut(row[f"v{number}"]) for number, name in enumerate(fields) if name in told}
                miss = Miss(row["line"], len(parts) - len(failed), tuple(map(described, failed)), values)
                found.append((len(failed), miss))
    found.sort(key=lambda pair: (pair[0], pair[1].line))
    return tuple(miss for _, miss in found[:_MOST_MISSES])


def _cut(value: str | None) -> str | None:
    return value if value is None or len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
