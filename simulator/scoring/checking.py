"""Holds the playbook's expectations against what the rules did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.detection import RuleReport
from simulator.quantities import SECOND
from simulator.scoring.durations import human
from simulator.scoring.expectations import Expectation
from simulator.scoring.matching import AlertGroup, Notice
from simulator.scoring.noticing import Noticing
from simulator.scoring.roster import key_of
from simulator.scoring.scorecard import ExpectationScore, Verdict


@dataclass(frozen=True, slots=True)
class _Finding:
    verdict: Verdict
    reason: str
    groups: int = 0
    to_alert: float | None = None


def check(expectation: Expectation, rule: RuleReport | None, episodes: Sequence[Noticing]) -> ExpectationScore:
    """Say whether a rule met an expectation in every episode; the reason is of the first in which it did not."""
    findings = [_found(expectation, rule, episode) for episode in episodes]
    order: tuple[Verdict, ...] = ("not met", "unmeasured", "met")
    worst = min(findings, key=lambda finding: order.index(finding.verdict))
    return ExpectationScore(
        rule=key_of(rule) if rule else expectation.rule,
        title=rule.title if rule else expectation.rule,
        steps=expectation.steps,
        within=None if expectation.within is None else expectation.within / SECOND,
        at_least=expectation.at_least,
        at_most=expectation.at_most,
        exactly=expectation.exactly,
        because=expectation.because,
        verdict=worst.verdict,
        reason=worst.reason,
        alert_groups=sum(finding.groups for finding in findings),
        to_alert=max((each.to_alert for each in findings if each.to_alert is not None), default=None),
        episodes_met=sum(finding.verdict == "met" for finding in findings),
        episodes=len(findings),
    )


def _found(expectation: Expectation, rule: RuleReport | None, noticing: Noticing) -> _Finding:
    why_not = _unmeasurable(expectation, rule, noticing)
    if why_not or rule is None:
        return _Finding("unmeasured", why_not)
    key = key_of(rule)
    groups = noticing.groups(key)
    matching = [group for group in groups if _concerns(expectation, group)]
    in_time = sum(group.kind == "true" for group in matching)
    first = {
        step: notice
        for step, notice in noticing.first(key).items()
        if step in expectation.steps or not expectation.steps
    }
    waits = {step: (notice.fired - noticing.episode.onset(step)) / SECOND for step, notice in first.items()}
    to_alert = (max if expectation.steps else min)(waits.values(), default=None)
    complaint = _too_many(expectation, len(matching))
    if not complaint and expectation.fewest:
        complaint = _not_noticed(expectation, noticing, key, first) or _too_slow(expectation, waits)
    complaint = complaint or _too_few(expectation, in_time)
    verdict: Verdict = "not met" if complaint else "met"
    return _Finding(verdict, complaint or _praise(len(matching), to_alert), len(matching), to_alert)


def _unmeasurable(expectation: Expectation, rule: RuleReport | None, noticing: Noticing) -> str:
    report = noticing.episode.rules.get(key_of(rule)) if rule else None
    if report is None:
        return "is not among the rules that were run"
    if report.status != "ran":
        problem = "could not be converted" if report.status == "unconvertible" else "failed"
        return f"{problem}: {report.reason}" if report.reason else problem
    steps = noticing.episode.truth.steps
    silent = [name for name in expectation.steps or tuple(steps) if name not in steps or not steps[name].is_there]
    if silent and (expectation.steps or len(silent) == len(steps)):
        return f"nothing was recorded of {_listed(silent)}"
    return "" if steps else "the run has no attack to notice"


def _concerns(expectation: Expectation, group: AlertGroup) -> bool:
    noticed = {notice.step for notice in group.notices}
    return bool(noticed & set(expectation.steps)) if expectation.steps else bool(noticed)


def _not_noticed(expectation: Expectation, noticing: Noticing, rule: str, first: Mapping[str, Notice]) -> str:
    missing = [step for step in expectation.steps if step not in first]
    if not missing and first:
        return ""
    late = noticing.first(rule, late=True)
    for step in missing or late:
        if step in late:
            wait = (late[step].fired - noticing.episode.onset(step)) / SECOND
            return f"noticed {step} too late: {human(wait)} after its onset"
    report, groups = noticing.episode.rules[rule], noticing.groups(rule)
    if not groups:
        nowhere = "" if report.streams else "; no stream here is known to answer its log source"
        return f"raised no alert ({report.hits} hits){nowhere}"
    if not any(group.notices for group in groups):
        kinds = Counter(group.kind for group in groups)
        harmless = sorted({step for group in groups for step in group.harmless})
        idle = f"; they show symptoms of {_listed(harmless)}, but no objective was violated" if harmless else ""
        return f"raised alerts, but none on the attack ({kinds['decoy']} on decoys, {kinds['false']} false){idle}"
    return f"did not notice {_listed(missing)}"


def _too_slow(expectation: Expectation, waits: Mapping[str, float]) -> str:
    if expectation.within is None:
        return ""
    # every named step must be noticed in time; where none is named, the soonest counts
    worst = max if expectation.steps else min
    step, wait = worst(waits.items(), key=lambda item: item[1])
    allowed = expectation.within / SECOND
    return f"noticed {step} after {human(wait)}, expected within {human(allowed)}" if wait > allowed else ""


def _too_few(expectation: Expectation, groups: int) -> str:
    if groups >= expectation.fewest:
        return ""
    return f"raised {_counted(groups)} on the attack in time, expected {_bounds(expectation)}"


def _too_many(expectation: Expectation, groups: int) -> str:
    if expectation.most is None or groups <= expectation.most:
        return ""
    return f"raised {_counted(groups)} on the attack, expected {_bounds(expectation)}"


def _bounds(expectation: Expectation) -> str:
    if expectation.exactly is not None:
        return f"exactly {expectation.exactly}"
    if expectation.most is None:
        return f"at least {expectation.fewest}"
    if expectation.fewest <= 1:
        return f"at most {expectation.most}"
    return f"{expectation.fewest} to {expectation.most}"


def _praise(groups: int, to_alert: float | None) -> str:
    if to_alert is None:
        return (
            "raised no alert on the attack, as expected" if not groups else f"raised {_counted(groups)} on the attack"
        )
    return f"raised {_counted(groups)} on the attack, after {human(to_alert)}"


def _counted(groups: int) -> str:
    return f"{groups} alert group" if groups == 1 else f"{groups} alert groups"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else "".join(names)
