"""Effects: each changes what it should, from its start on, and no trace falls apart for it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.services.test_walk import assert_contained
from tests.services.worlds import MINUTE, SECOND, SHOP, START, Played, effect

FROM, UNTIL, ALL = 70 * SECOND, 150 * SECOND, 3 * MINUTE
EFFECTS = {
    "latency": ("{service: catalog-db, factor: 40}", "catalog-db"),
    "errors": ("{service: checkout, rate: 30%}", "checkout"),
    "capacity": ("{service: checkout, factor: 0}", "checkout"),
    "pool_size": ("{service: catalog, size: 0}", "catalog"),
    "connection_leak": ("{service: catalog}", "catalog"),
    "cache_hit_rate": ("{service: catalog-cache}", "catalog-cache"),
    "memory_leak": ("{service: checkout, per_hour: 20GiB}", "checkout"),
    "cpu_steal": ("{service: catalog, steal: 80%}", "catalog"),
    "cpu_load": ("{service: catalog, cores: 1.99, sends: 90KiB}", "catalog"),
    "packet_loss": ("{service: catalog, loss: 5%}", "catalog"),
    "clock_jump": ("{service: checkout, by: 7m, back: true}", "checkout"),
    "certificate_expiry": ("{service: checkout}", "checkout"),
    "disk_fill": ("{service: orders-db, per_hour: 20GiB}", "orders-db"),
    "instance_death": ("{service: catalog}", "catalog"),
    "bad_version": ("{service: catalog, version: 2.0.0, share: 50%, latency: 5, errors: 10%}", "catalog"),
    "region_loss": ("{region: eu, failover: 30s}", "catalog"),
    "dependency_timeout": ("{service: payments}", "payments"),
    "retry_storm": ("{service: checkout, attempts: 5}", "checkout"),
    "cold_start_storm": ("{service: thumbs}", "thumbs"),
    "traffic": ("{factor: 3}", ""),
}
QUIET = ("cpu_load", "retry_storm", "traffic")  # harm nobody by themselves, as long as all is well


@cache
def played(name: str | None):
    effects = [effect(name, EFFECTS[name][0], start=FROM, end=UNTIL)] if name else []
    return Played(SHOP, effects, length=ALL).rows()


@pytest.mark.parametrize("name", EFFECTS)
def test_every_trace_holds_together_under(name):
    assert_contained(played(name))


@pytest.mark.parametrize("name", EFFECTS)
def test_nothing_is_different_before_the_start_of(name):
    calm, rows = played(None), played(name)

    for event, columns in calm.items():
        before = columns["time"] + columns.get("duration", 0) < START + FROM
        again = rows[event]["time"] + rows[event].get("duration", 0) < START + FROM
        for field in set(columns) - {"certificate_expires"}:  # a certificate says beforehand when it expires
            assert (columns[field][before] == rows[event][field][again]).all(), field


@pytest.mark.parametrize("name", [name for name in EFFECTS if name not in QUIET])
def test_spans_that_are_harmed_are_of_the_act_and_none_is_before_it(name):
    spans = [played(name)[event] for event in ("service.request", "service.call")]

    harmed = np.concatenate([each["time"][each["act"] == 1] + each["duration"][each["act"] == 1] for each in spans])
    assert len(harmed) > 10
    assert harmed.min() >= START + FROM
    gateway = spans[0]["service"] == "gateway"
    if name != "cold_start_storm":  # that is felt behind a queue only
        assert (spans[0]["act"][gateway] == 1).any()


def test_a_surge_adds_requests_while_it_is_there():
    calm, surge = (played(name)["service.request"]["time"] for name in (None, "traffic"))

    during = [((times >= START + FROM) & (times < START + UNTIL)).sum() for times in (calm, surge)]
    assert 2.7 < during[1] / during[0] < 3.3


def test_a_retry_storm_multiplies_the_calls_that_fail():
    broken = effect("errors", "{service: checkout, rate: 50%}", end=ALL)
    storm = effect("retry_storm", "{service: checkout, attempts: 5}", start=MINUTE, end=ALL, act=2)
    calls = Played(SHOP, [broken, storm], length=2 * MINUTE).rows()["service.call"]

    asked = calls["peer"] == "checkout"
    late = calls["time"] > START + MINUTE
    first = calls["attempt"] == 1
    assert (asked & ~late).sum() == (asked & ~late & first).sum()
    assert 1.7 < (asked & late).sum() / (asked & late & first).sum() < 2.1  # 1 + 1/2 + 1/4 + 1/8 + 1/16


def test_who_is_touched_is_the_cause_and_those_who_depend_on_it():
    slow = effect("latency", "{service: catalog-db, factor: 40}")
    touched = Played(SHOP, [slow], length=MINUTE).behaviour.touched(slow)

    assert touched.cause == {"service": ("catalog-db",), "host": ("catalog-db-eu-0",)}
    assert touched.symptoms["service"] == ("catalog", "gateway", "recs")
    assert len(touched.symptoms["host"]) == 2 * 2 + 2 * 3 + 2 * 2


def test_an_expired_certificate_at_the_entry_leaves_no_span_of_the_requests_at_all():
    expired = effect("certificate_expiry", "{service: gateway}", start=MINUTE, end=2 * MINUTE)
    rows = Played(SHOP, [expired], length=3 * MINUTE).rows()
    served, unanswered = rows["service.request"], rows["service.unanswered"]

    roots = served["time"][(served["root"] == 1) & (served["service"] == "gateway")]
    assert [int(((roots - START) // MINUTE == minute).sum() > 0) for minute in range(3)] == [1, 0, 1]
    assert set((unanswered["time"] - START) // MINUTE) == {1}
    assert set(unanswered["error"]) == {"certificate_expired"}
    assert set(unanswered["status"]) == {0}


def test_requests_that_reach_nobody_are_told_and_are_the_act_of_what_took_the_instances():
    lost = effect("region_loss", "{region: eu, failover: 1m}", start=MINUTE, end=4 * MINUTE)
    calm, rows = Played(SHOP, length=3 * MINUTE).rows(), Played(SHOP, [lost], length=3 * MINUTE).rows()

    unanswered, served = rows["service.unanswered"], rows["service.request"]
    assert "service.unanswered" not in calm
    assert set((unanswered["time"] - START) // MINUTE) == {1}
    assert set(unanswered["act"]) == {1}
    assert set(unanswered["region"]) == {"eu"}
    assert {(each.attributes["service"], each.attributes["region"]) for each in unanswered["host"]} == {
        ("gateway", "eu")
    }
    assert set(unanswered["route"]) == {"/", "/checkout"}
    assert (set(unanswered["status"]), set(unanswered["error"]), set(unanswered["failed"])) == ({503}, {"refused"}, {1})
    assert not set(unanswered["trace"]) & set(served["trace"])
    gateway = calm["service.request"]["service"] == "gateway"
    asked = (calm["service.request"]["time"][gateway] - START) // MINUTE == 1
    assert 0.5 < len(unanswered["time"]) / asked.sum() < 0.7


def test_starts_can_take_longer_in_a_cold_start_storm():
    slower = effect("cold_start_storm", "{service: thumbs, slower: 6}", start=FROM, end=UNTIL)
    usual, slow = played("cold_start_storm"), Played(SHOP, [slower], length=ALL).rows()

    starts = [each["service.request"]["cold_duration"][each["service.request"]["cold"] == 1] for each in (usual, slow)]
    assert 5 < np.median(starts[1]) / np.median(starts[0]) < 7


def test_a_message_says_what_kind_of_queue_it_comes_from():
    served = played(None)["service.request"]

    assert set(served["system"][served["service"] == "mailer"]) == {"kafka"}
    assert set(served["system"][served["service"] != "mailer"]) == {None}


def test_traffic_is_caused_at_the_entries_and_felt_everywhere_behind_them():
    surge = effect("traffic", "{factor: 3}")
    touched = Played(SHOP, [surge], length=MINUTE).behaviour.touched(surge)

    assert touched.cause["service"] == ("gateway",)
    assert {"catalog", "catalog-db", "orders", "mailer", "thumbs"} < set(touched.symptoms["service"])


def test_a_canary_hits_a_share_of_the_instances_and_its_promotion_all():
    said = "{service: recs, version: 2.0.0, latency: 9, share: 50%, promoted: 100%, promoted_after: 1m}"
    deploy = effect("bad_version", said, start=MINUTE, end=4 * MINUTE)
    rows = Played(SHOP, [deploy], length=5 * MINUTE).rows()

    served = rows["service.request"]
    recs = served["service"] == "recs"
    minutes = (served["time"] - START) // MINUTE
    share = [float((served["version"][recs & (minutes == m)] == "2.0.0").mean()) for m in range(5)]
    assert share[0] == 0
    assert 0.4 < share[1] < 0.6
    assert share[3] == 1
    assert share[4] < 0.1
    new = served["version"] == "2.0.0"
    slower = np.median(served["duration"][recs & new]) / np.median(served["duration"][recs & ~new])
    assert slower > 2.5
    deployed = rows["service.deployed"]
    assert list(deployed["reason"]) == ["canary"] * 2 + ["rollout"] * 2 + ["rollback"] * 2
    assert set(rows["instance.started"]["reason"]) == {"RolledOut", "RolledBack"}


def test_a_process_that_has_no_business_there_is_seen_by_its_processor_time_and_what_it_sends():
    calm, rows = played(None)["instance.measured"], played("cpu_load")["instance.measured"]

    during = (calm["service"] == "catalog") & (calm["time"] > START + FROM) & (calm["time"] < START + UNTIL)
    assert calm["cpu"][during].max() < 2 * SECOND
    assert rows["cpu"][during].min() > 27 * SECOND
    assert (rows["sent"][during] - calm["sent"][during]).min() > 14 * 90 * 1024


def test_a_leak_ends_in_a_kill_and_a_start_from_the_beginning():
    rows = played("memory_leak")

    stopped, started, measured = (rows[f"instance.{each}"] for each in ("stopped", "started", "measured"))
    assert set(stopped["reason"]) == {"OOMKilled"}
    assert set(stopped["exit_code"]) == {137}
    first = stopped["host"][0]
    mine = measured["host"] == first
    before = mine & (measured["time"] < stopped["time"][0]) & (measured["time"] > START + FROM)
    assert (np.diff(measured["memory"][before]) > 0).all()
    again = started["time"][list(started["host"]).index(first)]
    down = mine & (measured["time"] > stopped["time"][0]) & (measured["time"] < again)
    assert not down.any()
    assert started["restarts"][0] == 1


def test_an_expired_certificate_leaves_no_server_spans_and_is_known_beforehand():
    rows = played("certificate_expiry")

    served, measured = rows["service.request"], rows["instance.measured"]
    during = (served["time"] > START + FROM + SECOND) & (served["time"] < START + UNTIL)
    assert not (during & (served["service"] == "checkout")).any()
    expires = measured["certificate_expires"][(measured["service"] == "checkout")]
    assert expires[0] == (START + FROM) // SECOND
    assert expires[-1] > START // SECOND + 86_400


def test_an_effect_on_some_instances_spares_the_others():
    some = effect("latency", "{service: recs, factor: 20, share: 50%, region: us}", start=0)
    served = Played(SHOP, [some], length=2 * MINUTE).rows()["service.request"]

    recs = served["service"] == "recs"
    hit = {host.name for host in served["host"][recs & (served["act"] == 1)]}
    assert len(hit) == 1
    assert {each.attributes["region"] for each in served["host"][recs] if each.name in hit} == {"us"}


def test_a_request_that_was_saved_by_a_second_attempt_is_slower_for_the_act_that_failed_the_first():
    broken = effect("errors", "{service: catalog, rate: 50%}")
    rows = Played(SHOP, [broken], length=MINUTE).rows()

    calls, served = rows["service.call"], rows["service.request"]
    second = (calls["attempt"] == 2) & (calls["failed"] == 0) & (calls["service"] == "gateway")
    waited = set(calls["trace"][second])
    roots = np.array([trace in waited for trace in served["trace"]]) & (served["root"] == 1)
    assert (served["act"][roots] == 1).mean() > 0.8
