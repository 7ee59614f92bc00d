"""Correlations: trees of rules, evaluated over what has been seen by a given time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaExtendedCorrelationCondition,
)

from simulator_sigma.conditions import clauses_of, holds, order_clauses
from simulator_sigma.groups import Counted, Groups
from simulator_sigma.hits import Hits, Integers, Words, absent, words_of
from simulator_sigma.matching import alias_mapping, own_fields
from simulator_sigma.measures import measured_windows
from simulator_sigma.reading import Rule
from simulator_sigma.temporal import Clause, temporal_windows
from simulator_sigma.time_windows import Sightings, Visible, Windows, kept, together

_SECOND = 1_000_000_000
_FOREVER = np.iinfo(np.int64).max >> 1
_Operator = SigmaCorrelationConditionOperator


@dataclass(frozen=True, slots=True)
class Seen:
    """What may be looked at: what arrived until ``until``, and windows that end after ``after``.

    ``horizon`` is the time until which it is known what did not happen.
    """

    until: int = _FOREVER
    after: int = -_FOREVER
    horizon: int = _FOREVER


@dataclass(frozen=True, slots=True)
class Finding:
    """The windows in which a correlation's condition holds."""

    windows: Windows
    sightings: Sightings
    chained: Mapping[int, Integers]  # events that are windows of other correlations → their records

    def records(self, windows: Sequence[int]) -> Integers:
        """Return the numbers of the records that are the evidence of some windows."""
        rows = np.unique(np.concatenate([self.windows.members(window) for window in windows]))
        events = self.sightings.events[rows]
        above = [self.chained[event] for event in events[events < 0].tolist()]
        return np.unique(np.concatenate([events[events >= 0], *above]))


@dataclass(slots=True)
class Correlation:
    """One correlation rule over its sources: hits of rules, or windows of other correlations.

    ``carried`` are the fields that correlations above want to read from its evidence.
    """

    rule: Rule
    sigma: SigmaCorrelationRule
    sources: Sequence[Hits | Correlation]
    carried: frozenset[str] = frozenset()
    keys: Groups = field(default_factory=Groups)
    _counted: Counted = field(init=False)
    _visible: Visible | None = None

    def __post_init__(self) -> None:
        self._counted = Counted(numeric=self.kind != "value_count")

    @property
    def span(self) -> int:
        return int(self.sigma.timespan.seconds) * _SECOND

    @property
    def kind(self) -> str:
        return self.sigma.type.name.lower()

    @property
    def chained(self) -> bool:
        return any(isinstance(source, Correlation) for source in self.sources)

    @property
    def only_grows(self) -> bool:
        """Say whether more events can never make a window fail that held before."""
        condition = self.sigma.condition
        return (
            self.kind in {"event_count", "value_count", "temporal", "temporal_ordered"}
            and isinstance(condition, SigmaCorrelationCondition)
            and condition.op in {_Operator.GT, _Operator.GTE}
            and all(source.only_grows for source in self.sources if isinstance(source, Correlation))
        )

    @property
    def looks_forward(self) -> bool:
        """Say whether it holds because of what did not happen, so that time alone can bring a window about."""
        mine = isinstance(self.sigma.condition, SigmaExtendedCorrelationCondition) and any(
            clause.unseen for clause in clauses_of(self.sigma.condition, [*self.rule.references])
        )
        return mine or any(source.looks_forward for source in self.sources if isinstance(source, Correlation))

    def hits(self) -> Iterator[Hits]:
        """Yield the hits of all the rules below."""
        for source in self.sources:
            if isinstance(source, Correlation):
                yield from source.hits()
            else:
                yield source

    def find(self, seen: Seen) -> Finding:
        """Return the windows that hold."""
        sightings, chained = self.sightings(seen)
        windows = self._holding(sightings, seen.horizon)
        return Finding(kept(windows, windows.ends > seen.after), sightings, chained)

    def measured(self, sightings: Sightings) -> Windows:
        """Return all windows with what they measure, whether the condition holds or not."""
        if self.kind in {"temporal", "temporal_ordered"}:
            everywhere = [Clause(())]
            return temporal_windows(sightings, self.span, everywhere, len(self.sources), _FOREVER, in_order=False)
        condition = self.sigma.condition
        percentile = condition.percentile if isinstance(condition, SigmaCorrelationCondition) else None
        if self.kind == "value_median":
            percentile = 50
        return measured_windows(self.kind, sightings, self.span, percentile)

    def _holding(self, sightings: Sightings, horizon: int) -> Windows:
        condition, slots = self.sigma.condition, len(self.sources)
        in_order = self.kind == "temporal_ordered"
        if isinstance(condition, SigmaExtendedCorrelationCondition):
            clauses = clauses_of(condition, [*self.rule.references])
            return temporal_windows(sightings, self.span, clauses, slots, horizon, in_order=in_order)
        if in_order:
            clauses = order_clauses(condition, slots)
            windows = temporal_windows(sightings, self.span, clauses, slots, horizon, in_order=True)
        else:
            windows = self.measured(sightings)
        return kept(windows, holds(condition, windows.metrics))

    def forget(self, groups: Integers) -> None:
        """Leave out all but these groups from now on: nothing can come of the others."""
        if self._visible is not None:
            everything = self._visible.everything
            self._visible = Visible(everything.take(np.isin(everything.groups, groups)))

    def sightings(self, seen: Seen) -> tuple[Sightings, Mapping[int, Integers]]:
        """Return what there is to correlate in windows that end after ``seen.after``."""
        after = seen.after - self.span
        if self.chained:
            return self._chained(Seen(seen.until, max(after, -_FOREVER), seen.horizon))
        if self._visible is None:
            parts = [
                self._sighted(slot, source) for slot, source in enumerate(self.sources) if isinstance(source, Hits)
            ]
            self._visible = Visible(together(parts))
        return self._visible.between(after, seen.until), {}

    def _sighted(self, slot: int, hits: Hits) -> Sightings:
        """Return a rule's hits as sightings, without those that lack a value to group by."""
        names = self._names(slot)
        fields = {name: hits.fields.get(names.get(name, name), absent(len(hits))) for name in self._fields()}
        return self._grouped(slot, hits.records, hits.times, hits.arrived, fields)

    def _grouped(
        self, slot: int, events: Integers, times: Integers, arrived: Integers, fields: Mapping[str, Words]
    ) -> Sightings:
        groups = self.keys.numbers([fields[name] for name in self.sigma.group_by or ()], len(events))
        measured = getattr(self.sigma.condition, "fieldref", None)
        values = self._counted.values(fields[measured] if measured else None, len(events))
        slots = np.full(len(events), slot, np.int64)
        carried = {name: fields[name] for name in self.carried}
        return Sightings(events, slots, times, arrived, groups, values, carried).take(np.flatnonzero(groups >= 0))

    def _names(self, slot: int) -> Mapping[str, str]:
        reference, rule = list(self.rule.references.items())[slot]
        return alias_mapping(self.sigma, reference, rule)

    def _fields(self) -> list[str]:
        return sorted({*own_fields(self.sigma), *self.carried})

    def _chained(self, seen: Seen) -> tuple[Sightings, Mapping[int, Integers]]:
        """Take windows of the correlations below for events that happen when the windows end."""
        book: dict[int, Integers] = {}
        parts = []
        for slot, source in enumerate(self.sources):
            if isinstance(source, Correlation):
                parts.append(self._windows_below(slot, source, seen, book))
            else:
                sighted = self._sighted(slot, source)
                parts.append(sighted.take((sighted.arrived <= seen.until) & (sighted.times > seen.after)))
        return together(parts), book

    def _windows_below(self, slot: int, source: Correlation, seen: Seen, book: dict[int, Integers]) -> Sightings:
        finding = source.find(seen)
        names = self._names(slot)
        fields = [names.get(name, name) for name in self._fields()]
        events, rows = [], []
        for window in range(len(finding.windows)):
            event = -1 - len(book)
            book[event] = finding.records([window])
            for values in source.summaries(finding, window, fields):
                events.append((event, window))
                rows.append(values)
        numbers = np.array(events, np.int64).reshape(-1, 2)
        columns = {
            name: words_of([row[place] for row in rows]) for place, name in enumerate(self._fields())
        }  # fmt: skip
        times = finding.windows.ends[numbers[:, 1]]
        latest = np.array(
            [finding.sightings.arrived[finding.windows.members(w)].max() for w in range(len(finding.windows))], np.int64
        )
        return self._grouped(slot, numbers[:, 0], times, latest[numbers[:, 1]], columns)

    def summaries(self, finding: Finding, window: int, fields: Sequence[str]) -> set[tuple[str | None, ...]]:
        """Return a window as an event: its key and metric, and other fields from its evidence, a row for each mix."""
        key = self.keys.keys[int(finding.windows.groups[window])]
        own: dict[str, str | None] = dict(zip(self.sigma.group_by or (), key, strict=True))
        metric = float(finding.windows.metrics[window])
        own |= dict.fromkeys((self.kind, "sigma_metric"), str(int(metric) if metric.is_integer() else metric))
        if own.keys() >= {*fields}:
            return {tuple(own[name] for name in fields)}
        carried = finding.sightings.fields
        return {
            tuple(own[name] if name in own else carried[name].row(row) for name in fields)
            for row in finding.windows.members(window).tolist()
        }


def correlation_of(rule: Rule, hits: Mapping[Rule, Hits], above: frozenset[str] = frozenset()) -> Correlation:
    """Build the tree of a correlation over hits that are there."""
    assert isinstance(rule.sigma, SigmaCorrelationRule)
    wanted = above | frozenset(own_fields(rule.sigma))
    sources: list[Hits | Correlation] = []
    for reference, other in rule.references.items():
        if isinstance(other.sigma, SigmaCorrelationRule):
            names = alias_mapping(rule.sigma, reference, other)
            sources.append(correlation_of(other, hits, frozenset(names.get(name, name) for name in wanted)))
        else:
            sources.append(hits[other])
    return Correlation(rule, rule.sigma, sources, above)
