"""Runs groups of rules over the samples of a run: recorded series come back into the store, alerts live and end.

Prometheus spreads its groups over their intervals by a hash; here every group runs first at
the start of the run, and groups that run at the same instant do so in the order of the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from simulator_prometheus.go_template.lexing import TemplateFault
from simulator_prometheus.go_template.running import Surroundings
from simulator_prometheus.go_template.values import Sample
from simulator_prometheus.promql.errors import PromQLError
from simulator_prometheus.promql.evaluate import evaluate_rule
from simulator_prometheus.promql.expressions import parsed
from simulator_prometheus.promql.series import STALE, Floats, Labels, SeriesStore, Times
from simulator_prometheus.promql.vectors import Vector
from simulator_prometheus.rules.expressions import ALERTS, FOR_STATE, sees, selectors
from simulator_prometheus.rules.lifetimes import Life, Patience, TooManyError, Tracker, lives
from simulator_prometheus.rules.order import Part, Placed, delay, needed, needed_by_name, parts, placed
from simulator_prometheus.rules.outcomes import Outcome, Span
from simulator_prometheus.rules.reading import Group, Rule
from simulator_prometheus.rules.results import results

_CHUNK = 1_440  # steps that are held in memory at once
_MILLISECOND = 1_000_000


class Engine:
    """Rules over a store. Nothing is asked of a rule that is not needed by another before it runs itself."""

    def __init__(self, groups: Sequence[Group], store: SeriesStore, span: Span) -> None:
        self.store, self.span = store, span
        self.rules = placed(groups)
        self.outcomes: dict[Rule, Outcome] = {each.rule: Outcome() for each in self.rules}
        self._given: dict[Placed, set[Labels]] = {}
        asked = [s for each in self.rules if each.rule.expression for s in selectors(each.rule.expression)]
        self._alerts_are_asked = any(sees(selector, name) for selector in asked for name in (ALERTS, FOR_STATE))

    def run(self) -> None:
        """Run every rule that can be run; one that fails is told so, and stops no other."""
        for part in parts(self.rules):
            runnable = tuple(each for each in part.rules if self._can_run(each))
            try:
                if part.at_once:
                    for each in runnable:
                        self._at_once(each)
                elif runnable:
                    self._step_by_step(Part(runnable, False))
            except PromQLError as error:
                for each in runnable:
                    each.rule.fail(str(error), "error")

    def around(self, time: int) -> Surroundings:
        """Return what a template can ask for at a time (ms)."""

        def query(text: str) -> list[Sample]:
            try:
                vector, failed = evaluate_rule(parsed(text), self.store, np.array([time], np.int64))
            except PromQLError as error:
                raise TemplateFault(str(error)) from error
            if failed:
                raise TemplateFault(failed[time])
            return [
                Sample(dict(labels), float(vector.values[row, 0]))
                for row, labels in enumerate(vector.labels)
                if vector.present[row, 0]
            ]

        return Surroundings(time=time / 1000, query=query)

    def seen_by(self, each: Placed, together: Sequence[Placed] = ()) -> SeriesStore:
        """Return the store as a rule sees it: without what had not come, or was not recorded, when it runs."""
        offset = each.group.query_offset // _MILLISECOND
        late = self.store.late
        if offset:
            late = {
                labels: [(time, seen - offset) for time, seen in found if seen - offset > time]
                for labels, found in late.items()
            }
        others = [other for other in needed(each, self.rules) if other not in together and delay(other, each) > 0]
        delays = {labels: delay(other, each) for other in others for labels in self._given.get(other, ())}
        return cast(SeriesStore, _Seen(self.store, late, delays)) if offset or delays else self.store

    def append(self, each: Placed, labels: Sequence[Labels], time: int, values: Floats) -> None:
        """Store results of a rule at one step."""
        self.store.append(labels, time, values)
        self._given.setdefault(each, set()).update(labels)

    def _give(self, each: Placed, labels: Labels, times: Times, values: Floats) -> None:
        """Store results of a rule."""
        self.store.add(labels, times, values)
        self._given.setdefault(each, set()).add(labels)

    def _can_run(self, each: Placed) -> bool:
        rule = each.rule
        if rule.status == "ran" and rule.expression is not None and rule.expression.kind in ("range", "string"):
            rule.fail(f"{rule.place}: expr is a {rule.expression.kind}; a rule needs a vector or a number", "error")
        if rule.status == "ran":
            for other in needed_by_name(rule, [other.rule for other in self.rules]):
                if other.status == "unconvertible":
                    rule.fail(f"it needs {other.id or other.name!r}, which cannot run: {other.reason}")
                    break
        return rule.status == "ran"

    def _at_once(self, each: Placed) -> None:
        rule, outcome = each.rule, self.outcomes[each.rule]
        steps, offset = self.span.steps(each.group), each.group.query_offset // _MILLISECOND
        found: list[tuple[int, Vector]] = []
        before: set[Labels] = set()
        assert rule.expression is not None
        store = self.seen_by(each)
        for begin in range(0, len(steps), _CHUNK):
            asked = steps[begin : begin + _CHUNK] - offset
            vector, failed = evaluate_rule(rule.expression, store, asked)
            result = results(rule, vector, asked, failed, each.group.limit, self.around)
            outcome.failed |= result.failed
            if rule.alerts:
                found.append((begin, result.vector))
            else:
                before = self._record(each, result.vector, asked, result.failed, before)
        if rule.alerts:
            outcome.lives = list(self._live(each, steps, offset, found))
            if self._alerts_are_asked:
                self._tell(each, steps, offset)

    def _record(
        self, each: Placed, vector: Vector, asked: Times, failed: dict[int, str], before: set[Labels]
    ) -> set[Labels]:
        """Store what a rule gave at the steps that did not fail; return which series were there at the last."""
        good = ~np.isin(asked, [*failed]) if failed else np.ones(len(asked), bool)
        times = asked[good]
        last: set[Labels] = set()
        if not len(times):
            return before
        for row, labels in enumerate(vector.labels):
            present = vector.present[row, good]
            earlier = np.concatenate([[labels in before], present[:-1]])
            told = present | earlier
            self._give(each, labels, times[told], np.where(present, vector.values[row, good], STALE)[told])
            self.outcomes[each.rule].samples += int(present.sum())
            if present[-1]:
                last.add(labels)
        for labels in sorted(before - set(vector.labels)):
            self._give(each, labels, times[:1], np.array([STALE]))
        return last

    def _live(self, each: Placed, steps: Times, offset: int, found: list[tuple[int, Vector]]) -> Iterator[Life]:
        """Yield the lives of an alert's instances, in the order they fired."""
        good = ~np.isin(steps - offset, [*self.outcomes[each.rule].failed])
        whole: dict[Labels, tuple[Any, Any]] = {}
        for begin, vector in found:
            for row, labels in enumerate(vector.labels):
                if labels not in whole:
                    whole[labels] = np.zeros(len(steps), bool), np.zeros(len(steps))
                part = slice(begin, begin + vector.present.shape[1])
                whole[labels][0][part], whole[labels][1][part] = vector.present[row], vector.values[row]
        patience = _patience(each.rule)
        times = steps[good]
        if not each.group.limit or len(whole) <= each.group.limit:
            for labels, (present, values) in whole.items():
                self.outcomes[each.rule].samples += int(present.sum())
                yield from lives(labels, times, present[good], values[good], patience)
            return
        tracker = Tracker(patience, each.group.limit)
        for at in np.flatnonzero(good).tolist():
            now = {labels: float(values[at]) for labels, (present, values) in whole.items() if present[at]}
            try:
                tracker.step(int(steps[at]), now)
            except TooManyError as error:
                self.outcomes[each.rule].failed[int(steps[at]) - offset] = str(error)
        tracker.finish(None)
        yield from tracker.over

    def _tell(self, each: Placed, steps: Times, offset: int) -> None:
        """Store the series ALERTS and ALERTS_FOR_STATE of a rule."""
        failed = self.outcomes[each.rule].failed
        times = steps[~np.isin(steps - offset, [*failed])] if failed else steps
        for life in self.outcomes[each.rule].lives:
            end = int(times.searchsorted(life.ended)) if life.ended is not None else len(times)
            begin = int(times.searchsorted(life.active))
            turn = int(times.searchsorted(life.fired)) if life.fired is not None else end
            self._tell_state(each, life.labels, "pending", times[begin:turn] - offset, times[turn : turn + 1] - offset)
            self._tell_state(each, life.labels, "firing", times[turn:end] - offset, times[end : end + 1] - offset)
            told = times[begin : end + 1] - offset
            values = np.full(len(told), life.active // 1000, np.float64)
            values[end - begin :] = STALE
            self._give(each, _named(FOR_STATE, life.labels), told, values)

    def _tell_state(self, each: Placed, labels: Labels, state: str, times: Times, after: Times) -> None:
        if len(times):
            values = np.concatenate([np.ones(len(times)), np.full(len(after), STALE)])
            self._give(each, _named(ALERTS, labels, state), np.concatenate([times, after]), values)

    def _step_by_step(self, part: Part) -> None:
        """Run rules that look at each other's results, or ahead of their time, one step after the other."""
        runs = [_Stepwise(self, each, part.rules) for each in part.rules]
        due = [(int(step), run.each.position, run) for run in runs for step in self.span.steps(run.each.group)]
        for step, _, run in sorted(due, key=lambda each: each[:2]):
            run.step(step)
        for run in runs:
            run.finish()


class _Stepwise:
    """One rule that is run step by step."""

    def __init__(self, engine: Engine, each: Placed, together: Sequence[Placed]) -> None:
        self.each = each
        self._engine = engine
        self._tracker = Tracker(_patience(each.rule), each.group.limit)
        self._outcome = engine.outcomes[each.rule]
        self._before: set[Labels] = set()
        self._seen = engine.seen_by(each, together)

    def step(self, step: int) -> None:
        rule, group = self.each.rule, self.each.group
        time = step - group.query_offset // _MILLISECOND
        asked = np.array([time], np.int64)
        assert rule.expression is not None
        store = cast(SeriesStore, _Seen(self._seen, self._seen.late, self._seen.delays, step))
        vector, failed = evaluate_rule(rule.expression, store, asked)
        result = results(rule, vector, asked, failed, group.limit, self._engine.around)
        self._outcome.failed |= result.failed
        if result.failed:
            return
        now = {
            labels: float(result.vector.values[row, 0])
            for row, labels in enumerate(result.vector.labels)
            if result.vector.present[row, 0]
        }
        if rule.alerts:
            try:
                states = self._tracker.step(step, now)
            except TooManyError as error:
                self._outcome.failed[time] = str(error)
                return
            now = {_named(ALERTS, labels, state): 1.0 for labels, (state, _) in states.items()}
            now |= {_named(FOR_STATE, labels): float(active // 1000) for labels, (_, active) in states.items()}
        self._outcome.samples += len(now)
        gone = sorted(self._before - now.keys())
        self._engine.append(self.each, [*now, *gone], time, np.array([*now.values(), *[STALE] * len(gone)]))
        self._before = set(now)

    def finish(self) -> None:
        self._tracker.finish(None)
        self._outcome.lives = self._tracker.over


@dataclass(frozen=True, slots=True)
class _Seen:
    """A store as a rule sees it; what is of after ``time`` is not there yet."""

    store: SeriesStore
    late: Mapping[Labels, Sequence[tuple[int, int]]]
    delays: Mapping[Labels, int]
    time: int = 2**63 - 1

    def samples(self, matchers: Any, after: int = -(2**63), until: int = 2**63 - 1) -> Any:
        return self.store.samples(matchers, after, min(until, self.time))


def _patience(rule: Rule) -> Patience:
    return Patience(rule.hold // _MILLISECOND, rule.keep // _MILLISECOND)


def _named(metric: str, labels: Labels, state: str = "") -> Labels:
    named = {**dict(labels), "__name__": metric, "alertstate": state}
    return tuple(sorted((name, value) for name, value in named.items() if value))
