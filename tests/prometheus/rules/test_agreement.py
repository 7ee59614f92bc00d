"""Rules give what they give in Prometheus, instant for instant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator_prometheus.promql.series import is_stale, labels_of
from tests.prometheus.rules.jig import MINUTE, alerts, asked, ours, store_of, theirs

STEPS = [minute * MINUTE for minute in range(31)]
X = {
    'x{job="a",pod="1"}': [1, 3, 3, 3, 1, 3, 3, 3, 3, 3, None, None, 3, 3, 3, 3, 3, 3, 1, 1, 3, 3, 3, 3, "stale", None],
    'x{job="a",pod="2"}': [None, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
    'x{job="b c",pod="1"}': [float(value % 7) for value in range(31)],
    'up{job="a",pod="1"}': [1.0] * 31,
}
FILES = {
    "for": "{alert: A, expr: x > 2, for: 3m}",
    "no for": "{alert: A, expr: x > 2}",
    "keep_firing_for": "{alert: A, expr: x > 2, for: 2m, keep_firing_for: 3m}",
    "keep_firing_for alone": "{alert: A, expr: x > 5, keep_firing_for: 90s}",
    "a chain": "{record: 'j:x', expr: sum by (job) (x)}, {alert: A, expr: 'j:x > 6', for: 2m}, "
    "{record: y, expr: 'j:x * 2', labels: {kind: z}}, {alert: B, expr: 'y{kind=\"z\"} > 8'}",
    "a chain backwards": "{alert: A, expr: 'j:x > 6', for: 2m}, {record: 'j:x', expr: sum by (job) (x)}",
    "a rule of itself": "{record: n, expr: '(n or vector(0)) + 1'}, {alert: A, expr: 'n > 7', for: 3m}",
    "a circle": "{record: p, expr: 'max(q) + 1 or vector(1)'}, {record: q, expr: 'p * 2'}, {alert: A, expr: 'q > 100'}",
    "alerts of alerts": "{alert: A, expr: x > 2, for: 2m}, "
    '{alert: B, expr: \'count by (job) (ALERTS{alertname="A",alertstate="firing"}) > 1\'}, '
    "{alert: C, expr: 'time() - ALERTS_FOR_STATE{alertname=\"A\"} > 180'}",
    "alerts of later alerts": "{alert: B, expr: 'count(ALERTS{alertname=\"A\"}) > 1', for: 1m}, "
    "{alert: A, expr: x > 2}",
    "labels by templates": "{alert: A, expr: x > 2, for: 1m, labels: {severity: "
    "'{{ if gt $value 4.0 }}page{{ else }}ticket{{ end }}', who: '{{ $labels.job | toUpper }}/{{ .Labels.pod }}'}}",
    "a label taken away": "{alert: A, expr: 'x{job=\"a\"} > 2', labels: {job: '', "
    "pod: '{{ $labels.none }}{{ $labels.pod }}x'}}",
    "absent": '{alert: A, expr: \'absent(x{pod="1",job="a"})\', for: 2m}, {alert: N, expr: vector(1), for: 5m}',
    "burn rates": "{record: r5, expr: 'avg_over_time(x[5m])'}, {record: r15, expr: 'avg_over_time(x[15m])'}, "
    "{alert: Burn, expr: '(r5 > 3 and r15 > 2) or r5 > 5', for: 2m, labels: {severity: page}}",
    "a look ahead": "{alert: A, expr: 'x offset -2m > 2'}, {alert: B, expr: 'x @ 600 > 2'}",
    "queries in labels": "{alert: A, expr: x > 8, labels: {n: '{{ query \"count(x > 2)\" | first | value }}'}}",
}


@pytest.mark.parametrize("name", FILES)
def test_alerts_are_in_the_same_states_at_every_instant(tmp_path, name):
    path = tmp_path / "rules.yml"
    path.write_text("groups: [{name: g, rules: [" + FILES[name] + "]}]\n")

    outcomes = ours(path, store_of(X, MINUTE), STEPS[-1])

    assert [rule.reason for rule in outcomes if rule.status != "ran"] == []
    expected = theirs(tmp_path, path, X, MINUTE, STEPS)
    assert alerts(outcomes, STEPS, MINUTE) == expected
    assert any(expected.values())


@pytest.mark.parametrize(
    "rules",
    [
        "{record: a, expr: sum without (pod) (x)}, {record: a, expr: 'x{job=\"a\"} * 2', labels: {job: z}}",
        "{record: c, expr: '(c or vector(0)) + 1'}, {record: d, expr: 'rate(c[5m])'}",
        "{record: b, expr: x > 2}, {record: c, expr: 'count_over_time(b[10m])'}, {alert: A, expr: c > 3, for: 2m}, "
        "{record: s, expr: ALERTS_FOR_STATE * 2}",
    ],
)
def test_recorded_series_have_the_same_samples(tmp_path, rules):
    path = tmp_path / "rules.yml"
    path.write_text("groups: [{name: g, rules: [" + rules + "]}]\n")
    store = store_of(X, MINUTE)
    ours(path, store, STEPS[-1])
    names = {dict(labels)["__name__"] for labels in store.labels()} - {"x", "up"}
    names |= {"ALERTS"} if "alert:" in rules else set()

    told = asked(tmp_path, path, X, MINUTE, [(name, time) for name in sorted(names - {"ALERTS"}) for time in STEPS])

    assert sum(map(len, told.values())) > 40
    for (name, time), samples in told.items():
        found = {}
        for labels in store.labels():
            if dict(labels)["__name__"] != name:
                continue
            times, values = store.series(labels)
            at = int(times.searchsorted(time, "right")) - 1
            if at >= 0 and time - times[at] < 5 * MINUTE and not is_stale(values[at : at + 1])[0]:
                found[labels] = values[at]
        assert found.keys() == samples.keys(), (name, time)
        assert list(found.values()) == pytest.approx([samples[labels] for labels in found], nan_ok=True)


def test_two_groups_see_what_was_there_in_their_order(tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text(
        "groups:\n"
        "- {name: a, rules: [{alert: A, expr: late > 6, for: 1m}, {record: early, expr: sum by (job) (x)}]}\n"
        "- {name: b, query_offset: 2m, rules: [{record: late, expr: early}, {alert: B, expr: early > 6}]}\n"
        "- {name: c, labels: {team: t}, rules: [{alert: C, expr: late > 6}, {record: deep, expr: late}]}\n"
    )

    outcomes = ours(path, store_of(X, MINUTE), STEPS[-1])

    told = asked(tmp_path, path, X, MINUTE, [("count(ALERTS) by (alertname, alertstate)", time) for time in STEPS])
    firing = alerts(outcomes, STEPS, MINUTE)
    for time in STEPS[:20]:  # promtool's rules of a group with an offset write their samples that much earlier
        here = {}
        for labels, state in firing[time]:
            if dict(labels)["alertname"] != "B":
                key = labels_of([("alertname", dict(labels)["alertname"]), ("alertstate", state)])
                here[key] = here.get(key, 0.0) + 1
        samples = told["count(ALERTS) by (alertname, alertstate)", time]
        there = {labels: value for labels, value in samples.items() if ("alertname", "B") not in labels}
        assert here == there, time


NUMBERS = st.one_of(st.none(), st.just("stale"), st.integers(0, 4).map(float))
DURATIONS = st.sampled_from(["0", "1m", "2m", "5m", "90s"])


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=st.lists(NUMBERS, min_size=12, max_size=12),
    second=st.lists(NUMBERS, min_size=12, max_size=12),
    hold=DURATIONS,
    keep=DURATIONS,
    backwards=st.booleans(),
)
def test_any_series_make_alerts_as_in_prometheus(tmp_path_factory, first, second, hold, keep, backwards):
    folder = tmp_path_factory.mktemp("any")
    path = folder / "rules.yml"
    rules = [
        "{record: r, expr: max by (job) (x)}",
        f"{{alert: A, expr: r > 1, for: {hold}, keep_firing_for: {keep}, labels: {{v: '{{{{ $value }}}}'}}}}",
        f"{{alert: B, expr: 'x > 2 or max by (job) (ALERTS{{alertstate=\"firing\"}})', for: {hold}}}",
    ]
    path.write_text(f"groups: [{{name: g, rules: [{', '.join(rules[::-1] if backwards else rules)}]}}]\n")
    series = {'x{job="a"}': first, 'x{job="b"}': second}
    times = STEPS[:16]

    outcomes = ours(path, store_of(series, MINUTE), times[-1])

    if any(outcome.failed for outcome in outcomes.values()):
        return  # promtool stops at a rule that fails
    assert alerts(outcomes, times, MINUTE) == theirs(folder, path, series, MINUTE, times)


def test_a_limit_that_is_passed_fails_the_rule_and_forgets_its_alerts(tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text("groups: [{name: g, limit: 2, rules: [{alert: A, expr: x > 2, for: 2m}]}]\n")
    series = {f'x{{pod="{pod}"}}': [3] * 4 + [3 * (pod < 3 or 0)] + [3 * (pod < 2)] * 5 for pod in (1, 2, 3)}
    series['x{pod="3"}'] = [0, 0, 0, 3, 0, 0, 0, 0, 0, 0]

    ((_, outcome),) = ours(path, store_of(series, MINUTE), 9 * MINUTE).items()

    assert outcome.failed == {3 * MINUTE: "exceeded limit of 2 with 3 alerts"}
    assert [(dict(life.labels)["pod"], life.active // MINUTE, life.fired) for life in outcome.firings] == [
        ("1", 0, 2 * MINUTE),
        ("2", 0, 2 * MINUTE),
        ("1", 4, 6 * MINUTE),
    ]


def test_equal_labels_of_two_series_fail_the_rule_only_there(tmp_path):
    path = tmp_path / "rules.yml"
    path.write_text("groups: [{name: g, rules: [{alert: A, expr: x > 2, labels: {pod: one}}]}]\n")
    series = {'x{pod="a"}': [3, 3, 3, 3], 'x{pod="b"}': [0, 3, 0, 0]}

    ((_, outcome),) = ours(path, store_of(series, MINUTE), 3 * MINUTE).items()

    assert [*outcome.failed] == [MINUTE]
    assert "same labelset" in outcome.failed[MINUTE]
    assert [(life.active, life.ended) for life in outcome.lives] == [(0, None)]


def test_a_run_in_chunks_is_the_same_as_one_at_once(tmp_path, monkeypatch):
    path = tmp_path / "rules.yml"
    path.write_text("groups: [{name: g, rules: [" + FILES["a chain"] + ", {record: b, expr: x > 2}]}]\n")
    whole, parts = store_of(X, MINUTE), store_of(X, MINUTE)
    expected = alerts(ours(path, whole, STEPS[-1]), STEPS, MINUTE)
    monkeypatch.setattr("simulator_prometheus.rules.engine._CHUNK", 4)

    assert alerts(ours(path, parts, STEPS[-1]), STEPS, MINUTE) == expected
    assert sorted(whole.labels()) == sorted(parts.labels())
    for labels in whole.labels():
        for one, other in zip(whole.series(labels), parts.series(labels), strict=True):
            np.testing.assert_array_equal(one.view(np.int64), other.view(np.int64))
