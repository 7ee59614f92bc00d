"""The shipped incidents test themselves: whoever adds a playbook adds no Python here."""

from __future__ import annotations

import subprocess
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from simulator.playbook.catalogue import shipped_folder
from tests.playbooks.agreement import Ruled, lives_of
from tests.playbooks.telemetry import samples_of, spans_of
from tests.prometheus.promql.reference import both, write
from tests.servers import found, promtool

INCIDENTS = sorted(path.stem for path in (shipped_folder() / "incidents").glob("*.yaml"))

pytestmark = pytest.mark.parametrize("name", INCIDENTS, scope="module")  # one incident after the other


@pytest.fixture(scope="module")
def ruled(name, play, plugins):
    return Ruled(play(name, activity=None), plugins)


def test_an_incident_played_twice_leaves_the_same_bytes(name, play):
    once, again = play(name, activity=None), play(name, activity=None, take=2)

    assert once.json("manifest.json")["files"] == again.json("manifest.json")["files"]
    assert once.json("manifest.json")["files"]


def test_the_rules_do_what_the_playbook_expects(name, play):
    scorecard = play(name, activity=None).json("scorecard.json")

    assert [(each["title"], each["reason"]) for each in scorecard["expectations"] if each["verdict"] != "met"] == []
    assert scorecard["verdict"] == "met"
    assert [(rule["title"], rule["reason"]) for rule in scorecard["rules"] if rule["status"] != "ran"] == []


def test_every_step_leaves_traces(name, play):
    assert [step["id"] for step in play(name, activity=None).json("truth.json")["steps"] if not step["events"]] == []


def test_the_description_says_how_the_incident_was_checked_against_reality(name, playbook):
    assert "Checked against reality:" in playbook(name).text.description


def test_there_is_a_runbook_of_a_page(name, playbook):
    runbook = playbook(name).files["runbook"]

    assert 15 <= len(runbook.read_text().splitlines()) <= 60


def test_every_trace_has_one_root_and_no_orphan_and_children_lie_in_their_parents(name, play):
    spans = spans_of(play(name, activity=None))
    by_id = {(span.trace, span.id): span for span in spans}
    assert len(by_id) == len(spans)
    roots = Counter(span.trace for span in spans if not span.parent)

    assert {span.trace for span in spans} == set(roots)
    assert set(roots.values()) == {1}
    for span in spans:
        assert set(span.trace) != {"0"}
        assert set(span.id) != {"0"}
        if span.parent:
            parent = by_id[span.trace, span.parent]
            assert parent.start <= span.start <= span.end <= parent.end, (parent, span)
        for trace, linked in span.links:
            assert by_id[trace, linked].end <= span.start


def test_a_trace_id_in_a_log_line_exists_as_a_trace(name, play):
    run = play(name, activity=None)
    traces = {span.trace for span in spans_of(run)}

    logged = {
        record["traceId"]
        for line in run.records("otlp.logs")
        for record in line["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
        if record.get("traceId")
    }

    assert logged
    assert logged <= traces


def test_requests_are_counted_as_often_as_they_were_served(name, play):
    run = play(name, activity=None)
    served = Counter(
        span.service for span in spans_of(run) if span.kind == "server" and "http.route" in span.attributes
    )
    last: dict[str, float] = defaultdict(float)
    for series in samples_of(run, "http_requests_total"):
        rises = [now - before for before, now in zip(series.values, series.values[1:], strict=False)]
        last[series.labels["job"]] += series.values[0] + sum(
            rise if rise >= 0 else now for rise, now in zip(rises, series.values[1:], strict=True)
        )  # a restart begins again at zero

    assert last
    assert {job for job, count in last.items() if count} <= set(served)
    for job, count in last.items():
        assert count == pytest.approx(served[job], rel=0.02, abs=25), job


def test_buckets_add_up(name, play):
    run = play(name, activity=None)
    metric = "http_server_request_duration_seconds"
    counts = {series.key(): series for series in samples_of(run, f"{metric}_count")}
    buckets = defaultdict(list)
    for series in samples_of(run, f"{metric}_bucket"):
        buckets[series.key("le")].append(series)

    assert set(buckets) == set(counts)
    for key, mine in buckets.items():
        mine.sort(key=lambda series: float(series.labels["le"]))
        assert mine[-1].values == counts[key].values
        for low, high in pairwise(mine):
            assert all(below <= above for below, above in zip(low.values, high.values, strict=True))


def test_prometheus_accepts_every_scrape_and_the_rules(name, play):
    run = play(name, activity=None)
    (exposition,) = (run.folder / "telemetry/prometheus.metrics").glob("*.prom")
    heading, scrapes = scrapes_of(exposition)

    for scrape in (scrapes[0], scrapes[len(scrapes) // 2], scrapes[-1]):  # a file holds many: one after the other
        checked = subprocess.run(
            [found("promtool"), "check", "metrics"],
            check=False, input=heading + scrape, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert checked.returncode == 0, checked.stdout + checked.stderr
    rules = [path for path in (run.folder / "inputs/rules").iterdir() if is_rule_file(path)]
    assert rules
    checked = promtool("check", "rules", *map(str, rules))
    assert checked.returncode == 0, checked.stderr


def test_rules_give_what_they_give_in_prometheus(ruled, tmp_path):
    """The same series at the same instants, to a billionth; the same alerts, pending and firing as long.

    Groups run as the detector lets them: all from the start of the run on, in the order of the files, where a
    server's each have a phase of their own. Labels of alerts are filled in by the detector for both.
    """
    with both(tmp_path, ruled.samples()) as served:
        for each in ruled.compared:
            ours, theirs = ruled.ours(each), ruled.theirs(each, served)
            assert {labels: [*values] for labels, values in ours.items()} == {
                labels: [*values] for labels, values in theirs.items()
            }, each.rule.id
            for labels, values in ours.items():
                assert [*values.values()] == pytest.approx([*theirs[labels].values()], rel=1e-9, nan_ok=True)
            if each.rule.alerts:
                assert lives_of(ruled.engine.outcomes[each.rule].lives) == ruled.fired(each, theirs)
            else:
                write(served.server, ruled.recorded(each))


def test_samples_that_come_late_only_delay_alerts(ruled):
    in_time = {each.rule.id: lives_of(ruled.engine.outcomes[each.rule].lives) for each in ruled.engine.rules}

    late = {rule.id: (rule, lives_of(outcome.lives)) for rule, outcome in ruled.played().outcomes.items()}

    assert {rule: [life[0] for life in lives] for rule, lives in in_time.items()} == {
        rule: [life[0] for life in lives] for rule, (_, lives) in late.items()
    }
    for id_, (rule, lives) in late.items():
        for (_, active, fired, _), (_, soonest, earliest, _) in zip(lives, in_time[id_], strict=True):
            assert soonest <= active <= soonest + 60_000, rule.id  # a step of the slowest group
            assert earliest <= fired <= earliest + 60_000, rule.id


def scrapes_of(exposition: Path) -> tuple[str, list[str]]:
    """Return what stands at the head of a file, and the scrapes of the first target in it."""
    heading, scrapes, instance = "", defaultdict(str), ""
    with exposition.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                heading += line
                continue
            where = line.partition('instance="')[2].partition('"')[0]
            instance = instance or where
            if where == instance:
                scrapes[line.rsplit(" ", 1)[1]] += line
    return heading, list(scrapes.values())


def is_rule_file(path: Path) -> bool:
    return any(line.startswith("groups:") for line in path.read_text().splitlines())
