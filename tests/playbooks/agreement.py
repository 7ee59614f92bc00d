"""What the rules of a run give in the embedded detector, and in a real Prometheus that holds the same samples.

The server gets the samples as they stand in the run's text, with a stale marker where the detector
takes a series to end, and what rules record as soon as that has been compared. A recorded series that
is read by rules that run before it is sent a millisecond later than it is of: they see it a step later.
Of a run with very many samples only the rules that its playbook expects are compared, and what they read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from simulator.plugin_manager import Plugins
from simulator.recording.manifest import Manifest, read_manifest
from simulator_prometheus.promql.evaluate import evaluate_rule
from simulator_prometheus.promql.series import STALE, Labels, Times, is_stale
from simulator_prometheus.rule_run import Play, is_contacts
from simulator_prometheus.rules.engine import Engine
from simulator_prometheus.rules.expressions import selectors
from simulator_prometheus.rules.lifetimes import Life
from simulator_prometheus.rules.order import Placed, delay, needed, parts
from simulator_prometheus.rules.outcomes import Span
from simulator_prometheus.rules.reading import Group, name_rules, read_rule_file
from simulator_prometheus.rules.results import alert_labels
from simulator_prometheus.rules.writing import expression_text
from simulator_prometheus.samples import Telemetry, telemetry
from simulator_sandbox.store import DuckDBStore
from tests.playbooks.telemetry import samples_of
from tests.prometheus.promql.reference import Both, Series, labelled

_MILLISECOND = 1_000_000
_MANY = 1_000_000  # samples
Answers = dict[Labels, dict[int, float]]


@dataclass(frozen=True)
class Ruled:
    """A run and its rules. Nothing of it is late: every sample can be seen at its own time."""

    run: Any
    plugins: Plugins

    @cached_property
    def manifest(self) -> Manifest:
        return read_manifest(self.run.folder)

    @cached_property
    def files(self) -> list[Path]:
        """The files of rules in the order in which the detector gets them."""
        paths = sorted((self.run.folder / "inputs/rules").rglob("*.yml"))
        return [path for path in paths if b"groups:" in path.read_bytes() and not is_contacts(path)]

    @cached_property
    def span(self) -> Span:
        return Span(self.manifest.schedule.start, self.manifest.schedule.end)

    @cached_property
    def groups(self) -> list[Group]:
        files = [read_rule_file(path) for path in self.files]
        name_rules(rule for file in files for rule in file.rules)
        return [group for file in files for group in file.groups]

    @cached_property
    def found(self) -> Telemetry:
        with DuckDBStore(self.manifest.recorded(self.plugins)) as store:
            return telemetry(store, np.empty(0, np.int64))

    @cached_property
    def engine(self) -> Engine:
        """The rules as they ran with every sample there in time."""
        assert not self.found.series.late
        engine = Engine(self.groups, self.found.series, self.span)
        engine.run()
        return engine

    def played(self) -> Play:
        """Return the rules as the detector ran them, with samples that come when they come."""
        with DuckDBStore(self.manifest.recorded(self.plugins)) as store:
            return Play.of(self.files, store, self.manifest.schedule)

    def steps(self, each: Placed) -> Times:
        return self.span.steps(each.group) - each.group.query_offset // _MILLISECOND

    @cached_property
    def compared(self) -> list[Placed]:
        """The rules to compare, each after those that it reads."""
        rules = []
        for part in parts(self.engine.rules):
            assert part.at_once, "rules that read each other are compared elsewhere"
            rules += part.rules
        if sum(len(each.times) for each in self.found.written.values()) <= _MANY:
            return rules
        expected = {each.rule for each in self.manifest.expectations}
        wanted = [each for each in rules if each.rule.id in expected]
        for each in wanted:
            wanted += [other for other in needed(each, self.engine.rules) if other not in wanted]
        return [each for each in rules if each in wanted]

    def samples(self) -> Iterator[Series]:
        """Yield the series that rules select, as they were written, and where the detector lets them end."""
        store, recorded = self.engine.store, {each.rule.name for each in self.engine.rules}
        asked = [
            selector for each in self.compared if each.rule.expression for selector in selectors(each.rule.expression)
        ]
        selected = {store.labels()[number] for selector in asked for number in store.select(selector.matchers)}
        for metric in sorted({dict(labels)["__name__"] for labels in selected} - recorded):
            for series in samples_of(self.run, metric):
                labels = labelled(metric, **series.labels)
                if labels in selected:
                    selected.remove(labels)
                    yield _with_ends(labels, np.array(series.times), np.array(series.values), self.engine)
        assert {dict(labels)["__name__"] for labels in selected} <= recorded

    def recorded(self, each: Placed) -> list[Series]:
        """Return what a rule recorded, at the times from which on others see it."""
        readers = [other for other in self.engine.rules if each in needed(other, self.engine.rules)]
        later = {max(0, delay(each, other)) for other in readers}
        assert len(later) <= 1, f"some rules see {each.rule.name} at once and some a step later"
        return [(labels, times + max(later, default=0), values) for labels, times, values in _given(self.engine, each)]

    def ours(self, each: Placed) -> Answers:
        """Return what a rule's expression gives or, of a recording rule, what it recorded."""
        if not each.rule.alerts:
            return {
                _without_name(labels): {
                    time: value
                    for time, value, ended in zip(times.tolist(), values.tolist(), is_stale(values), strict=True)
                    if not ended
                }
                for labels, times, values in _given(self.engine, each)
            }
        assert each.rule.expression is not None
        vector, failed = evaluate_rule(each.rule.expression, self.engine.seen_by(each), self.steps(each))
        assert not failed, f"{each.rule.id} fails: {failed}"
        return {
            labels: dict(zip(self.steps(each)[there].tolist(), values[there].tolist(), strict=True))
            for labels, values, there in zip(vector.labels, vector.values, vector.present, strict=True)
            if there.any()
        }

    def theirs(self, each: Placed, both: Both) -> Answers:
        assert each.rule.expression is not None
        answer = both.theirs(expression_text(each.rule.expression.root), self.steps(each))
        assert not answer.error
        return {
            labels if each.rule.alerts else _without_name(labels + tuple(each.rule.labels.items())): dict(
                zip(times.tolist(), values.tolist(), strict=True)
            )
            for labels, (times, values) in answer.series.items()
        }

    def fired(self, each: Placed, found: Answers) -> list[tuple[Labels, int, int, int | None]]:
        """Return which alerts Prometheus makes of what it found: labels, active since, fired and ended."""
        hold, keep = each.rule.hold // _MILLISECOND, each.rule.keep // _MILLISECOND
        true: dict[Labels, dict[int, float]] = {}
        for labels, values in found.items():
            time = next(iter(values))
            name = alert_labels(each.rule, labels, values[time], self.engine.around(time))
            true.setdefault(name, {}).update(values)  # series of several metrics are one alert
        steps = self.steps(each).tolist()
        return sorted(
            ((name, *life) for name, values in true.items() for life in _lives(steps, values, hold, keep)), key=str
        )


def lives_of(lives: Sequence[Life]) -> list[tuple[Labels, int, int, int | None]]:
    return sorted(
        ((life.labels, life.active, life.fired, life.ended) for life in lives if life.fired is not None), key=str
    )


def _lives(steps: Sequence[int], true: dict[int, float], hold: int, keep: int) -> Iterator[tuple[int, int, int | None]]:
    """Yield when an alert was active, fired and was over, as AlertingRule.Eval of Prometheus goes about it."""
    active = fired = kept = None
    for step in steps:
        if step in true:
            active, kept = step if active is None else active, None
        elif active is not None:
            if fired is not None and keep:
                kept = step if kept is None else kept
            if kept is None or step - kept >= keep:
                if fired is not None:
                    yield active, fired, step
                active = fired = kept = None
        if active is not None and fired is None and step - active >= hold:
            fired = step
    if active is not None and fired is not None:
        yield active, fired, None


def _with_ends(labels: Labels, times: Times, values: np.ndarray, engine: Engine) -> Series:
    known, read = engine.store.series(labels)
    ends = known[is_stale(read)]
    together = np.concatenate([times, ends])
    order = np.argsort(together, kind="stable")
    return labels, together[order], np.concatenate([values, np.full(len(ends), STALE)])[order]


def _given(engine: Engine, each: Placed) -> list[Series]:
    return [
        (labels, *engine.store.series(labels))
        for labels in engine.store.labels()
        if ("__name__", each.rule.name) in labels
    ]


def _without_name(labels: Sequence[tuple[str, Any]]) -> Labels:
    return tuple(sorted((name, value) for name, value in labels if name != "__name__" and value))
