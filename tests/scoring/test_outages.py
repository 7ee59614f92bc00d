"""Outages are scored: who suffered from when on, what was burnt by the page, and whether it named the cause."""

import pytest

from simulator.errors import UsageError
from simulator.scoring.expectations import Expectation
from simulator.scoring.score import score

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_767_225_600 * SECOND


@pytest.fixture
def outage(story):
    """Checkout is slow from 10 h to 11 h: from 10:10 to 11:00 half of the 60 payments a minute are bad."""
    story.outage("slow", 10 * HOUR, 11 * HOUR, cause=["checkout"], symptoms=["frontend"])
    return story.objective("pay", [(10 * HOUR + 10 * MINUTE, 11 * HOUR, 30)]).background(2000)


def scored(story, detection, alerts, rules=("slow-pages",), expectations=()):
    return score(story.write(), detection(list(rules), alerts), expectations)


def page(alert, at, *services, rule="slow-pages", group=1):
    return alert(rule, at, group=group, service=services, page=0)


def test_impact_is_the_first_violation_after_the_onset(outage, detection):
    scorecard = scored(outage, detection, [])

    (impact,) = scorecard.steps[0].impacts
    assert impact.violated == START + 10 * HOUR + 11 * MINUTE  # 30 of the 300 in the last 5 minutes were bad by then
    assert impact.recovered == START + 11 * HOUR + 5 * MINUTE  # the bad minutes have left the window
    assert (impact.page, impact.to_page, impact.burnt_before_page) == (None, None, None)


def test_what_was_burnt_is_what_was_bad_of_what_may_be_in_the_period(outage, detection, alert):
    scorecard = scored(outage, detection, [page(alert, 10 * HOUR + 20 * MINUTE, "checkout")])

    (impact,) = scorecard.steps[0].impacts
    budget = 0.01 * 30 * 24 * 60 * 60  # a hundredth of 60 a minute, for 30 days
    assert (impact.burnt.bad, impact.burnt_before_page.bad) == (50 * 30, 10 * 30)
    assert impact.burnt.budget == pytest.approx(1500 / budget)
    assert impact.burnt_before_page.budget == pytest.approx(300 / budget)
    assert impact.burnt_before_page.outage == pytest.approx(300)  # as if nothing had worked for 300 s, at one a second
    assert impact.to_page == 9 * 60


def test_a_page_before_anybody_suffers_has_burnt_nothing(outage, detection, alert):
    scorecard = scored(outage, detection, [page(alert, 10 * HOUR + 5 * MINUTE, "checkout")])

    (impact,) = scorecard.steps[0].impacts
    assert (impact.to_page, impact.burnt_before_page.bad) == (-6 * 60, 0)


def test_a_page_that_names_the_failing_service_names_the_cause(outage, detection, alert):
    (step,) = scored(outage, detection, [page(alert, 10 * HOUR + 20 * MINUTE, "Checkout")]).steps

    assert (step.status, step.outage, step.first_page) == ("noticed", True, "cause")
    assert (step.cause_by, step.symptom_by) == (("slow-pages",), ())
    assert step.to_alert.median == 20 * 60


def test_a_page_that_names_only_who_waits_for_it_names_a_symptom(outage, detection, alert):
    alerts = [
        page(alert, 10 * HOUR + 20 * MINUTE, "frontend"),
        page(alert, 10 * HOUR + 30 * MINUTE, "checkout", rule="later", group=2),
    ]

    (step,) = scored(outage, detection, alerts, ["slow-pages", "later"]).steps

    assert (step.status, step.first_page) == ("noticed", "symptom")
    assert (step.cause_by, step.symptom_by) == (("later",), ("slow-pages",))


def test_what_is_told_by_the_time_of_a_page_is_in_it(outage, detection, alert):
    first = alert("slow-pages", 10 * HOUR + 20 * MINUTE, service=["frontend"], page=2 * MINUTE)
    with_it = alert("slow-pages", 10 * HOUR + 21 * MINUTE, service=["checkout"], page=MINUTE)

    (step,) = scored(outage, detection, [first, with_it]).steps

    assert step.first_page == "cause"


def test_the_same_alert_from_ten_instances_is_one_group(outage, detection, alert):
    alerts = [page(alert, 10 * HOUR + (20 + each) * MINUTE, "checkout", f"checkout-{each}") for each in range(10)]

    (rule,) = scored(outage, detection, alerts).rules

    assert (rule.alert_groups, rule.true_alarms) == (1, 1)


def test_a_page_about_somebody_else_is_a_false_alarm_however_well_its_time_fits(outage, detection, alert):
    scorecard = scored(outage, detection, [page(alert, 10 * HOUR + 20 * MINUTE, "search")])

    assert (scorecard.rules[0].false_alarms.count, scorecard.steps[0].status) == (1, "unnoticed")


@pytest.mark.parametrize(("service", "false", "status"), [("frontend", 1, "unnoticed"), ("checkout", 0, "noticed")])
def test_a_page_about_a_symptom_that_nobody_suffered_from_is_a_false_alarm(
    story, detection, alert, service, false, status
):
    story.outage("slow", 10 * HOUR, 11 * HOUR, cause=["checkout"], symptoms=["frontend"])
    story.objective("pay", []).background(2000)

    wanted = [Expectation("slow-pages", ("slow",))]
    scorecard = scored(story, detection, [page(alert, 10 * HOUR + 20 * MINUTE, service)], expectations=wanted)

    assert scorecard.rules[0].false_alarms.count == scorecard.without_impact == false
    if false:
        assert scorecard.expectations[0].reason.endswith("symptoms of slow, but no objective was violated")
    assert scorecard.steps[0].status == status


def test_where_no_objective_could_be_measured_a_symptom_still_counts(story, detection, alert):
    story.outage("slow", 10 * HOUR, 11 * HOUR, cause=["checkout"], symptoms=["frontend"])
    story.objective("pay", [], per_minute=1).background(2000)

    scorecard = scored(story, detection, [page(alert, 10 * HOUR + 20 * MINUTE, "frontend")])

    assert scorecard.steps[0].status == "noticed"
    assert scorecard.objectives[0].status == "unmeasured"
    assert "never were 20 events over in one window (2,880 in all)" in scorecard.objectives[0].reason
    assert "objective pay" in [each.what for each in scorecard.unmeasured]


def test_an_outage_that_left_no_record_of_its_own_can_be_noticed(story, detection, alert):
    story.outage("slow", 10 * HOUR, 11 * HOUR, cause=["checkout"], symptoms=["frontend"], records=0)
    story.objective("pay", [(10 * HOUR, 11 * HOUR, 30)]).background(2000)

    scorecard = scored(story, detection, [page(alert, 10 * HOUR + 20 * MINUTE, "frontend")])

    assert scorecard.steps[0].status == "noticed"


def test_a_violation_is_put_down_to_the_step_that_is_active_when_it_begins(story, detection):
    story.outage("first", 2 * HOUR, 3 * HOUR, ["a"]).outage("second", 10 * HOUR, 11 * HOUR, ["b"])
    story.objective("pay", [(2 * HOUR, 3 * HOUR, 30), (10 * HOUR, 11 * HOUR, 60), (20 * HOUR, 21 * HOUR, 9)])

    scorecard = scored(story.background(100), detection, [])

    assert [[each.violated for each in step.impacts] for step in scorecard.steps] == [
        [START + 2 * HOUR + MINUTE],
        [START + 10 * HOUR + MINUTE],
    ]
    assert [step.impacts[0].burnt.bad for step in scorecard.steps] == [1800, 3600]
    assert (scorecard.objectives[0].runs[0].violations, scorecard.objectives[0].runs[0].bad) == (3, 5940)


def test_a_step_that_cannot_have_a_share_in_it_is_not_blamed(story, detection):
    story.outage("slow", 2 * HOUR, 3 * HOUR, ["a"]).step("intrusion", 2 * HOUR, 3 * HOUR)
    story.objective("pay", [(2 * HOUR, 3 * HOUR, 30)], steps=["slow"])

    scorecard = scored(story.background(100), detection, [])

    assert [len(step.impacts) for step in scorecard.steps] == [1, 0]
    assert [step.outage for step in scorecard.steps] == [True, False]


def test_the_window_still_sees_what_a_step_did_when_it_is_over(story, detection):
    story.outage("short", 2 * HOUR, 2 * HOUR + MINUTE, ["a"])
    story.objective("pay", [(2 * HOUR + 3 * MINUTE, 2 * HOUR + 4 * MINUTE, 60)])

    (step,) = scored(story.background(100), detection, []).steps

    assert [each.violated for each in step.impacts] == [START + 2 * HOUR + 4 * MINUTE]


def test_a_decoy_that_acts_on_services_fools_who_pages_for_it(story, detection, alert):
    story.outage("slow", 10 * HOUR, 11 * HOUR, ["checkout"]).objective("pay", [(10 * HOUR, 11 * HOUR, 30)])
    story.decoy("good-deploy", 5 * HOUR, service=["search"])
    story.decoys[-1]["symptoms"] = {"service": ["frontend"]}

    scorecard = scored(story.background(100), detection, [page(alert, 5 * HOUR + 2 * MINUTE, "frontend")])

    assert [(decoy.status, decoy.fooled) for decoy in scorecard.decoys] == [("fooled", ("slow-pages",))]
    assert scorecard.rules[0].false_alarms.count == 0


@pytest.mark.parametrize(
    ("expected", "verdict", "said"),
    [
        ({"expect": "violated"}, "met", "was violated, as expected"),
        ({"expect": "kept"}, "not met", "was violated, and is expected to be kept"),
        ({"burnt_before_page": 0.02}, "met", "had 1.16% of its error budget burnt before the first page, of 2% at mo"),
        ({"burnt_before_page": 0.01}, "not met", "had 1.16% of its error budget burnt before the first page, expected"),
        ({"least": 1000, "expect": "kept"}, "unmeasured", "never were 1000 events over in one window"),
        ({}, "unmeasured", ""),
    ],
)
def test_what_becomes_of_an_objective_can_be_expected(story, detection, alert, expected, verdict, said):
    story.outage("slow", 10 * HOUR, 11 * HOUR, ["checkout"])
    story.objective("pay", [(10 * HOUR, 11 * HOUR, 30)], **expected)

    scorecard = scored(story.background(100), detection, [page(alert, 10 * HOUR + 10 * MINUTE, "checkout")])

    assert scorecard.verdict == verdict
    assert scorecard.objectives[0].said.startswith(said)
    assert scorecard.exit_code == (1 if verdict == "not met" else 0)


def test_without_a_page_what_may_be_burnt_before_it_is_not_met_and_without_a_rule_not_measured(story, detection):
    story.outage("slow", 10 * HOUR, 11 * HOUR, ["checkout"])
    story.objective("pay", [(10 * HOUR, 11 * HOUR, 30)], burnt_before_page=0.5).background(100)

    silent, blind = (scored(story, detection, [], rules) for rules in (["slow-pages"], []))

    assert (silent.verdict, silent.objectives[0].said) == (
        "not met",
        "was violated, and nobody was paged about what violated it",
    )
    assert (blind.verdict, blind.objectives[0].said) == ("unmeasured", "no rule ran")


@pytest.mark.parametrize(
    "wrong", [{"bin": 0}, {"bin": 10 * HOUR}, {"target": 7}, {"window": "5m"}, {"id": "other", "bin": -5}]
)
def test_objectives_that_cannot_be_are_said_plainly(outage, detection, wrong):
    outage.objectives[0] |= wrong

    with pytest.raises(UsageError, match=r"truth\.json: is not the truth of a run .*; play the playbook again"):
        score(outage.write(), detection([]), [])


def test_counts_that_cannot_be_read_are_said_plainly(outage, detection):
    run = outage.write()
    (run.folder / "objectives.parquet").write_bytes(b"PAR1 not really")

    with pytest.raises(UsageError, match=r"objectives\.parquet: cannot be read .*; play the playbook again"):
        score(run, detection([]), [])
