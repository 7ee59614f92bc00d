"""Running rules over the store: which records each of them matches, whenever they arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from simulator import Column, Store, Stream
from simulator_sigma.dialect import condition_sql, folded, literal
from simulator_sigma.hits import Hits, hits_of, united
from simulator_sigma.honesty import refuse_readers_of_the_tag
from simulator_sigma.reading import BadRuleError, Rule, sentence
from simulator_sigma.routing import FieldName, Route, routes

ENTITIES = ("host", "user", "source")


class ColumnNames:
    """The columns that queries over one stream use, numbered in the order in which they were first asked for."""

    def __init__(self) -> None:
        self.by_column: dict[Column, str] = {}

    def name(self, field: str, *, folded: bool) -> str:
        return self.by_column.setdefault(Column(field, folded), f"c{len(self.by_column)}")

    def columns(self) -> Mapping[str, Column]:
        return {name: column for column, name in self.by_column.items()}


@dataclass(frozen=True, slots=True)
class Search:
    """A rule over one stream, as SQL. ``fields`` and ``entities`` are the columns that hits come with."""

    route: Route
    gate: str
    predicate: str
    fields: Mapping[str, str]
    entities: Mapping[str, str]

    def sql(self, table: str) -> str:
        extra = [f"{column} AS f{number}" for number, column in enumerate(self.fields.values())]
        extra += [f"{column} AS e{number}" for number, column in enumerate(self.entities.values())]
        chosen = ", ".join(["line", "time", "arrived", *extra])
        return f"SELECT {chosen} FROM {table} WHERE {self.gate} AND {self.predicate}"  # noqa: S608 - built by the dialect


@dataclass(slots=True)
class Searches:
    """All searches of a set of rules. Built first, so that each stream is read once with all its columns."""

    store: Store
    columns: dict[str, ColumnNames] = field(default_factory=lambda: defaultdict(ColumnNames))
    by_rule: dict[Rule, list[Search]] = field(default_factory=dict)
    _tables: dict[str, str] = field(default_factory=dict)

    def add(self, rule: Rule, wanted: Collection[str]) -> None:
        """Convert a rule for each stream that answers its log source; ``wanted`` are fields its hits must have."""
        assert isinstance(rule.sigma, SigmaRule)
        try:
            conditions = [each.parsed for each in rule.sigma.detection.parsed_condition]
            found = [
                self._search(route, conditions, wanted) for route in routes(rule.sigma.logsource, self.store.streams)
            ]
            if not found:
                _try_on_nothing(self.store, conditions)
        except SigmaError as error:
            raise BadRuleError(sentence(error), "unconvertible") from error
        except BadRuleError:
            raise
        except Exception as error:  # pySigma and DuckDB may fail on one rule in any way; the others go on
            raise BadRuleError(f"it does not convert: {sentence(error)}", "unconvertible") from error
        self.by_rule[rule] = found

    def hits(self, rule: Rule) -> Hits:
        """Run a rule over its streams."""
        parts = []
        for search in self.by_rule[rule]:
            try:
                rows = self.store.query(search.sql(self.table(search.route.stream)))
            except Exception as error:  # as above
                raise BadRuleError(f"its query fails: {sentence(error)}", "unconvertible") from error
            parts.append(hits_of(self.number(search.route.stream), rows, [*search.fields], [*search.entities]))
        return united(parts)

    def table(self, stream: Stream) -> str:
        name = stream.renderer.name
        if name not in self._tables:
            self._tables[name] = self.store.table(name, self.columns[name].columns())
        return self._tables[name]

    def number(self, stream: Stream) -> int:
        return [each.renderer.name for each in self.store.streams].index(stream.renderer.name)

    def _search(self, route: Route, conditions: Sequence[object], wanted: Collection[str]) -> Search:
        names = self.columns[route.stream.renderer.name]
        tag = self.store.tag
        for condition in conditions:
            refuse_readers_of_the_tag(condition, tag, route.field, route.stream.format.tag_text(tag))
        return Search(
            route,
            gate_sql(route, names),
            predicate_sql(conditions, names, route.field),
            {field: names.name(route.field(field), folded=False) for field in wanted},
            {
                kind: names.name(place, folded=False)
                for kind, place in route.stream.renderer.entities.items()
                if kind in ENTITIES
            },
        )


def gate_sql(route: Route, names: ColumnNames) -> str:
    """Return SQL for the records that a log source speaks of."""
    parts = [
        f"{names.name(field, folded=True)} IN ({', '.join(literal(folded(value)) for value in values)})"
        for field, values in route.source.where.items()
    ]
    return " AND ".join(parts) or "true"


def predicate_sql(conditions: Sequence[object], names: ColumnNames, field_name: FieldName) -> str:
    """Return SQL for a rule's conditions: one of them has to hold."""

    def column(field: str, shadow: bool) -> str:
        return names.name(field_name(field) if field else "", folded=shadow)

    return "(" + " OR ".join(condition_sql(condition, column) for condition in conditions) + ")"


def _try_on_nothing(store: Store, conditions: Sequence[object]) -> None:
    """Run a rule over no records, so that what is wrong with it shows although no stream answers it."""
    names = ColumnNames()
    for condition in conditions:
        refuse_readers_of_the_tag(condition, store.tag, str)
    predicate = predicate_sql(conditions, names, str)
    columns = ", ".join(["0 AS line", *(f"NULL::VARCHAR AS {name}" for name in names.by_column.values())])
    store.query(f"SELECT line FROM (SELECT {columns}) WHERE false AND {predicate}")  # noqa: S608 - as above


def wanted_fields(rules: Sequence[Rule]) -> Mapping[Rule, set[str]]:
    """Return which fields' values the correlations over a rule need from its hits, by the names that it knows."""
    wanted: dict[Rule, set[str]] = defaultdict(set)
    for rule in rules:
        if rule.status == "ran" and isinstance(rule.sigma, SigmaCorrelationRule):
            try:
                _want(rule, set(), wanted)
            except BadRuleError as error:
                rule.fail(error)
    return wanted


def _want(rule: Rule, above: set[str], wanted: dict[Rule, set[str]]) -> None:
    if not isinstance(rule.sigma, SigmaCorrelationRule):
        wanted[rule] |= above
        return
    own = above | set(own_fields(rule.sigma))
    for reference, other in rule.references.items():
        aliases = alias_mapping(rule.sigma, reference, other)
        _want(other, {aliases.get(name, name) for name in own}, wanted)


def own_fields(sigma: SigmaCorrelationRule) -> Iterator[str]:
    """Yield the fields that a correlation groups by or counts the values of."""
    yield from sigma.group_by or ()
    counted = getattr(sigma.condition, "fieldref", None)
    if isinstance(counted, list):
        raise BadRuleError("a correlation over several fields at once has no meaning here", "unconvertible")
    if counted:
        yield counted


def alias_mapping(sigma: SigmaCorrelationRule, reference: str, rule: Rule) -> Mapping[str, str]:
    """Return what a correlation's aliases stand for in the rule that it calls ``reference``."""
    names = {reference, rule.id, str(rule.sigma.name) if rule.sigma else ""}
    return {
        alias.alias: field
        for alias in sigma.aliases
        for target, field in alias.mapping.items()
        if target.reference in names
    }
