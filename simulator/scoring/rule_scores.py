"""Scores each rule over all episodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from simulator.detection import RuleReport
from simulator.scoring.durations import DAY
from simulator.scoring.expectations import Expectation
from simulator.scoring.measures import proportion, rate, times
from simulator.scoring.noticing import Noticing
from simulator.scoring.roster import Roster, key_of
from simulator.scoring.scorecard import Outcome, RuleScore


def rule_scores(
    roster: Roster, expected: Sequence[tuple[Expectation, RuleReport | None]], episodes: Sequence[Noticing]
) -> tuple[RuleScore, ...]:
    """Score the rules: those that something is expected of first, in the playbook's order, then as reported."""
    wanted: dict[str, list[Expectation]] = {}
    for expectation, rule in expected:
        if rule is not None:
            wanted.setdefault(key_of(rule), []).append(expectation)
    order = [*wanted, *(rule for rule in roster.rules if rule not in wanted)]
    return tuple(_rule_score(roster.rules[rule], wanted.get(rule, ()), episodes) for rule in order)


def background_days(episodes: Iterable[Noticing]) -> float:
    """Return for how many days there was a background to raise false alarms on."""
    truths = (each.episode.truth for each in episodes)
    return sum((truth.end - truth.start) / DAY for truth in truths if truth.background_records)


def _rule_score(report: RuleReport, expectations: Sequence[Expectation], episodes: Sequence[Noticing]) -> RuleScore:
    rule = key_of(report)
    ran = [each for each in episodes if each.episode.ran(rule)]
    groups = [group for each in ran for group in each.groups(rule)]
    kinds = Counter(group.kind for group in groups)
    steps = {step: act for each in ran for step, act in each.episode.truth.steps.items()}
    hoped = [step for each in expectations if each.fewest for step in each.steps or steps]
    recorded = [step for step in dict.fromkeys(hoped) if step in steps and steps[step].is_there]
    noticed = {step for each in ran for step in each.first(rule)}
    named = {step for each in expectations if each.fewest for step in each.steps}
    return RuleScore(
        id=rule,
        title=report.title,
        file=PurePath(report.path).name,
        level=report.level,
        techniques=report.techniques,
        status=report.status,
        reason=report.reason,
        alerts=report.alerts,
        expected=bool(expectations),
        outcome=_outcome(rule, set(recorded), ran),
        hits=sum(each.episode.rules[rule].hits for each in ran),
        alert_groups=len(groups),
        true_alarms=kinds["true"],
        late_alarms=kinds["late"],
        decoy_alarms=kinds["decoy"],
        false_alarms=rate(kinds["false"], background_days(ran)),
        caught=proportion(sum(bool(each.first(rule)) for each in ran), len(ran)),
        precision=proportion(kinds["true"] + kinds["late"], len(groups)),
        steps_noticed=tuple(step for step in steps if step in noticed),
        steps_missed=tuple(step for step in recorded if step in named and step not in noticed),
        decoys=tuple(sorted({decoy for group in groups for decoy in group.decoys})),
        times=times(each.stamps(rule, recorded) for each in ran),
    )


def _outcome(rule: str, recorded: set[str], ran: Sequence[Noticing]) -> Outcome:
    if not ran:
        return "unmeasured"
    if _any_of(recorded, (each.first(rule) for each in ran)):
        return "caught"
    if _any_of(recorded, (each.first(rule, late=True) for each in ran)):
        return "late"
    return "missed" if recorded else "not expected"


def _any_of(hoped: set[str], noticed: Iterable[Mapping[str, object]]) -> bool:
    return any(hoped & set(steps) if hoped else steps for steps in noticed)
