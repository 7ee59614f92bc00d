"""Decides what each alert group was about: the attack, a decoy, or nothing at all.

A group matches a step if one of its alerts cites a record that the step left. An
alert that does not name all of its records may match in another way: it shares an
entity with the step *and* overlaps it in time. An alert whose records are all named,
and all background, is a false alarm however well its time and host fit.

Of an outage an alert may name the cause, or one who shows a symptom. A symptom of an
outage that made nobody suffer (no objective was violated) is nothing to be paged for:
such a group is a false alarm too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from simulator.detection import Alert, Detection, RecordedRun, RuleReport
from simulator.quantities import SECOND
from simulator.scoring.evidence import Citations, citations, first_deliveries
from simulator.scoring.impacts import Suffered, impacts
from simulator.scoring.roster import Roster, key_of
from simulator.scoring.truth import Act, Truth, comparable, read_truth

Kind = Literal["true", "late", "decoy", "false"]
LEAST_GRACE = 15 * 60 * SECOND


@dataclass(frozen=True, slots=True)
class Notice:
    """The first alert of a group that matches a step. ``cause``: what the page told of names whom the step acts on."""

    step: str
    fired: int
    paged: int
    late: bool  # fired after the step's end and the grace that follows it
    cause: bool = True


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Alerts of one rule that were grouped, and what they were about.

    ``harmless`` are the outages that they show a symptom of, though nobody suffered.
    """

    rule: str
    kind: Kind
    notices: tuple[Notice, ...]
    decoys: tuple[str, ...]
    harmless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """One playing of an attack, with every alert group judged.

    ``delivered`` holds when the first record of a (step, stream) arrived, ``suffered``
    what each step did to objectives.
    """

    run: str
    truth: Truth
    rules: Mapping[str, RuleReport]
    groups: tuple[AlertGroup, ...]
    delivered: Mapping[tuple[str, str], int]
    suffered: Mapping[str, tuple[Suffered, ...]]

    def ran(self, rule: str) -> bool:
        return rule in self.rules and self.rules[rule].status == "ran"

    def onset(self, step: str) -> int:
        """Return when a step began that somebody noticed: such a step has happened."""
        onset = self.truth.steps[step].onset
        assert onset is not None
        return onset


def judge(run: RecordedRun, detection: Detection, roster: Roster, patience: Mapping[str, int]) -> Episode:
    """Judge every alert group of a run.

    ``patience`` holds rules that may take longer than the usual grace, which is 15
    minutes or two intervals of the schedule, whichever is longer.
    """
    truth = read_truth(run.folder)
    suffered = impacts(truth)
    ledger = run.folder / "truth.parquet"
    cited = citations(ledger, detection.alerts)
    usual = max(LEAST_GRACE, 2 * run.schedule.interval)
    members: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, alert in enumerate(detection.alerts):
        members[roster.key(alert.rule), alert.group].append(index)
    groups = []
    for (rule, _), indices in members.items():
        grace = max(usual, patience.get(rule, 0))
        told = [(detection.alerts[index], index) for index in indices]
        groups.append(_Judge(truth, cited, grace, _harmless(truth, suffered)).group(rule, told))
    rules = {rule: roster.rules[rule] for rule, _ in members} | {
        key_of(report): report for report in detection.rules[::-1]
    }
    delivered = first_deliveries(ledger, run.deliveries)
    return Episode(run.tag.run, truth, rules, tuple(groups), delivered, suffered)


def _harmless(truth: Truth, suffered: Mapping[str, object]) -> frozenset[str]:
    """Return the outages that violated no objective, where any could be measured."""
    if not any(objective.sweep.worst is not None for objective in truth.objectives):
        return frozenset()
    return frozenset(name for name, step in truth.steps.items() if step.is_outage and name not in suffered)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges groups of alerts by the truth of a run."""

    truth: Truth
    cited: Citations
    grace: int
    harmless: frozenset[str]

    def group(self, rule: str, alerts: Sequence[tuple[Alert, int]]) -> AlertGroup:
        notices: dict[str, Notice] = {}
        decoys: set[str] = set()
        harmless: set[str] = set()
        for alert, index in sorted(alerts, key=lambda pair: (pair[0].fired, pair[1])):
            steps, fooled_by, idle = self._about(alert, index)
            harmless |= idle
            if not steps:
                decoys |= fooled_by
            for name in sorted(steps):
                if name in self.truth.steps:
                    notices[name] = self._notice(alert, self.truth.steps[name], notices.get(name))
        kind = _kind(notices, decoys)
        fooled = () if notices else tuple(sorted(decoys))
        return AlertGroup(
            rule, kind, tuple(notices.values()), fooled, tuple(sorted(harmless)) if kind == "false" else ()
        )

    def _about(self, alert: Alert, index: int) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return the steps and the decoys that an alert is about, and the outages that it names without need."""
        steps = self.cited.steps.get(index, frozenset())
        fooled_by = self.cited.decoys.get(index, frozenset())
        if steps or fooled_by or len(alert.evidence) >= max(alert.events, 1):
            return steps, fooled_by, frozenset()
        resembled = self._resembled(alert, self.truth.steps)
        idle = frozenset(
            name for name in resembled & self.harmless if not _shares(alert, self.truth.steps[name].entities)
        )
        outages = {name: decoy for name, decoy in self.truth.decoys.items() if decoy.is_outage}
        return resembled - idle, self._resembled(alert, outages), idle

    def _resembled(self, alert: Alert, acts: Mapping[str, Act]) -> frozenset[str]:
        return frozenset(
            name
            for name, act in acts.items()
            if _overlaps(alert, act, self.grace)
            and (_shares(alert, act.entities) or _shares(alert, act.symptoms or _NOBODY))
        )

    def _notice(self, alert: Alert, step: Act, first: Notice | None) -> Notice:
        """Return the first notice of a step; what else was told by the time of its page may name the cause."""
        cause = not step.is_outage or _shares(alert, step.entities)
        if first is not None:
            return replace(first, cause=True) if cause and alert.fired <= first.paged else first
        late = step.end is not None and alert.fired > step.end + self.grace
        return Notice(step.id, alert.fired, max(alert.paged, alert.fired), late, cause)


_NOBODY: Mapping[str, frozenset[str]] = {}


def _kind(notices: Mapping[str, Notice], decoys: set[str]) -> Kind:
    if notices:
        return "late" if all(notice.late for notice in notices.values()) else "true"
    return "decoy" if decoys else "false"


def _overlaps(alert: Alert, step: Act, grace: int) -> bool:
    if step.onset is None or step.end is None:
        return False
    return alert.first_event <= step.end + grace and alert.last_event >= step.onset


def _shares(alert: Alert, entities: Mapping[str, frozenset[str]]) -> bool:
    return any(
        comparable(kind, name) in entities.get(kind, ()) for kind, names in alert.entities.items() for name in names
    )
