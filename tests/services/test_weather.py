"""What nobody writes into a playbook: storms, stampedes and exhaustion come of the graph."""

from __future__ import annotations

import numpy as np
import pytest

from simulator_services.load_model.steps import steps_of
from tests.services.worlds import MINUTE, SECOND, SHOP, START, Played, effect

RETRYING = """
services:
  web: {workers: 200, routes: {GET /: {calls: [{call: shop GET /, timeout: 1s, retries: %d, backoff: 100ms}]}}}
  shop: {cores: 1, workers: 16, routes: {GET /: {p50: 80ms, p99: 200ms, cpu: 30ms}}}
traffic: [{to: web GET /, arrivals: {poisson: {rate: 50/s}}}]
"""
CACHED = """
services:
  web:
    workers: 100
    routes: {GET /: {calls: [{call: cache GET page, on_miss: [{call: db SELECT page, timeout: 1s}]}]}}
  cache: {kind: cache, hit_rate: 95%, keys: KEYS, ttl: 2m}
  db: {kind: database, cores: 1, workers: 50, backlog: 200, routes: {SELECT page: {p50: 20ms, p99: 80ms, cpu: 20ms}}}
traffic: [{to: web GET /, arrivals: {poisson: {rate: RATE/s}}}]
"""
POOLED = """
services:
  web: {routes: {GET /: {calls: [orders GET /, {call: stock GET /, fallback: true}]}}}
  orders: {pool: {to: db, size: 5, timeout: 500ms}, routes: {GET /: {calls: [db SELECT orders]}}}
  stock: {routes: {GET /: {calls: [db SELECT stock]}}}
  db: {kind: database}
traffic: [{to: web GET /, arrivals: {poisson: {rate: 40/s}}}]
"""
QUEUED = """
services:
  web: {routes: {GET /: {calls: [{publish: mail}]}}}
  mail: {kind: queue}
  mailer: {workers: 2, routes: {process mail: {p50: 40ms, p99: 120ms}}}
traffic: [{to: web GET /, arrivals: {poisson: {rate: 20/s}}}]
"""
ALONE = """
services:
  web: {instances: 1, cores: 1, workers: 500, routes: {GET /: {p50: 10ms, p99: 30ms, cpu: 10ms}}}
traffic: [{to: web GET /, arrivals: {poisson: {rate: RATE/s}}}]
"""


def failing(rows, service: str, start: int, end: int) -> float:
    served = rows["service.request"]
    chosen = (served["service"] == service) & (served["time"] >= START + start) & (served["time"] < START + end)
    return float((served["failed"][chosen] == 1).mean())


@pytest.mark.parametrize(("retries", "heals"), [(0, True), (3, False)])
def test_retries_keep_an_outage_alive_whose_cause_is_over(retries, heals):
    trigger = effect("latency", "{service: shop, factor: 8}", start=MINUTE, end=MINUTE + 30 * SECOND)
    rows = Played(RETRYING % retries, [trigger], length=5 * MINUTE).rows()

    assert failing(rows, "web", 0, MINUTE) < 0.02
    assert failing(rows, "web", 75 * SECOND, 90 * SECOND) > 0.9
    assert (failing(rows, "web", 4 * MINUTE, 5 * MINUTE) < 0.02) == heals


def test_each_failed_call_is_tried_again_as_often_as_its_caller_does():
    broken = effect("errors", "{service: shop, rate: 100%}", start=0, end=MINUTE)
    rows = Played(RETRYING.replace("50/s", "5/s") % 2, [broken], length=MINUTE).rows()

    attempts = rows["service.call"]["attempt"]
    assert (attempts == 1).sum() == (attempts == 2).sum() == (attempts == 3).sum()
    calls = {}
    for trace, attempt, time, length in zip(
        *(rows["service.call"][name] for name in ("trace", "attempt", "time", "duration")), strict=True
    ):
        calls[trace, attempt] = (time, time + length)
    assert all(calls[trace, 2][0] > calls[trace, 1][1] for trace, attempt in calls if attempt == 2)


@pytest.mark.parametrize(("keys", "rate", "heals"), [(20_000, 100, False), (200, 40, True)])
def test_an_emptied_cache_stays_cold_while_its_database_is_overrun(keys, rate, heals):
    text = CACHED.replace("KEYS", str(keys)).replace("RATE", str(rate))
    trigger = effect("cache_hit_rate", "{service: cache}", start=MINUTE, end=MINUTE + 10 * SECOND)
    rows = Played(text, [trigger], length=5 * MINUTE).rows()

    assert failing(rows, "web", 0, MINUTE) < 0.02
    assert (failing(rows, "web", 4 * MINUTE, 5 * MINUTE) < 0.02) == heals


def test_a_slow_database_exhausts_the_pool_of_those_who_hold_its_connections_longer():
    slow = effect("latency", "{service: db, factor: 150}", start=MINUTE, end=3 * MINUTE)
    rows = Played(POOLED, [slow], length=4 * MINUTE).rows()

    measured = rows["instance.measured"]
    there = (measured["service"] == "orders") & (measured["time"] > START + 90 * SECOND)
    during = there & (measured["time"] < START + 3 * MINUTE)
    assert measured["pool_in_use"][during].min() >= 4
    assert measured["pool_waiting"][during].min() > 0
    assert failing(rows, "orders", 90 * SECOND, 3 * MINUTE) > 0.3
    assert failing(rows, "stock", 90 * SECOND, 3 * MINUTE) < 0.05
    assert failing(rows, "orders", 200 * SECOND, 4 * MINUTE) < 0.01
    calls = rows["service.call"]
    assert not ((calls["service"] == "orders") & (calls["error"] == "pool_timeout")).any()  # no span without a query


def test_a_pool_that_leaks_is_as_large_as_ever_and_full_before_anybody_waits():
    leak = effect("connection_leak", "{service: orders}", start=MINUTE, end=6 * MINUTE, ramp=4 * MINUTE)
    rows = Played(POOLED, [leak], length=8 * MINUTE).rows()

    measured = rows["instance.measured"]
    mine = {name: column[measured["service"] == "orders"] for name, column in measured.items()}
    minutes = (mine["time"] - START) / MINUTE
    assert set(mine["pool_size"]) == {5}
    assert mine["pool_in_use"][minutes < 1].max() < 2
    assert mine["pool_in_use"][(minutes > 3.2) & (minutes < 4)].min() >= 3
    assert mine["pool_in_use"][(minutes > 5) & (minutes < 6)].min() == 5
    assert mine["pool_waiting"][minutes < 3].max() == 0
    assert mine["pool_waiting"][(minutes > 5.2) & (minutes < 6)].min() > 0
    assert failing(rows, "orders", 0, 3 * MINUTE) < 0.02
    assert failing(rows, "orders", 5 * MINUTE + 15 * SECOND, 6 * MINUTE) > 0.9
    assert failing(rows, "orders", 7 * MINUTE, 8 * MINUTE) < 0.02


def test_messages_wait_while_their_consumer_is_slow_and_are_all_handled_in_the_end():
    slow = effect("latency", "{service: mailer, factor: 9}", start=MINUTE, end=2 * MINUTE)
    rows = Played(QUEUED, [slow], length=6 * MINUTE).rows()

    measured = rows["instance.measured"]
    mail = measured["service"] == "mail"
    deepest = measured["queue_depth"][mail].max()
    assert deepest > 300
    assert measured["queue_age"][mail].max() > 10 * SECOND
    assert measured["queue_depth"][mail & (measured["time"] > START + 5 * MINUTE)].max() < 5
    served, called = rows["service.request"], rows["service.call"]
    consumed = served["kind"] == "consumer"
    sent = (called["kind"] == "producer") & (called["failed"] == 0)
    assert set(served["link_span"][consumed]) == set(called["span"][sent])
    ends = dict(zip(called["span"], called["time"] + called["duration"], strict=True))
    begins = zip(served["link_span"][consumed], served["time"][consumed], strict=True)
    assert all(time >= ends[span] for span, time in begins)


def test_the_busier_a_service_is_the_longer_its_own_work_takes():
    quiet, busy = (Played(ALONE.replace("RATE", rate), length=2 * MINUTE).rows() for rate in ("5", "80"))

    slower = np.median(busy["service.request"]["duration"]) / np.median(quiet["service.request"]["duration"])
    assert 2.0 < slower < 4.0  # 1 + 0.5 * 0.8 / (1 - 0.8) = 3


def test_autoscaling_starts_instances_when_the_processors_are_busy_and_stops_them_later():
    text = ALONE.replace("RATE", "40").replace("instances: 1,", "instances: 1, autoscale: {most: 4, cooldown: 1m},")
    surge = effect("traffic", "{factor: 4}", start=MINUTE, end=4 * MINUTE)
    rows = Played(text, [surge], length=7 * MINUTE).rows()

    assert rows["service.scaled"]["after"].max() == 3
    assert set(rows["instance.started"]["reason"]) == {"ScaledUp"}
    assert set(rows["instance.stopped"]["reason"]) == {"ScaledDown"}
    served = rows["service.request"]
    hosts = [len(set(served["host"][(served["time"] // MINUTE - START // MINUTE) == minute])) for minute in range(7)]
    assert hosts[0] == 1
    assert max(hosts) == 3


@pytest.mark.parametrize(
    ("text", "harm"),
    [
        (SHOP, None),
        (SHOP, ("disk_fill", "{service: orders-db, per_hour: 60GiB}")),
        (SHOP, ("bad_version", "{service: catalog, version: 2.0.0, errors: 30%}")),
        (SHOP, ("instance_death", "{service: checkout, share: 100%}")),
        (SHOP, ("traffic", "{factor: 3}")),
        (RETRYING % 3, ("latency", "{service: shop, factor: 8}")),
        (POOLED, ("latency", "{service: db, factor: 150}")),
    ],
)
def test_the_requests_that_are_walked_are_as_many_as_the_weather_says(text, harm):
    effects = [effect(*harm, start=MINUTE, end=4 * MINUTE)] if harm else []
    rows = Played(text, effects, length=4 * MINUTE).rows()
    measured, served = rows["instance.measured"], rows["service.request"]

    late = served["time"] >= START + 100 * SECOND
    for service in sorted(set(served["service"])):
        instances = (measured["service"] == service) & (measured["time"] >= START + 100 * SECOND)
        said = measured["received"][instances].sum() / 700
        walked = ((served["service"] == service) & late).sum()
        assert abs(walked - said) < 0.15 * said + 40, service


def test_steps_are_short_where_something_may_happen_and_few_in_all():
    day, hour = 1440 * MINUTE, 60 * MINUTE
    incident = effect("latency", "{service: web, factor: 3}", start=5 * hour, end=5 * hour + 10 * MINUTE)

    edges = steps_of(START, START + 3 * day, [incident])

    lengths = np.diff(edges)
    assert edges[0] == START
    assert edges[-1] == START + 3 * day
    during = (edges[:-1] >= incident.start) & (edges[:-1] < incident.end + 10 * MINUTE)
    assert lengths[during].max() == SECOND
    assert lengths.min() > 0
    assert len(lengths) < 4_100
