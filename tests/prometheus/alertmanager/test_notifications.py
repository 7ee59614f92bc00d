"""Who is told what, and when."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from simulator_prometheus.alertmanager.configuration import default_configuration, read_configuration
from simulator_prometheus.alertmanager.dispatching import Change, notifications
from simulator_prometheus.alertmanager.inhibition import Silence
from tests.servers import alertmanager

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
MIDNIGHT = 1_772_323_200 * SECOND  # 2026-03-01, a Sunday
HOUR = 60 * MINUTE


@pytest.fixture
def configured(tmp_path):
    def read(text):
        path = tmp_path / "alertmanager.yml"
        path.write_text(text)
        found, faults = read_configuration(path)
        assert found is not None, [str(fault) for fault in faults.found]
        return found

    return read


RECEIVERS = (
    "receivers: [{name: one, webhook_configs: [{url: 'http://127.0.0.1:1/'}]}, "
    "{name: quiet, webhook_configs: [{url: 'http://127.0.0.1:1/', send_resolved: false}]}, {name: nobody}]\n"
)


def fires(seconds, **labels):
    return Change(MIDNIGHT + seconds * SECOND, labels, MIDNIGHT + seconds * SECOND, firing=True)


def ends(seconds, since, **labels):
    return Change(MIDNIGHT + seconds * SECOND, labels, MIDNIGHT + since * SECOND, firing=False)


def told(configuration, *changes, hours=1, silences=()):
    found = notifications(configuration, changes, MIDNIGHT, MIDNIGHT + hours * HOUR, silences)
    return [
        ((each.time - MIDNIGHT) // SECOND, each.receiver, len(each.firing), len(each.resolved), each.reason)
        for each in found
    ]


def test_without_a_configuration_an_alert_of_ten_instances_is_one_page(configured):
    changes = [fires(number, alertname="Slow", service="cart", pod=f"cart-{number}") for number in range(10)]

    found = notifications(default_configuration(), changes, MIDNIGHT, MIDNIGHT + HOUR)

    assert [(each.time - MIDNIGHT, len(each.firing), each.group) for each in found] == [(30 * SECOND, 10, 1)]
    assert found[0].labels == {"alertname": "Slow", "service": "cart"}


def test_what_comes_later_is_told_after_the_interval_of_the_group(configured):
    one = configured(RECEIVERS + "route: {receiver: one, group_wait: 10s, group_interval: 1m, repeat_interval: 30m}\n")

    found = told(one, fires(0, a="1"), fires(15, a="2"), ends(100, 0, a="1"), ends(160, 15, a="2"))

    assert found == [
        (10, "one", 1, 0, "first"),
        (70, "one", 2, 0, "new alerts"),
        (130, "one", 1, 1, "some resolved"),
        (190, "one", 0, 1, "all resolved"),
    ]


def test_who_does_not_want_to_know_of_the_end_is_not_told(configured):
    quiet = configured(RECEIVERS + "route: {receiver: quiet, group_wait: 0s, group_interval: 1m}\n")

    assert told(quiet, fires(0, a="1"), ends(30, 0, a="1")) == [(0, "quiet", 1, 0, "first")]


def test_what_goes_on_is_told_again_after_the_repeat_interval(configured):
    one = configured(RECEIVERS + "route: {receiver: one, group_wait: 0s, group_interval: 10m, repeat_interval: 25m}\n")

    assert [each[0] for each in told(one, fires(0, a="1"), hours=2)] == [0, 1800, 3600, 5400, 7200]


def test_a_receiver_without_a_way_to_be_told_tells_nobody(configured):
    assert told(configured(RECEIVERS + "route: {receiver: nobody}\n"), fires(0, a="1")) == []


def test_an_alert_is_held_back_while_its_source_is_active(configured):
    held = configured(
        RECEIVERS + "route: {receiver: one, group_by: ['...'], group_wait: 0s, group_interval: 1m}\n"
        "inhibit_rules: [{source_matchers: [kind=cause], target_matchers: [kind=~.+], equal: [zone]}]\n"
    )

    found = told(
        held,
        fires(0, kind="cause", zone="a"),
        fires(1, kind="symptom", zone="a"),
        fires(2, kind="symptom", zone="b"),
        fires(3, kind="cause", zone="a", other="x"),  # both sides: its like does not hold it back
        ends(90, 0, kind="cause", zone="a"),
        ends(90, 3, kind="cause", zone="a", other="x"),
    )

    assert [(at, firing) for at, _, firing, _, _ in found if firing] == [(0, 1), (2, 1), (3, 1), (121, 1)]


def test_a_silence_holds_back_until_it_ends(configured):
    one = configured(RECEIVERS + "route: {receiver: one, group_wait: 0s, group_interval: 1m}\n")
    silence = Silence.of(['a=~"1|2"'], MIDNIGHT, MIDNIGHT + 150 * SECOND)

    assert told(one, fires(0, a="1"), silences=[silence]) == [(180, "one", 1, 0, "first")]


@pytest.mark.parametrize(("field", "first"), [("mute_time_intervals", 0), ("active_time_intervals", 7200)])
def test_a_route_is_silent_in_its_hours(configured, field, first):
    one = configured(
        RECEIVERS + "route: {receiver: nobody, group_interval: 1h, group_wait: 0s, "
        f"routes: [{{receiver: one, {field}: [late]}}]}}\n"
        "time_intervals: [{name: late, time_intervals: [{weekdays: [sunday], months: [march], days_of_month: ['1'], "
        "times: [{start_time: '02:00', end_time: '24:00'}]}]}]\n"
    )

    assert told(one, fires(0, a="1"), hours=6)[0][0] == first


def test_a_group_that_ended_begins_anew(configured):
    one = configured(RECEIVERS + "route: {receiver: one, group_wait: 10s, group_interval: 1m}\n")

    found = notifications(
        one,
        [fires(0, a="1"), ends(30, 0, a="1"), fires(600, a="1")],
        MIDNIGHT,
        MIDNIGHT + HOUR,
    )

    assert [(each.group, (each.time - MIDNIGHT) // SECOND) for each in found] == [(1, 10), (1, 70), (2, 610)]


LIVE = """
route:
  receiver: hook
  group_by: [job]
  group_wait: 1s
  group_interval: 2s
  repeat_interval: 1h
receivers: [{{name: hook, webhook_configs: [{{url: "http://127.0.0.1:{port}/"}}]}}]
inhibit_rules: [{{source_matchers: [severity=page], target_matchers: [severity=warn], equal: [job]}}]
"""
STORY = [  # when (s), job, pod, severity, fires
    (0.0, "a", "1", "page", True),
    (0.2, "a", "2", "page", True),
    (0.3, "a", "3", "warn", True),
    (1.5, "b", "1", "warn", True),
    (2.0, "a", "4", "page", True),
    (3.8, "a", "1", "page", False),
    (3.9, "b", "1", "warn", False),
]


def test_a_real_alertmanager_tells_the_same_at_the_same_times(tmp_path):
    heard = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append((time.monotonic(), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as hook:
        thread = threading.Thread(target=hook.serve_forever, daemon=True)
        thread.start()
        text = LIVE.format(port=hook.server_port)
        with alertmanager(tmp_path, text) as server:
            begun = time.monotonic()
            for at, job, pod, severity, firing in STORY:
                time.sleep(max(0.0, begun + at - time.monotonic()))
                labels = {"alertname": "A", "job": job, "pod": pod, "severity": severity}
                over = {} if firing else {"startsAt": "2020-01-01T00:00:00Z", "endsAt": "2020-01-02T00:00:00Z"}
                alert = {"labels": labels, **over}
                server.post("/api/v2/alerts", json.dumps([alert]).encode(), {"Content-Type": "application/json"})
            time.sleep(max(0.0, begun + 8 - time.monotonic()))
        hook.shutdown()
        thread.join(timeout=5)
    path = tmp_path / "again.yml"
    path.write_text(text)
    configuration, _ = read_configuration(path)
    changes = [
        Change(
            MIDNIGHT + int(at * SECOND),
            {"alertname": "A", "job": job, "pod": pod, "severity": severity},
            MIDNIGHT + int(at * SECOND),
            firing,
        )
        for at, job, pod, severity, firing in STORY
    ]

    expected = notifications(configuration, changes, MIDNIGHT, MIDNIGHT + 8 * SECOND)

    def pods(body, status):
        return sorted(each["labels"]["pod"] for each in body["alerts"] if each["status"] == status)

    assert [(body["groupLabels"], pods(body, "firing"), pods(body, "resolved")) for _, body in heard] == [
        (each.labels, [dict(name)["pod"] for name in each.firing], [dict(name)["pod"] for name in each.resolved])
        for each in expected
    ]
    assert len(heard) == 5
    for (at, _), each in zip(heard, expected, strict=True):
        assert at - begun == pytest.approx((each.time - MIDNIGHT) / SECOND, abs=0.7)
