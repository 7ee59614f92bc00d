"""Writes a scorecard as ``scorecard.json``. ``schema.py`` describes each field."""

from __future__ import annotations

import json
from typing import Any

from simulator.quantities import iso
from simulator.scoring.document_outages import impact, objective
from simulator.scoring.document_words import delay, proportion, rate, rounded, stamp
from simulator.scoring.scorecard import (
    DecoyScore,
    ExpectationScore,
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
        "span": {"start": iso(scorecard.start), "end": iso(scorecard.end), "days": rounded(scorecard.days, 6)},
        "background": {"events": scorecard.background_events, "records": scorecard.background_records},
        "recall": proportion(scorecard.recall),
        "precision": proportion(scorecard.precision),
        "false_alarms": rate(scorecard.false_alarms),
        "times": _times(scorecard.times),
        "rules": [_rule(rule) for rule in scorecard.rules],
        "steps": [_step(step) for step in scorecard.steps],
        "decoys": [_decoy(decoy) for decoy in scorecard.decoys],
        "expectations": [_expectation(expectation) for expectation in scorecard.expectations],
        "unmeasured": [{"what": each.what, "reason": each.reason} for each in scorecard.unmeasured],
        "objectives": [objective(each) for each in scorecard.objectives],
        "responses": [{"at": iso(each.at), "do": each.do, "what": each.what} for each in scorecard.responses],
        "without_impact": scorecard.without_impact,
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
        "false_alarms": rate(rule.false_alarms),
        "caught": proportion(rule.caught),
        "precision": proportion(rule.precision),
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
        "onset": stamp(step.onset),
        "end": stamp(step.end),
        "events": step.events,
        "records": step.records,
        "status": step.status,
        "noticed_by": list(step.noticed_by),
        "late_by": list(step.late_by),
        "noticed": proportion(step.noticed),
        "to_alert": delay(step.to_alert),
        "outage": step.outage,
        "first_page": step.first_page,
        "cause_by": list(step.cause_by),
        "symptom_by": list(step.symptom_by),
        "impacts": [impact(each) for each in step.impacts],
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
        "within": rounded(expectation.within, 3),
        "at_least": expectation.at_least,
        "at_most": expectation.at_most,
        "exactly": expectation.exactly,
        "because": expectation.because,
        "verdict": expectation.verdict,
        "reason": expectation.reason,
        "alert_groups": expectation.alert_groups,
        "to_alert": rounded(expectation.to_alert, 3),
        "episodes_met": expectation.episodes_met,
        "episodes": expectation.episodes,
    }


def _times(times: Times) -> dict[str, Any]:
    return {
        "stamps": [_stamps(stamps) for stamps in times.stamps],
        "data": delay(times.data),
        "rule": delay(times.rule),
        "notify": delay(times.notify),
        "to_alert": delay(times.to_alert),
    }


def _stamps(stamps: Stamps) -> dict[str, Any]:
    return {
        "onset": stamp(stamps.onset),
        "evidence": stamp(stamps.evidence),
        "alert": stamp(stamps.alert),
        "page": stamp(stamps.page),
    }
