"""What the detector makes of samples that arrived in a sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from simulator import UsageError
from simulator_prometheus.detector import PrometheusDetector
from simulator_prometheus.exposition import METRICS
from simulator_prometheus.formats import TextFormat
from simulator_sandbox import Embedded
from tests.sandbox.recordings import MINUTE, SECOND, START, Recorder

STEP = 15 * SECOND
ALERT = (
    "groups: [{{name: g, interval: 30s, rules: [{{alert: Broken, expr: {expr}, for: {hold}, labels: {labels}}}]}}]\n"
)


class Targets:
    """Writes samples a line each. Of each target, ``up`` stands for a scrape of it."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str, int]] = []

    def scrape(
        self, at: int, job: str, pod: str, samples: Mapping[str, float], up: float = 1, late: int = SECOND // 20
    ) -> None:
        """Note a scrape ``at`` nanoseconds after the start."""
        time = (START + at) // 1_000_000
        for name, value in {**samples, "up": up}.items():
            metric, _, more = name.partition("{")
            own = f"{more.rstrip('}')}," if more else ""
            labels = f'{own}instance="10.0.0.{pod}:8080",job="{job}",pod="{job}-{pod}"'
            line = f'{metric}{{feint_run="r1a2b3c4d",{labels}}} {value} {time}'
            self.lines.append((START + at, line, START + at + late))

    def play(self, folder: Path, rules: Mapping[str, str], minutes: int = 20):
        """Return what the sandbox makes of it, and what the run was."""
        self.lines.sort(key=lambda each: each[0])
        recorder = Recorder(folder, interval=5 * MINUTE, length=minutes * MINUTE)
        recorder.add(METRICS, TextFormat(), [line for _, line, _ in self.lines], [at for *_, at in self.lines])
        paths = []
        for name, text in rules.items():
            path = folder / name
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return recorder.run(), paths


def detected(folder, targets, rules, minutes=20):
    run, paths = targets.play(folder, rules, minutes)
    return Embedded().detect(run, [PrometheusDetector()], paths)


def explained(folder, targets, rules, name, minutes=20):
    run, paths = targets.play(folder, rules, minutes)
    return Embedded().explain(run, [PrometheusDetector()], paths, name)


def minute(time: int) -> float:
    return (time - START) / MINUTE


@pytest.fixture
def outage():
    """Ten pods of a cart that are bad from minute 5 to 12, and one of a shop that never is."""
    targets = Targets()
    for step in range(0, 20 * MINUTE, STEP):
        bad = 5 * MINUTE <= step < 12 * MINUTE
        for pod in range(10):
            targets.scrape(step + pod * SECOND, "cart", str(pod), {"errors": 9.0 if bad else 1.0})
        targets.scrape(step + 11 * SECOND, "shop", "1", {"errors": 2.0})
    return targets


def test_the_same_alert_of_ten_instances_is_one_page(tmp_path, outage):
    rules = {"rules.yml": ALERT.format(expr="errors > 5", hold="2m", labels="{severity: page}")}

    found = detected(tmp_path, outage, rules)

    (report,) = found.rules
    assert (report.status, report.level, report.alerts, report.reason) == ("ran", "page", True, "")
    assert report.streams == ("prometheus.metrics",)
    assert len(found.alerts) == 10
    assert {(alert.group, minute(alert.fired), minute(alert.paged)) for alert in found.alerts} == {(1, 7.5, 8.0)}
    first = found.alerts[0]
    assert (first.rule, first.key, first.receiver) == ("Broken", "cart", "pager")
    assert (minute(first.first_event), minute(first.last_event)) == (5.5, 12.0)
    assert {alert.entities["host"][0] for alert in found.alerts} == {f"cart-{pod}" for pod in range(10)}
    assert {alert.entities["service"] for alert in found.alerts} == {("cart",)}
    assert [line.partition(": ")[0] for line in Embedded().pages(found)] == [
        "2026-01-01T00:08:00Z page 1 to pager [page] Broken about cart"
    ]


def test_evidence_is_the_last_samples_that_made_it_true(tmp_path, outage):
    rules = {"rules.yml": ALERT.format(expr="errors > 5", hold="0", labels="{}")}

    alert = next(each for each in detected(tmp_path, outage, rules).alerts if each.entities["host"][0] == "cart-3")

    ((stream, line),) = alert.evidence
    written = (tmp_path / "prometheus.metrics.prom").read_text().splitlines()[line - 1]
    assert stream == "prometheus.metrics"
    assert 'pod="cart-3"' in written
    assert written.startswith("errors{")
    assert minute(int(written.rpartition(" ")[2]) * 1_000_000) == 5.3
    assert alert.events > len(alert.evidence)
    assert alert.arrived <= alert.fired


def test_an_alertmanager_says_who_is_told_and_what_is_held_back(tmp_path, outage):
    rules = {
        "rules.yml": "groups: [{name: g, rules: [{alert: Cause, expr: 'sum by (job) (errors) > 50'}, "
        "{alert: Symptom, expr: errors > 5, labels: {severity: low}}]}]\n",
        "alertmanager.yml": "route: {receiver: nobody, group_by: [job], group_wait: 10s, "
        "routes: [{matchers: [job=cart], receiver: on-call}]}\n"
        "receivers: [{name: nobody}, {name: on-call, webhook_configs: [{url: 'http://127.0.0.1:1/'}]}]\n"
        "inhibit_rules: [{source_matchers: [alertname=Cause], target_matchers: [severity=low], equal: [job]}]\n",
    }

    found = detected(tmp_path, outage, rules)

    assert [(alert.rule, alert.receiver, minute(alert.paged)) for alert in found.alerts] == [
        ("Cause", "on-call", pytest.approx(6 + 10 / 60))
    ]
    reasons = {report.id: report.reason for report in found.rules}
    assert reasons["Cause"] == ""
    assert reasons["Symptom"].startswith("nobody was told of 10 of its 10 alerts")


def test_a_recording_rule_in_a_later_file_feeds_an_alert_and_raises_none(tmp_path, outage):
    rules = {
        "a.yml": ALERT.format(expr="'job:errors:sum > 50'", hold="0", labels="{}"),
        "b.yml": "groups: [{name: r, interval: 30s, rules: "
        "[{record: 'job:errors:sum', expr: sum by (job) (errors)}]}]\n",
    }

    found = detected(tmp_path, outage, rules)

    assert [(report.id, report.alerts) for report in found.rules] == [("Broken", True), ("job:errors:sum", False)]
    assert [minute(alert.fired) for alert in found.alerts] == [6.0]  # the sum of 5.5 is there only after the alert ran
    assert found.rules[1].hits == 2 * 40  # at the start nothing has arrived yet


def test_no_rule_sees_a_sample_before_it_arrived(tmp_path):
    targets = Targets()
    for step in range(0, 10 * MINUTE, STEP):
        bad = step >= 2 * MINUTE
        targets.scrape(step, "cart", "1", {"errors": 9.0 if bad else 0.0}, late=100 * SECOND if bad else 0)
    rules = {"rules.yml": ALERT.format(expr="errors > 5", hold="0", labels="{}")}

    (alert,) = detected(tmp_path, targets, rules, minutes=10).alerts

    assert minute(alert.fired) == 4.0  # of minute 2, there from 3:40 on
    assert minute(alert.arrived) == pytest.approx(4.0, abs=0.34)


def test_a_series_ends_when_a_scrape_of_its_target_lacks_it(tmp_path):
    targets = Targets()
    for step in range(0, 10 * MINUTE, STEP):
        targets.scrape(step, "cart", "1", {"errors": 9.0} if step <= 3 * MINUTE else {}, up=float(step <= 3 * MINUTE))
    rules = {
        "rules.yml": "groups: [{name: g, interval: 15s, rules: [{alert: Broken, expr: errors > 5}, "
        "{alert: Down, expr: up == 0, for: 1m}]}]\n"
    }

    found = detected(tmp_path, targets, rules, minutes=10)

    assert [(each.rule, minute(each.first_event), minute(each.last_event)) for each in found.alerts] == [
        ("Broken", 0.25, 3.25),  # the scrape of 3:15 arrives after the rules of 3:15 ran
        ("Down", 3.5, 10.0),
    ]


def test_a_target_that_is_gone_ends_after_one_interval(tmp_path):
    targets = Targets()
    for step in range(0, 10 * MINUTE, STEP):
        targets.scrape(step, "shop", "1", {"errors": 0.0})
        if step <= 3 * MINUTE:
            targets.scrape(step, "cart", "1", {"errors": 9.0})
    rules = {"rules.yml": ALERT.format(expr="errors > 5", hold="0", labels="{}")}

    (alert,) = detected(tmp_path, targets, rules, minutes=10).alerts

    assert minute(alert.last_event) == 3.0


def test_a_bad_file_is_reported_and_stops_no_other(tmp_path, outage):
    rules = {
        "good.yml": ALERT.format(expr="errors > 5", hold="2m", labels="{}"),
        "bad.yml": "groups: [{name: g, rules: [{alert: Typo, expr: 'errors >'}, {alert: Fine, expr: errors}]}]\n",
        "torn.yml": "groups: [{name: g\n",
        "alertmanager.yml": "route: {receiver: none}\nreceivers: []\n",
        "range.yml": "groups: [{name: g, rules: [{alert: Range, expr: 'errors[5m]'}]}]\n",
        "absent.yml": "groups: [{name: g, rules: [{alert: Absent, expr: latency > 1}]}]\n",
    }

    found = detected(tmp_path, outage, rules)

    reports = {report.id: report for report in found.rules}
    assert {name: report.status for name, report in reports.items()} == {
        "Broken": "ran",
        "Typo": "error",
        "Fine": "error",
        "torn": "error",
        "alertmanager": "error",
        "Range": "error",
        "Absent": "ran",
    }
    for name, file in {"Typo": "bad.yml", "torn": "torn.yml", "alertmanager": "alertmanager.yml"}.items():
        assert reports[name].reason.startswith(f"{file}:")
    assert "there is no receiver 'none'" in reports["alertmanager"].reason
    assert "a rule needs a vector or a number" in reports["Range"].reason
    assert reports["Absent"].reason == "there are no samples of latency"
    assert {alert.rule for alert in found.alerts} == {"Broken"}


def test_an_explanation_says_how_near_it_came(tmp_path, outage):
    rules = {"rules.yml": ALERT.format(expr="errors > 5 and on (job) latency > 1", hold="10m", labels="{}")}

    found = explained(tmp_path, outage, rules, "rules.yml")

    assert found.facts["absent"] == ["latency"]
    assert found.facts["parts"][0] | {"labels": None} == {
        "expression": "errors > 5",
        "true_steps": 14,
        "first": "2026-01-01T00:05:30Z",
        "last": "2026-01-01T00:12:00Z",
        "reached": 9.0,
        "at": "2026-01-01T00:05:30Z",
        "threshold": 5.0,
        "labels": None,
    }
    assert "There are no samples of latency." in found.lines
    assert "latency > 1: never true." in found.lines
    assert found.lines[-1] == "It did not fire."


def test_an_explanation_says_how_long_it_held_and_who_was_told(tmp_path, outage):
    short = explained(
        tmp_path, outage, {"rules.yml": ALERT.format(expr="errors > 5", hold="10m", labels="{}")}, "Broken"
    )
    rules = {"rules.yml": ALERT.format(expr="sum by (job) (errors) > 50", hold="2m", labels="{severity: page}")}
    fired = explained(tmp_path, outage, rules, "Broken")

    assert short.facts["held_seconds"] == 390.0
    assert any("It held for 6m30s at the longest" in line and "hold for 10m" in line for line in short.lines)
    assert fired.facts["alerts"] == 1
    assert "of job=cart, severity=page: pager was told at 2026-01-01T00:08:00Z; it ends" in fired.lines[-1]


def test_a_rule_that_is_not_there_is_guessed_at(tmp_path, outage):
    rules = {"rules.yml": ALERT.format(expr="errors > 5", hold="2m", labels="{}")}

    with pytest.raises(UsageError, match="did you mean 'Broken'"):
        explained(tmp_path, outage, rules, "Brokn")


@pytest.mark.parametrize(
    ("name", "text", "claimed"),
    [
        ("rules.yml", "groups:\n- name: a\n", True),
        ("rules.yaml", "# comment\ngroups: []\n", True),
        ("alertmanager.yml", "global: {}\nroute:\n  receiver: a\nreceivers: []\n", True),
        ("sigma.yml", "title: a\ndetection: {}\n", False),
        ("rules.txt", "groups: []\n", False),
        ("routes.yml", "route: a\n", False),
    ],
)
def test_files_of_rules_and_of_alertmanager_are_claimed(tmp_path, name, text, claimed):
    path = tmp_path / name
    path.write_text(text)

    assert PrometheusDetector().claims(path) is claimed


def test_silence_of_all_series_without_samples_is_no_error(tmp_path):
    targets = Targets()
    targets.scrape(0, "cart", "1", {})
    text = ALERT.format(expr="absent(errors)", hold="1m", labels="{}")

    (alert,) = detected(tmp_path, targets, {"rules.yml": text}, minutes=5).alerts

    assert (minute(alert.fired), alert.entities, alert.evidence, alert.key) == (1.0, {}, (), "")
