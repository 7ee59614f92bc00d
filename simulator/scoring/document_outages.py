"""What a scorecard says of objectives and outages, as JSON values."""

from __future__ import annotations

from typing import Any

from simulator.scoring.document_words import proportion, rounded, significant, stamp
from simulator.scoring.scorecard_outages import Burnt, Impact, ObjectiveRun, ObjectiveScore


def objective(score: ObjectiveScore) -> dict[str, Any]:
    return {
        "id": score.id,
        "title": score.title,
        "target": score.target,
        "window": rounded(score.window, 3),
        "period": rounded(score.period, 3),
        "least": score.least,
        "status": score.status,
        "reason": score.reason,
        "expect": score.expect,
        "most_burnt": score.most_burnt,
        "verdict": score.verdict,
        "said": score.said,
        "violated": proportion(score.violated),
        "runs": [_run(each) for each in score.runs],
    }


def impact(each: Impact) -> dict[str, Any]:
    return {
        "run": each.run,
        "objective": each.objective,
        "violated": stamp(each.violated),
        "recovered": stamp(each.recovered),
        "page": stamp(each.page),
        "to_page": rounded(each.to_page, 3),
        "burnt": _burnt(each.burnt),
        "burnt_before_page": _burnt_or_none(each.burnt_before_page),
    }


def _run(run: ObjectiveRun) -> dict[str, Any]:
    return {
        "run": run.run,
        "watched": run.watched,
        "events": run.events,
        "bad": run.bad,
        "share": rounded(run.share, 6),
        "worst": rounded(run.worst, 6),
        "worst_at": stamp(run.worst_at),
        "violated": stamp(run.violated),
        "recovered": stamp(run.recovered),
        "violations": run.violations,
        "page": stamp(run.page),
        "burnt": _burnt(run.burnt),
        "burnt_before_page": _burnt_or_none(run.burnt_before_page),
    }


def _burnt(burnt: Burnt) -> dict[str, Any]:
    return {"bad": burnt.bad, "budget": significant(burnt.budget), "outage": rounded(burnt.outage, 3)}


def _burnt_or_none(burnt: Burnt | None) -> dict[str, Any] | None:
    return None if burnt is None else _burnt(burnt)
