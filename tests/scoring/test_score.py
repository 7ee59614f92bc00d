"""A run is scored: what is caught, missed, late, made up, or cannot be told."""

import pytest

from simulator.detection import RuleReport
from simulator.errors import UsageError
from simulator.scoring.expectations import Expectation
from simulator.scoring.score import Watched, score, score_together

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@pytest.fixture
def attack(story):
    """Guessing at 1 h for ten minutes, a foothold at 2 h, a decoy at 5 h, in two days of background."""
    story.step("guess", HOUR, HOUR + 10 * MINUTE).step("foothold", 2 * HOUR)
    return story.decoy("backup", 5 * HOUR).background(2000)


def rule_of(scorecard, name):
    return next(rule for rule in scorecard.rules if rule.id == name)


def verdicts(scorecard):
    return [each.verdict for each in scorecard.expectations]


def test_an_alert_that_cites_a_record_of_a_step_catches_it(attack, detection, alert):
    said = detection(["guessing"], [alert("guessing", HOUR + 5 * MINUTE, attack.lines("step:guess")[:3])])

    scorecard = score(attack.write(), said, [Expectation("guessing", ("guess",))])

    assert (scorecard.verdict, scorecard.exit_code) == ("met", 0)
    assert rule_of(scorecard, "guessing").outcome == "caught"
    assert rule_of(scorecard, "guessing").steps_noticed == ("guess",)
    assert [(step.id, step.status, step.noticed_by) for step in scorecard.steps] == [
        ("guess", "noticed", ("guessing",)),
        ("foothold", "unnoticed", ()),
    ]


def test_the_time_to_detect_is_split_into_what_data_rule_and_pager_took(attack, detection, alert):
    said = detection(
        ["guessing"], [alert("guessing", HOUR + 5 * MINUTE, attack.lines("step:guess")[:3], page=3 * SECOND)]
    )

    times = rule_of(score(attack.write(), said, []), "guessing").times

    assert (times.data.median, times.rule.median, times.notify.median) == (20.0, 280.0, 3.0)
    assert times.to_alert.median == 300.0
    assert times.data.low is None  # one episode proves no interval


def test_evidence_counts_from_the_streams_that_the_rule_reads(story, detection, alert):
    run = story.step("guess", HOUR, stream="auth", delay=4 * MINUTE)
    story.steps[0]["records"] += 1
    story.rows.append(("step:guess", "zeek", 1, *(story.rows[0][3] + wait for wait in (0, SECOND))))
    said = detection(["guessing"], [alert("guessing", HOUR + 5 * MINUTE, run.lines("step:guess"))])

    scorecard = score(run.background(100).write(), said, [])

    assert rule_of(scorecard, "guessing").times.data.median == 240.0
    assert scorecard.times.data.median == 1.0  # of the attack as a whole, any stream is evidence


def test_an_alert_on_background_alone_is_a_false_alarm_even_on_the_victim_during_the_attack(attack, detection, alert):
    background = attack.lines("")[40:43]
    said = detection(["guessing"], [alert("guessing", HOUR + 5 * MINUTE, background, host=["web1"], user=["alice"])])

    scorecard = score(attack.write(), said, [Expectation("guessing", ("guess",))])

    assert scorecard.verdict == "not met"
    assert scorecard.exit_code == 1
    assert rule_of(scorecard, "guessing").false_alarms.count == 1
    assert rule_of(scorecard, "guessing").outcome == "missed"


@pytest.mark.parametrize(
    ("entities", "at", "kind"),
    [
        ({"host": ["WEB1.example.test"]}, HOUR + 5 * MINUTE, "true_alarms"),
        ({"user": ["CORP\\Alice"]}, HOUR + 5 * MINUTE, "true_alarms"),
        ({"source": ["203.0.113.9"]}, HOUR + 5 * MINUTE, "true_alarms"),
        ({"source": ["10.20.0.7"]}, HOUR + 5 * MINUTE, "true_alarms"),  # the victim, as a tap knows it
        ({"source": ["203.0.113.9"]}, 20 * HOUR, "false_alarms"),  # an entity alone never counts
        ({"source": ["203.0.113.90"]}, HOUR + 5 * MINUTE, "false_alarms"),  # time alone never counts
        ({"user": ["203.0.113.9", "web1"]}, HOUR + 5 * MINUTE, "false_alarms"),  # nor another kind of entity
        ({}, HOUR + 5 * MINUTE, "false_alarms"),
    ],
)
def test_an_alert_that_names_no_record_matches_by_entity_and_time_together(
    attack, detection, alert, entities, at, kind
):
    said = detection(["guessing"], [alert("guessing", at, (), events=50, **entities)])

    found = rule_of(score(attack.write(), said, []), "guessing")

    counts = {"true_alarms": found.true_alarms, "false_alarms": found.false_alarms.count}
    assert counts == {"true_alarms": 0, "false_alarms": 0} | {kind: 1}


def test_a_decoy_that_fools_a_rule_is_neither_a_catch_nor_a_false_alarm(attack, detection, alert):
    said = detection(["guessing"], [alert("guessing", 5 * HOUR + MINUTE, attack.lines("decoy:backup"))])

    scorecard = score(attack.write(), said, [])

    found = rule_of(scorecard, "guessing")
    assert (found.decoy_alarms, found.true_alarms, found.false_alarms.count) == (1, 0, 0)
    assert [(decoy.id, decoy.status, decoy.fooled) for decoy in scorecard.decoys] == [
        ("backup", "fooled", ("guessing",))
    ]


def test_an_alert_after_the_step_and_its_grace_is_late_and_does_not_notice_it(attack, detection, alert):
    said = detection(["guessing"], [alert("guessing", HOUR + 26 * MINUTE, attack.lines("step:guess"))])

    scorecard = score(attack.write(), said, [Expectation("guessing", ("guess",))])

    assert rule_of(scorecard, "guessing").outcome == "late"
    assert scorecard.steps[0].status == "late"
    assert scorecard.steps[0].late_by == ("guessing",)
    assert scorecard.expectations[0].reason == "noticed guess too late: 26 m after its onset"


def test_a_rule_that_is_given_longer_is_not_late_before_that(attack, detection, alert):
    said = detection(["guessing"], [alert("guessing", HOUR + 26 * MINUTE, attack.lines("step:guess"))])

    scorecard = score(attack.write(), said, [Expectation("guessing", ("guess",), within=30 * MINUTE)])

    assert scorecard.verdict == "met"


def test_a_group_of_alerts_counts_once_and_from_the_first_alert_that_is_about_the_attack(attack, detection, alert):
    alerts = [
        alert("guessing", HOUR - 2 * MINUTE, attack.lines("")[:2]),
        alert("guessing", HOUR + 5 * MINUTE, attack.lines("step:guess")[:5]),
        alert("guessing", HOUR + 10 * MINUTE, attack.lines("step:guess")[5:]),
    ]

    found = rule_of(score(attack.write(), detection(["guessing"], alerts), []), "guessing")

    assert (found.alert_groups, found.true_alarms, found.times.to_alert.median) == (1, 1, 300.0)


def test_false_alarms_are_counted_per_day_of_all_background_with_their_exact_interval(attack, detection, alert):
    lines = attack.lines("")
    alerts = [alert("guessing", (10 + each) * HOUR, lines[each : each + 2], group=each) for each in (1, 4, 7)]

    rate = rule_of(score(attack.write(), detection(["guessing"], alerts), []), "guessing").false_alarms

    assert (rate.count, rate.days, rate.per_day) == (3, 2.0, 1.5)
    assert (rate.low, rate.high) == (pytest.approx(0.6187 / 2, abs=1e-4), pytest.approx(8.7673 / 2, abs=1e-4))


def test_silence_over_less_than_a_day_is_not_a_rate_of_zero(story, detection):
    story.length = 2 * HOUR
    run = story.step("guess", HOUR).background(100).write()

    scorecard = score(run, detection(["guessing"]), [])

    assert (scorecard.false_alarms.per_day, scorecard.false_alarms.count) == (None, 0)
    assert scorecard.false_alarms.high == pytest.approx(3.6889 * 12, rel=1e-4)
    assert "false alarms per day" in [each.what for each in scorecard.unmeasured]


def test_without_background_there_is_no_rate_of_false_alarms(story, detection):
    scorecard = score(story.step("guess", HOUR).write(), detection(["guessing"]), [])

    assert (scorecard.false_alarms.days, scorecard.false_alarms.high) == (0.0, None)


def test_one_episode_is_a_fraction_and_not_a_recall(attack, detection, alert):
    said = detection(["guessing"], [alert("guessing", HOUR + 5 * MINUTE, attack.lines("step:guess"))])

    recall = score(attack.write(), said, []).recall

    assert (recall.count, recall.of, recall.value) == (1, 1, None)


@pytest.mark.parametrize("name", ["guessing", "Rule guessing", "rule GUESSING", "guessing_file", "guessing_file.yml"])
def test_an_expectation_names_a_rule_by_its_id_title_or_file(attack, detection, alert, name):
    said = detection(["guessing"], [alert("guessing", HOUR + 5 * MINUTE, attack.lines("step:guess"))])

    assert score(attack.write(), said, [Expectation(name, ("guess",))]).verdict == "met"


def test_an_expectation_of_a_rule_that_did_not_run_is_unmeasured(attack, detection):
    broken = RuleReport("broken", "Rule broken", "/rules/broken.yml", "unconvertible", "regular expression in a list")
    expectations = [Expectation("broken", ("guess",)), Expectation("absent", ("guess",))]

    scorecard = score(attack.write(), detection([broken]), expectations)

    assert (scorecard.verdict, scorecard.exit_code) == ("unmeasured", 0)
    assert [each.reason for each in scorecard.expectations] == [
        "could not be converted: regular expression in a list",
        "is not among the rules that were run",
    ]
    assert rule_of(scorecard, "broken").outcome == "unmeasured"
    assert [step.status for step in scorecard.steps] == ["unmeasured", "unmeasured"]
    assert "rule broken" in [each.what for each in scorecard.unmeasured]


def test_one_expectation_that_is_not_met_outweighs_those_that_are_unmeasured(attack, detection):
    expectations = [Expectation("absent", ("guess",)), Expectation("guessing", ("guess",))]

    scorecard = score(attack.write(), detection(["guessing"]), expectations)

    assert verdicts(scorecard) == ["unmeasured", "not met"]
    assert scorecard.verdict == "not met"


def test_nothing_expected_is_unmeasured_and_not_met(attack, detection):
    assert score(attack.write(), detection(["guessing"]), []).verdict == "unmeasured"


@pytest.mark.parametrize(
    ("expectation", "verdict", "reason"),
    [
        ({"steps": ("guess",), "within": 5 * MINUTE}, "met", "raised 2 alert groups on the attack, after 5 m"),
        ({"steps": ("guess",), "within": 4 * MINUTE}, "not met", "noticed guess after 5 m, expected within 4 m"),
        ({"steps": ("guess", "foothold")}, "not met", "did not notice foothold"),
        ({"within": 5 * MINUTE}, "met", "raised 2 alert groups on the attack, after 5 m"),
        ({"exactly": 2}, "met", "raised 2 alert groups on the attack, after 5 m"),
        ({"exactly": 1}, "not met", "raised 2 alert groups on the attack, expected exactly 1"),
        ({"at_most": 0}, "not met", "raised 2 alert groups on the attack, expected at most 0"),
        ({"at_least": 3}, "not met", "raised 2 alert groups on the attack in time, expected at least 3"),
        ({"at_least": 1, "at_most": 2}, "met", "raised 2 alert groups on the attack, after 5 m"),
        ({"at_least": 3, "at_most": 5}, "not met", "raised 2 alert groups on the attack in time, expected 3 to 5"),
    ],
)
def test_an_expectation_is_held_against_steps_time_and_number(attack, detection, alert, expectation, verdict, reason):
    lines = attack.lines("step:guess")
    alerts = [alert("guessing", HOUR + 5 * MINUTE, lines[:3]), alert("guessing", HOUR + 9 * MINUTE, lines[3:], group=2)]
    said = detection(["guessing"], [*alerts, alert("guessing", 9 * HOUR, attack.lines("")[:2], group=3)])

    found = score(attack.write(), said, [Expectation("guessing", **expectation)]).expectations[0]

    assert (found.verdict, found.reason) == (verdict, reason)


def test_a_rule_that_is_expected_to_miss_meets_it_by_silence(attack, detection):
    scorecard = score(attack.write(), detection(["guessing"]), [Expectation("guessing", at_most=0)])

    assert scorecard.verdict == "met"
    assert rule_of(scorecard, "guessing").outcome == "not expected"


def test_a_miss_says_what_the_rule_did_instead(attack, detection, alert):
    run = attack.write()
    silent = RuleReport("guessing", "Rule guessing", "", "ran", hits=7)
    elsewhere = [
        alert("guessing", 5 * HOUR, attack.lines("decoy:backup")),
        alert("guessing", HOUR, attack.lines("")[:1], group=2),
    ]

    reasons = [
        score(run, said, [Expectation("guessing", ("guess",))]).expectations[0].reason
        for said in (detection([silent]), detection(["guessing"], elsewhere))
    ]

    assert reasons == [
        "raised no alert (7 hits); no stream here is known to answer its log source",
        "raised alerts, but none on the attack (1 on decoys, 1 false)",
    ]


def test_a_step_that_left_no_record_could_not_be_noticed(attack, detection):
    attack.steps[1]["records"] = 0

    scorecard = score(attack.write(), detection(["guessing"]), [Expectation("guessing", ("foothold",))])

    assert scorecard.expectations[0].reason == "nothing was recorded of foothold"
    assert [step.status for step in scorecard.steps] == ["unnoticed", "unmeasured"]


def test_several_runs_are_several_episodes(tmp_path, story, detection, alert):
    watched = []
    for number in range(12):
        story.folder = tmp_path / f"run{number}"
        story.steps, story.decoys, story.rows, story.background_records = [], [], [], 0
        story.step("guess", HOUR).background(100)
        wait = (number + 1) * MINUTE
        alerts = [alert("guessing", HOUR + wait, story.lines("step:guess"))] if number < 11 else []
        watched.append(Watched(story.write(), detection(["guessing"], alerts)))

    scorecard = score_together(watched, [Expectation("guessing", ("guess",))])

    found = rule_of(scorecard, "guessing")
    assert (scorecard.recall.count, scorecard.recall.of) == (11, 12)
    assert scorecard.recall.value == pytest.approx(11 / 12)
    assert found.times.to_alert.median == 390.0  # between the sixth and the seventh of twelve: the miss counts as never
    assert found.times.to_alert.low < 390 < found.times.to_alert.high
    assert scorecard.days == 24
    assert (scorecard.verdict, scorecard.expectations[0].episodes_met) == ("not met", 11)


def test_rules_with_expectations_come_first(attack, detection):
    scorecard = score(attack.write(), detection(["a", "b", "c"]), [Expectation("c"), Expectation("b")])

    assert [rule.id for rule in scorecard.rules] == ["c", "b", "a"]


def test_a_folder_without_truth_is_refused_with_a_sentence(attack, detection):
    run = attack.write()
    (run.folder / "truth.json").write_text("[]")

    with pytest.raises(UsageError, match=r"truth\.json: is not the truth of a run"):
        score(run, detection([]), [])

    (run.folder / "truth.json").unlink()
    with pytest.raises(UsageError, match="is this the folder of a finished run"):
        score(run, detection([]), [])


def test_a_ledger_that_is_not_parquet_is_refused_with_a_sentence(attack, detection):
    run = attack.write()
    (run.folder / "truth.parquet").write_text("nothing")

    with pytest.raises(UsageError, match="cannot be read as the ledger of a run"):
        score(run, detection([]), [])
