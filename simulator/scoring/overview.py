"""Scores each step and decoy over all rules, and says what the run could not tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simulator.quantities import SECOND
from simulator.scoring.bootstrap import NEVER
from simulator.scoring.durations import human
from simulator.scoring.measures import ENOUGH, ENOUGH_DAYS, delay, proportion
from simulator.scoring.noticing import Noticing
from simulator.scoring.roster import Roster, key_of
from simulator.scoring.scorecard import (
    Attention,
    DecoyScore,
    Effect,
    ExpectationScore,
    Proportion,
    Rate,
    RuleScore,
    StepScore,
    Unmeasured,
)
from simulator.scoring.truth import Act


def step_score(step: Act, roster: Roster, episodes: Sequence[Noticing]) -> StepScore:
    """Say which rules noticed a step, and how soon the first did."""
    possible = [each for each in episodes if each.guarded and _recorded(each.episode.truth.steps, step.id)]
    first = [{rule: each.first(rule) for rule in each.rules} for each in possible]
    late = [{rule: each.first(rule, late=True) for rule in each.rules} for each in possible]
    noticed_by = {rule for rules in first for rule, notices in rules.items() if step.id in notices}
    late_by = {rule for rules in late for rule, notices in rules.items() if step.id in notices}
    fired = [min((rule[step.id].fired for rule in rules.values() if step.id in rule), default=None) for rules in first]
    waits = [
        NEVER if at is None else (at - each.episode.onset(step.id)) / SECOND
        for each, at in zip(possible, fired, strict=True)
    ]
    status: Attention = "noticed" if noticed_by else "late" if late_by else "unnoticed"
    return StepScore(
        id=step.id,
        title=step.title,
        technique=step.technique,
        onset=step.onset,
        end=step.end,
        events=step.events,
        records=step.records,
        status=status if possible else "unmeasured",
        noticed_by=tuple(rule for rule in roster.rules if rule in noticed_by),
        late_by=tuple(rule for rule in roster.rules if rule in late_by - noticed_by),
        noticed=proportion(sum(at is not None for at in fired), len(possible)),
        to_alert=delay(waits),
    )


def decoy_score(decoy: Act, roster: Roster, episodes: Sequence[Noticing]) -> DecoyScore:
    """Say which rules a decoy fooled."""
    possible = [each for each in episodes if each.guarded and _recorded(each.episode.truth.decoys, decoy.id)]
    groups = [group for each in possible for group in each.episode.groups if decoy.id in group.decoys]
    fooled = {group.rule for group in groups}
    status: Effect = "fooled" if fooled else "ignored"
    return DecoyScore(
        id=decoy.id,
        title=decoy.title,
        because=decoy.because,
        events=decoy.events,
        records=decoy.records,
        status=status if possible else "unmeasured",
        fooled=tuple(rule for rule in roster.rules if rule in fooled),
        alert_groups=len(groups),
    )


def unmeasured_things(
    roster: Roster,
    rules: Sequence[RuleScore],
    steps: Sequence[StepScore],
    decoys: Sequence[DecoyScore],
    expectations: Sequence[ExpectationScore],
    recall: Proportion,
    false_alarms: Rate,
) -> Iterator[Unmeasured]:
    """Say what the run could not tell, the most general first."""
    if not recall.of:
        yield Unmeasured("recall", "no rule ran")
    elif recall.value is None:
        yield Unmeasured("recall", f"{recall.count} of {recall.of} episodes caught; a share needs {ENOUGH} or more")
    yield from _unmeasured_rate(false_alarms)
    acts: list[tuple[str, str, int]] = [(f"step {step.id}", step.status, step.records) for step in steps]
    acts += [(f"decoy {decoy.id}", decoy.status, decoy.records) for decoy in decoys]
    for what, status, records in acts:
        if status == "unmeasured":
            yield Unmeasured(what, "no rule ran" if records else "nothing was recorded of it")
    for expectation in expectations:
        if expectation.verdict == "unmeasured":
            yield Unmeasured(f"expectation of {expectation.title}", expectation.reason)
    for rule in rules:
        if rule.status != "ran":
            problem = "could not be converted" if rule.status == "unconvertible" else "failed"
            yield Unmeasured(f"rule {rule.id}", f"{problem}: {rule.reason}" if rule.reason else problem)
    for report in roster.namesakes:
        yield Unmeasured(f"rule {key_of(report)}", "several files have a rule of this id; they are counted as one")


def _unmeasured_rate(false_alarms: Rate) -> Iterator[Unmeasured]:
    if not false_alarms.days:
        yield Unmeasured("false alarms per day", "there was no background, or no rule that ran over it")
    elif false_alarms.per_day is None:
        seen = f"none in {human(false_alarms.days * 86_400)} of background"
        bound = "" if false_alarms.high is None else f", which leaves up to {false_alarms.high:.3g} a day possible"
        yield Unmeasured("false alarms per day", f"{seen}{bound}; a rate of none needs {human(ENOUGH_DAYS * 86_400)}")


def _recorded(acts: Mapping[str, Act], name: str) -> bool:
    return name in acts and acts[name].is_there
