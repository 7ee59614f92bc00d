"""Writes a scorecard as ``scorecard.json``. ``schema.py`` describes each field."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from simulator.quantities import iso
from simulator.scoring.scorecard import (
    DecoyScore,
    Delay,
    ExpectationScore,
    Proportion,
    Rate,
    RuleScore,
    Scorecard,
    Stamps,
    StepScore,
    Times,
)

FORMAT = 1


def to_json(scorecard: Scorecard) -> str:
    """Return the text of ``scorecard.json``: the same scorecard, the same bytes."""
    text = json.dumps(document(scorecard), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode(errors="replace").decode()  # YAML can write half a character into a title; UTF-8 cannot


def document(scorecard: Scorecard) -> dict[str, Any]:
    """Return a scorecard as JSON values: stamps in ISO 8601, durations in seconds."""
    return {
        "format": FORMAT,
        "playbook": scorecard.playbook,
        "runs": list(scorecard.runs),
        "verdict": scorecard.verdict,
        "reason": scorecard.reason,
        "span": {"start": iso(scorecard.start), "end": iso(scorecard.end), "days": _rounded(scorecard.days, 6)},
        "background": {"events": scorecard.background_events, "records": scorecard.background_records},
        "recall": _proportion(scorecard.recall),
        "precision": _proportion(scorecard.precision),
        "false_alarms": _rate(scorecard.false_alarms),
        "times": _times(scorecard.times),
        "rules": [_rule(rule) for rule in scorecard.rules],
        "steps": [_step(step) for step in scorecard.steps],
        "decoys": [_decoy(decoy) for decoy in scorecard.decoys],
        "expectations": [_expectation(expectation) for expectation in scorecard.expectations],
        "unmeasured": [{"what": each.what, "reason": each.reason} for each in scorecard.unmeasured],
    }


def _rule(rule: RuleScore) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "file": rule.file,
        "level": rule.level,
        "techniques": list(rule.techniques),
        "status": rule.status,
        "reason": rule.reason,
        "alerts": rule.alerts,
        "expected": rule.expected,
        "outcome": rule.outcome,
        "hits": rule.hits,
        "alert_groups": rule.alert_groups,
        "true_alarms": rule.true_alarms,
        "late_alarms": rule.late_alarms,
        "decoy_alarms": rule.decoy_alarms,
        "false_alarms": _rate(rule.false_alarms),
        "caught": _proportion(rule.caught),
        "precision": _proportion(rule.precision),
        "steps_noticed": list(rule.steps_noticed),
        "steps_missed": list(rule.steps_missed),
        "decoys": list(rule.decoys),
        "times": _times(rule.times),
    }


def _step(step: StepScore) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": step.title,
        "technique": step.technique,
        "onset": _stamp(step.onset),
        "end": _stamp(step.end),
        "events": step.events,
        "records": step.records,
        "status": step.status,
        "noticed_by": list(step.noticed_by),
        "late_by": list(step.late_by),
        "noticed": _proportion(step.noticed),
        "to_alert": _delay(step.to_alert),
    }


def _decoy(decoy: DecoyScore) -> dict[str, Any]:
    return {
        "id": decoy.id,
        "title": decoy.title,
        "because": decoy.because,
        "events": decoy.events,
        "records": decoy.records,
        "status": decoy.status,
        "fooled": list(decoy.fooled),
        "alert_groups": decoy.alert_groups,
    }


def _expectation(expectation: ExpectationScore) -> dict[str, Any]:
    return {
        "rule": expectation.rule,
        "title": expectation.title,
        "steps": list(expectation.steps),
        "within": _rounded(expectation.within, 3),
        "at_least": expectation.at_least,
        "at_most": expectation.at_most,
        "exactly": expectation.exactly,
        "because": expectation.because,
        "verdict": expectation.verdict,
        "reason": expectation.reason,
        "alert_groups": expectation.alert_groups,
        "to_alert": _rounded(expectation.to_alert, 3),
        "episodes_met": expectation.episodes_met,
        "episodes": expectation.episodes,
    }


def _times(times: Times) -> dict[str, Any]:
    return {
        "stamps": [_stamps(stamps) for stamps in times.stamps],
        "data": _delay(times.data),
        "rule": _delay(times.rule),
        "notify": _delay(times.notify),
        "to_alert": _delay(times.to_alert),
    }


def _stamps(stamps: Stamps) -> dict[str, Any]:
    return {
        "onset": _stamp(stamps.onset),
        "evidence": _stamp(stamps.evidence),
        "alert": _stamp(stamps.alert),
        "page": _stamp(stamps.page),
    }


def _delay(delay: Delay) -> dict[str, Any]:
    return {
        "median": _rounded(delay.median, 3),
        "p90": _rounded(delay.p90, 3),
        "low": _rounded(delay.low, 3),
        "high": _rounded(delay.high, 3),
        "episodes": delay.episodes,
    }


def _proportion(share: Proportion) -> dict[str, Any]:
    return {
        "count": share.count,
        "of": share.of,
        "value": _rounded(share.value, 4),
        "low": _rounded(share.low, 4),
        "high": _rounded(share.high, 4),
        "status": "unmeasured" if share.value is None else "measured",
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "count": rate.count,
        "days": _rounded(rate.days, 6),
        "per_day": _significant(rate.per_day),
        "low": _significant(rate.low),
        "high": _significant(rate.high),
        "status": "unmeasured" if rate.per_day is None else "measured",
    }


def _stamp(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None or not isfinite(value) else round(float(value), digits)


def _significant(value: float | None) -> float | None:
    """Keep four digits: rates run from one a year to thousands a day."""
    return None if value is None else float(f"{value:.4g}")
