"""Decides what each alert group was about: the attack, a decoy, or nothing at all.

A group matches a step if one of its alerts cites a record that the step left. An
alert that does not name all of its records may match in another way: it shares an
entity with the step *and* overlaps it in time. An alert whose records are all named,
and all background, is a false alarm however well its time and host fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.detection import Alert, Detection, RecordedRun, RuleReport
from simulator.quantities import SECOND
from simulator.scoring.evidence import Citations, citations, first_deliveries
from simulator.scoring.roster import Roster, key_of
from simulator.scoring.truth import Act, Truth, comparable, read_truth

Kind = Literal["true", "late", "decoy", "false"]
LEAST_GRACE = 15 * 60 * SECOND


@dataclass(frozen=True, slots=True)
class Notice:
    """The first alert of a group that matches a step."""

    step: str
    fired: int
    paged: int
    late: bool  # fired after the step's end and the grace that follows it


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """Alerts of one rule that were grouped, and what they were about."""

    rule: str
    kind: Kind
    notices: tuple[Notice, ...]
    decoys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Episode:
    """One playing of an attack, with every alert group judged.

    ``delivered`` holds when the first record of a (step, stream) arrived.
    """

    truth: Truth
    rules: Mapping[str, RuleReport]
    groups: tuple[AlertGroup, ...]
    delivered: Mapping[tuple[str, str], int]

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
    ledger = run.folder / "truth.parquet"
    cited = citations(ledger, detection.alerts)
    usual = max(LEAST_GRACE, 2 * run.schedule.interval)
    members: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, alert in enumerate(detection.alerts):
        members[roster.key(alert.rule), alert.group].append(index)
    groups = []
    for (rule, _), indices in members.items():
        grace = max(usual, patience.get(rule, 0))
        groups.append(_judged(rule, [(detection.alerts[index], index) for index in indices], truth, cited, grace))
    rules = {rule: roster.rules[rule] for rule, _ in members} | {
        key_of(report): report for report in detection.rules[::-1]
    }
    return Episode(truth, rules, tuple(groups), first_deliveries(ledger, run.deliveries))


def _judged(rule: str, alerts: Sequence[tuple[Alert, int]], truth: Truth, cited: Citations, grace: int) -> AlertGroup:
    notices: dict[str, Notice] = {}
    decoys: set[str] = set()
    for alert, index in sorted(alerts, key=lambda pair: (pair[0].fired, pair[1])):
        fooled_by = cited.decoys.get(index, frozenset())
        steps = cited.steps.get(index, frozenset())
        if not steps and not fooled_by and len(alert.evidence) < max(alert.events, 1):
            steps = _resembled(alert, truth, grace)
        if not steps:
            decoys |= fooled_by
        for name in sorted(steps):
            if name in truth.steps and name not in notices:
                end = truth.steps[name].end
                late = end is not None and alert.fired > end + grace
                notices[name] = Notice(name, alert.fired, max(alert.paged, alert.fired), late)
    return AlertGroup(rule, _kind(notices, decoys), tuple(notices.values()), () if notices else tuple(sorted(decoys)))


def _kind(notices: Mapping[str, Notice], decoys: set[str]) -> Kind:
    if notices:
        return "late" if all(notice.late for notice in notices.values()) else "true"
    return "decoy" if decoys else "false"


def _resembled(alert: Alert, truth: Truth, grace: int) -> frozenset[str]:
    return frozenset(
        name for name, step in truth.steps.items() if _overlaps(alert, step, grace) and _shares(alert, step)
    )


def _overlaps(alert: Alert, step: Act, grace: int) -> bool:
    if step.onset is None or step.end is None:
        return False
    return alert.first_event <= step.end + grace and alert.last_event >= step.onset


def _shares(alert: Alert, step: Act) -> bool:
    return any(
        comparable(kind, name) in step.entities.get(kind, ())
        for kind, names in alert.entities.items()
        for name in names
    )
