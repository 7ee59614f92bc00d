"""Rules run on their schedule over what has arrived by then, and say a thing once."""

# ruff: noqa: E501 - tables of records and rules, a line each

from __future__ import annotations

import pytest

from tests.sandbox.recordings import MINUTE, START
from tests.sigma.jig import FAILED, counting, detected, login, seconds


def test_a_hit_is_told_by_the_first_run_after_it_arrived(tmp_path):
    found = detected(tmp_path, [login(10), login(59, arrives=121)], FAILED)

    assert [(seconds(a.fired), seconds(a.arrived), a.evidence) for a in found.alerts] == [
        (60, 10, (("logins", 1),)),
        (180, 121, (("logins", 2),)),
    ]


def test_a_record_that_arrives_as_a_run_begins_is_seen_by_it(tmp_path):
    (alert,) = detected(tmp_path, [login(60)], FAILED).alerts

    assert seconds(alert.fired) == 60


def test_hits_that_a_run_sees_together_are_one_alert_for_each_entity(tmp_path):
    records = [login(n, source={"ip": f"192.0.2.{n % 2}"}, host={"name": "web1"}) for n in range(2, 8)]

    alerts = detected(tmp_path, records, FAILED).alerts

    assert [(alert.key, alert.events, dict(alert.entities)) for alert in alerts] == [
        ("192.0.2.0", 3, {"source": ("192.0.2.0",), "host": ("web1",)}),
        ("192.0.2.1", 3, {"source": ("192.0.2.1",), "host": ("web1",)}),
    ]


def test_an_entity_that_a_record_lacks_gives_way_to_the_next(tmp_path):
    (alert,) = detected(tmp_path, [login(1, host={"name": "web1"})], FAILED).alerts

    assert (alert.key, dict(alert.entities)) == ("web1", {"host": ("web1",)})


@pytest.mark.parametrize(("arrives", "alerts"), [(299, 1), (300, 1), (301, 0)])
def test_a_record_that_is_older_than_the_look_back_when_it_is_first_seen_raises_nothing(tmp_path, arrives, alerts):
    found = detected(tmp_path, [login(1, arrives=arrives)], FAILED)

    assert (len(found.alerts), found.rules[0].hits) == (alerts, 1)


def test_nothing_runs_after_the_end(tmp_path):
    records = [login(90, arrives=100), login(110, arrives=121)]

    found = detected(tmp_path, records, FAILED, length=2 * MINUTE)

    assert [seconds(alert.fired) for alert in found.alerts] == [120]


def test_a_correlation_needs_what_arrived_and_counts_late_records_when_they_come(tmp_path):
    records = [login(1), login(2), login(3, arrives=200)]

    (alert,) = detected(tmp_path, records, FAILED + "---\n" + counting()).alerts

    assert (seconds(alert.fired), seconds(alert.arrived), alert.events, alert.key) == (240, 200, 3, "anna")


def test_a_correlation_does_not_see_what_its_look_back_has_passed(tmp_path):
    records = [login(1), login(2), login(3, arrives=400)]

    found = detected(tmp_path, records, FAILED + "---\n" + counting())

    assert (found.alerts, found.rules[1].hits) == ((), 1)


def test_a_burst_over_several_runs_is_told_again_only_with_new_evidence(tmp_path):
    records = [login(n) for n in (10, 20, 30, 70, 80, 200)]

    alerts = detected(tmp_path, records, FAILED + "---\n" + counting(span="5m")).alerts

    assert [(seconds(alert.fired), alert.events, alert.evidence[-1]) for alert in alerts] == [
        (60, 3, ("logins", 3)),
        (120, 5, ("logins", 5)),
        (240, 6, ("logins", 6)),
    ]


def test_rules_below_a_correlation_raise_alerts_only_when_it_says_so(tmp_path):
    records = [login(n) for n in (1, 2, 3)]

    quiet = detected(tmp_path, records, FAILED + "---\n" + counting())
    loud = detected(tmp_path, records, FAILED + "---\n" + counting(more=", generate: true"))

    assert [alert.rule[-1] for alert in quiet.alerts] == ["2"]
    assert sorted(alert.rule[-1] for alert in loud.alerts) == ["1", "2"]
    assert [report.hits for report in quiet.rules] == [3, 1]


def test_what_did_not_follow_is_told_when_its_time_is_over(tmp_path):
    text = (
        FAILED
        + "---\n"
        + FAILED.replace("failure", "success").replace("failed", "succeeded").replace("01\n", "03\n", 1)
    )
    text += "---\ntitle: gave up\ncorrelation: {type: temporal, group-by: [user], timespan: 2m, condition: failed and not succeeded}\n"
    records = [login(10), login(30, user={"name": "bob"}), login(40, user={"name": "bob"}, outcome="success")]

    (alert,) = detected(tmp_path, records, text).alerts

    assert (alert.key, seconds(alert.fired), alert.events) == ("anna", 180, 1)


def test_alerts_of_one_rule_about_one_thing_are_one_group_and_page_once(tmp_path):
    records = [login(n, user={"name": "x"}, host={"name": "web1"}) for n in (10, 600, 3700)]

    alerts = detected(tmp_path, records, FAILED).alerts

    assert [(alert.group, seconds(alert.paged)) for alert in alerts] == [(1, 90), (1, 90), (2, 3750)]


def test_evidence_is_capped_but_counted(tmp_path):
    records = [login(1 + n / 100) for n in range(1500)]

    (alert,) = detected(tmp_path, records, FAILED).alerts

    assert (len(alert.evidence), alert.events, alert.last_event - START) == (1000, 1500, 15_990_000_000)
