"""scorecard.json: valid by its own schema, the same bytes every time, every field described."""

import json
from dataclasses import fields

import jsonschema
import pytest

from simulator.detection import RuleReport
from simulator.scoring import scorecard as model
from simulator.scoring import scorecard_outages as objective_scores
from simulator.scoring.document import document, to_json
from simulator.scoring.expectations import Expectation
from simulator.scoring.schema import scorecard_schema
from simulator.scoring.score import score
from simulator.scoring.scorecard import Given

MINUTE = 60_000_000_000
HOUR = 60 * MINUTE


@pytest.fixture
def scorecard(story, detection, alert):
    story.step("guess", HOUR, HOUR + 10 * MINUTE).step("foothold", 2 * HOUR).decoy("backup", 5 * HOUR).background(500)
    story.outage("slow", 6 * HOUR, 7 * HOUR, ["checkout"], ["frontend"]).step("quiet", 8 * HOUR)
    story.objective("pay", [(6 * HOUR, 7 * HOUR, 30)], expect="kept").objective("look", [], burnt_before_page=0.1)
    rules = ["guessing", "noisy", RuleReport("broken", "Rule “broken” \ud800", "", "error", "no such column")]
    alerts = [
        alert("guessing", HOUR + 5 * MINUTE, story.lines("step:guess"), host=["web1"]),
        alert("noisy", 5 * HOUR, story.lines("decoy:backup"), group=2),
        alert("noisy", 9 * HOUR, story.lines("")[:4], group=3),
        alert("unheard-of", 9 * HOUR, story.lines("")[:4], group=4),
        alert("noisy", 6 * HOUR + 9 * MINUTE, service=["frontend"], group=5),
    ]
    expectations = [
        Expectation("guessing", ("guess",), within=10 * MINUTE),
        Expectation("noisy"),
        Expectation("broken"),
    ]
    responses = [Given(story.steps[0]["onset"], "block", "attacker")]
    return score(story.write(), detection(rules, alerts), expectations, responses)


def test_a_scorecard_is_valid_by_its_schema(scorecard):
    schema = scorecard_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    assert list(validator.iter_errors(json.loads(to_json(scorecard)))) == []


def test_an_empty_scorecard_is_valid_too(story, detection):
    empty = score(story.background(10).write(), detection([]), [])

    jsonschema.validate(json.loads(to_json(empty)), scorecard_schema())


def test_the_same_scorecard_is_the_same_bytes(scorecard):
    assert to_json(scorecard).encode() == to_json(scorecard).encode()


def test_stamps_are_iso_in_utc_with_milliseconds_and_durations_are_seconds(scorecard):
    times = document(scorecard)["rules"][0]["times"]

    assert times["stamps"] == [
        {
            "onset": "2026-01-01T01:00:00.000Z",
            "evidence": "2026-01-01T01:00:20.000Z",
            "alert": "2026-01-01T01:05:00.000Z",
            "page": "2026-01-01T01:05:02.000Z",
        }
    ]
    assert [times[part]["median"] for part in ("data", "rule", "notify", "to_alert")] == [20.0, 280.0, 2.0, 300.0]


def test_no_field_of_what_an_outage_did_is_left_out(scorecard):
    told = document(scorecard)

    impact, run = told["steps"][2]["impacts"][0], told["objectives"][0]["runs"][0]
    assert list(impact) == [field.name for field in fields(objective_scores.Impact)]
    assert list(run) == [field.name for field in fields(objective_scores.ObjectiveRun)]
    assert list(run["burnt"]) == [field.name for field in fields(objective_scores.Burnt)]


def test_what_programs_rely_on_is_there(scorecard):
    told = document(scorecard)

    assert {"verdict", "rules", "steps", "decoys", "expectations", "unmeasured"} <= told.keys()
    assert {"id", "title", "status", "reason", "hits", "alert_groups", "false_alarms", "times"} <= told["rules"][
        0
    ].keys()
    assert {rule["status"] for rule in told["rules"]} == {"ran", "error"}
    assert {"low", "high", "per_day"} <= told["rules"][0]["false_alarms"].keys()


def test_every_field_is_described():
    def undescribed(schema, name):
        if isinstance(schema, dict):
            for key, field in schema.get("properties", {}).items():
                if not field.get("description"):
                    yield f"{name}.{key}"
            for key, inner in schema.items():
                yield from undescribed(inner, key)

    assert list(undescribed(scorecard_schema(), "scorecard")) == []


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("rules", model.RuleScore),
        ("steps", model.StepScore),
        ("decoys", model.DecoyScore),
        ("expectations", model.ExpectationScore),
        ("objectives", objective_scores.ObjectiveScore),
        ("responses", model.Given),
    ],
)
def test_no_field_of_a_score_is_left_out_of_the_document(scorecard, part, kind):
    assert list(document(scorecard)[part][0]) == [field.name for field in fields(kind)]
