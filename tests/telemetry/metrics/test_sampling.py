"""Metrics agree with the events they come from, whatever the windows they are played in."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import UsageError
from simulator.telemetry.metrics.metric import Measure, Metric, Sampling
from simulator.world.model import Delay
from tests.telemetry.metrics import jig
from tests.telemetry.metrics.jig import (
    HOSTS,
    SECOND,
    START,
    measured,
    played,
    recorder,
    requests,
    samples,
    started,
    stopped,
)
from tests.telemetry.metrics.oracle import expected

SAMPLING = Sampling(
    target="'service' in host.attributes",
    started="thing.started",
    stopped="thing.stopped",
    gone="reason == 'ScaledDown'",
    own=jig.OWN,
)  # fmt: skip


def busy_hour(seed: int = 1, rows: int = 4000) -> list:
    draw = np.random.Generator(np.random.Philox(seed))
    times = np.sort(draw.uniform(0, 600, rows))
    hosts = [HOSTS[place] for place in draw.integers(0, 4, rows)]
    routes = ["/", "/cart", "/pay"]
    asked = requests(
        times, hosts,
        routes=[routes[place] for place in draw.integers(0, 3, rows)],
        statuses=[(200, 500)[place] for place in draw.integers(0, 2, rows)],
        durations=draw.lognormal(-2, 1.5, rows),
        sizes=draw.integers(10, 10_000, rows),
    )  # fmt: skip
    looked = measured(np.arange(0, 600, 5.0), HOSTS, draw.integers(10**6, 10**9, 120))
    restarts = [started([200.0, 200.1, 431.5], HOSTS[0]), stopped([199.0, 400.0], HOSTS[0]), started([333.3], HOSTS[1])]
    return [asked, looked, *restarts, stopped([100.0], HOSTS[2]), stopped([500.0], HOSTS[3], "ScaledDown", emission=4)]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_sample_is_what_the_events_until_then_come_to(seed):
    happened = busy_hour(seed, 600)
    found = samples(played(recorder(SAMPLING), happened, 600))
    moments = {host.name: [time for time, _ in found[f"up/{{}}@{host.name}"]] for host in HOSTS}
    sampled = {(series, round(time, 3)): value for series, each in found.items() for time, value in each}
    wanted = {
        (series, round(moment, 3)): value
        for host in HOSTS
        for moment in moments[host.name]
        for metric in jig.METRICS
        for series, value in expected(happened, metric, host, START + round(moment * SECOND)).items()
    }

    assert {key: value for key, value in sampled.items() if "things" in key[0]} == wanted


def test_targets_are_sampled_each_interval_at_a_moment_of_their_own():
    found = samples(played(recorder(SAMPLING, hosts=[*HOSTS, jig.DESK]), [], 300))
    phases = {series: round(each[0][0] % 15, 3) for series, each in found.items() if series.startswith("up")}

    assert sorted(phases) == [f"up/{{}}@{host.name}" for host in HOSTS]
    assert len(set(phases.values())) == 4
    assert all(0 < phase < 15 for phase in phases.values())
    for series, each in found.items():
        assert np.allclose(np.diff([time for time, _ in each]), 15)
        assert len(each) == 20, series


@pytest.mark.parametrize("window", [0.001 * 7919, 15, 61.7, 599.9999])
@pytest.mark.parametrize("shape", ["numbers", "histograms"])
def test_windows_change_nothing(window, shape):
    sampling, happened = replace(SAMPLING, shape=shape, stale=shape == "numbers"), busy_hour()
    whole = played(recorder(sampling, delay=Delay(SECOND, 4 * SECOND)), happened, 600)
    parts = played(recorder(sampling, delay=Delay(SECOND, 4 * SECOND)), happened, 600, window)

    assert jig.text(parts) == jig.text(whole)
    for name in ("ids", "times", "delivered"):
        one, other = (np.concatenate([getattr(each, name) for each in found]) for found in (whole, parts))
        assert (one == other).all()
        assert name != "ids" or (len(np.unique(one)) == len(one) and (np.diff(one) > 0).all())


@pytest.mark.parametrize("backend", ["python", "pyarrow"])
def test_backends_write_the_same(backend):
    happened = busy_hour(3, 500)

    assert jig.text(played(recorder(SAMPLING, backend=backend), happened, 600)) == jig.text(
        played(recorder(SAMPLING), happened, 600)
    )


def test_small_stretches_give_what_one_large_one_does(monkeypatch):
    whole = jig.text(played(recorder(SAMPLING), busy_hour(), 600))
    monkeypatch.setattr("simulator.telemetry.metrics.recorder._MOST_CELLS", 500)

    assert jig.text(played(recorder(SAMPLING), busy_hour(), 600)) == whole


def test_whole_histograms_agree_with_their_parts():
    happened = busy_hour()
    parts = samples(played(recorder(SAMPLING), happened, 600))
    whole = jig.text(played(recorder(replace(SAMPLING, shape="histograms")), happened, 600)).splitlines()
    histograms = [line.split(" ")[2:] for line in whole if "things.duration" in line]
    counts = [value for _, value in parts["things.duration/count{route=/}@thing-2"]]
    mine = [rest for name, *rest in histograms if name == "things.duration/{route=/}@thing-2"]

    assert [int(count) for count, _, _ in mine] == counts
    for count, _, buckets in mine:
        assert sum(map(int, buckets.split("/"))) == int(count)
        assert len(buckets.split("/")) == 4


def test_counters_only_rise_and_begin_again_with_their_target():
    found = samples(played(recorder(SAMPLING), busy_hour(), 600))
    for series, each in found.items():
        if not series.startswith(("things.asked", "things.sent", "things.duration")):
            continue
        times, values = zip(*each, strict=True)
        falls = [times[place] for place in range(1, len(each)) if values[place] < values[place - 1]]
        expected_falls = {"thing-1": 2, "thing-2": 1}.get(series.rpartition("@")[2], 0)
        assert len(falls) <= expected_falls, series
        assert all(200 <= fall <= 200 + 30 or 333 <= fall <= 333 + 30 or 431 <= fall <= 431 + 30 for fall in falls)
    assert any(value < before for _, each in found.items() for (_, before), (_, value) in pairwise(each))


def test_a_stopped_target_is_seen_to_be_down_and_says_nothing_until_it_starts():
    found = samples(played(recorder(SAMPLING), busy_hour(), 600))
    up = {name: [value for _, value in found[f"up/{{}}@{name}"]] for name in ("thing-1", "thing-3", "thing-4")}
    quiet = [
        time for series, each in found.items() if series.endswith("@thing-3") and "up" not in series for time, _ in each
    ]

    assert set(up["thing-3"]) == {0, 1}
    assert sorted(up["thing-3"], reverse=True) == up["thing-3"]
    assert max(quiet) <= 100
    assert set(up["thing-4"]) == {1}  # scaled down: nobody looks for it any more
    assert max(time for time, _ in found["up/{}@thing-4"]) <= 500
    assert [value for value in up["thing-1"] if not value] == [0, 0]


def test_a_target_on_standby_is_none_before_its_first_start():
    happened = [started([100.0], jig.STANDBY), requests([50.0, 99.99, 120.0, 130.0], [jig.STANDBY])]
    found = samples(played(recorder(SAMPLING, hosts=[*HOSTS, jig.STANDBY]), happened, 300))
    up, asked = found["up/{}@thing-9"], found["things.asked/{code=200,route=/}@thing-9"]

    assert min(time for time, _ in up) >= 100
    assert {value for _, value in up} == {1}
    assert asked[-1][1] == 2


def test_a_request_that_was_under_way_when_its_instance_started_anew_never_ends():
    happened = [requests([10.0, 40.0], HOSTS[:1], durations=[5.0, 10.0]), started([45.0], HOSTS[0])]
    found = samples(played(recorder(SAMPLING), happened, 120))

    assert [value for _, value in found["things.asked/{code=200,route=/}@thing-1"]] == [1, 1]
    assert {value for time, value in found["things.busy/{}@thing-1"] if time > 45} == set()


def test_a_series_that_ends_is_marked_once():
    sampling = replace(SAMPLING, stale=True)
    found = samples(played(recorder(sampling), busy_hour(), 600, 13.3))
    memory = [(time, value) for time, value in found["things.memory/{}@thing-3"] if value != value]  # noqa: PLR0124

    assert len(memory) == 1
    assert 100 <= memory[0][0] < 116
    assert found["up/{}@thing-4"][-1][1] != found["up/{}@thing-4"][-1][1]
    assert found["up/{}@thing-3"][-1][1] == 0


def test_the_sampling_counts_what_it_sampled():
    rendered = played(recorder(SAMPLING), busy_hour(), 600)
    found = samples(rendered)
    for host in HOSTS:
        per_moment: dict[float, int] = {}
        for series, each in found.items():
            if series.endswith(f"@{host.name}") and series.startswith("things"):
                for time, _ in each:
                    per_moment[time] = per_moment.get(time, 0) + 1
        assert dict(found[f"samples/{{}}@{host.name}"]) == {
            time: per_moment.get(time, 0) for time, _ in found[f"samples/{{}}@{host.name}"]
        }
        assert all(0.0009 < value < 1 for _, value in found[f"took/{{}}@{host.name}"])


def test_what_is_sampled_at_once_arrives_at_once():
    rendered = played(recorder(SAMPLING, delay=Delay(SECOND, 4 * SECOND)), busy_hour(), 600)
    late: dict[int, set[int]] = {}
    for each in rendered:
        for time, delivered in zip(each.times.tolist(), each.delivered.tolist(), strict=True):
            late.setdefault(time, set()).add(delivered - time)

    assert all(len(delays) == 1 for delays in late.values())
    assert len({delay for delays in late.values() for delay in delays}) > 10


@given(st.lists(st.tuples(st.floats(0, 90), st.floats(0, 40)), max_size=12), st.lists(st.floats(0, 90), max_size=4))
@settings(max_examples=40, deadline=None)
def test_restarts_anywhere_lose_exactly_what_was_before_them(asked, starts):
    asked, host = sorted(asked), HOSTS[0]
    happened = [
        requests([at for at, _ in asked], [host], durations=[lasts for _, lasts in asked] or [0.0]),
        started(sorted(starts), host),
    ]
    found = samples(played(recorder(SAMPLING), happened, 150, 40.0))
    for time, _ in found["up/{}@thing-1"]:
        moment = START + round(time * SECOND)
        for metric in (jig.REQUESTS, jig.TOOK, jig.BUSY):
            for series, value in expected(happened, metric, host, moment).items():
                assert dict(found[series])[time] == value, (series, time)


def test_labels_with_too_many_values_are_refused_in_one_sentence():
    happened = [requests([1.0] * 300, HOSTS, routes=[f"/{number}" for number in range(300)])]

    with pytest.raises(
        UsageError, match=r"^metric 'things.asked': its label 'route' has more than 200 values, of them '/"
    ):
        played(recorder(SAMPLING), happened, 60)


def test_too_many_series_are_refused_in_one_sentence():
    happened = [requests([1.0] * 120, HOSTS, routes=[f"/{number}" for number in range(30)])]

    with pytest.raises(UsageError, match=r"'things.duration' with route '/12' on 'thing-3' makes more than 100 series"):
        played(recorder(replace(SAMPLING, most_series=100)), happened, 60)


@pytest.mark.parametrize(
    ("measure", "complaint"),
    [
        (Measure("thing.asked", "bytes / 2"), "is no whole number of the fields of thing.asked"),
        (Measure("thing.asked", "byte"), "is no whole number"),
        (Measure("thing.asked", "bytes +"), "is no expression"),
        (Measure("thing.asked", labels={"a": "rout"}), "rout"),
        (Measure("thing.asked", when="stat == 1"), "stat"),
        (Measure("thing.asked", lasts="length"), "has no length"),
    ],
)
def test_measures_of_what_an_event_has_not_are_refused(measure, complaint):
    with pytest.raises(UsageError, match=complaint):
        played(recorder(SAMPLING, metrics=[Metric("m", "counter", "M.", (measure,))]), busy_hour(), 60)


def test_values_may_be_reckoned_and_conditions_and_labels_be_expressions():
    metric = Metric(
        "m", "counter", "M.",
        (Measure("thing.asked", "bytes * 2 - 1", {"class": "status // 100 ~ 'xx'", "none": "''"}, "route == '/'"),),
        per=1000,
    )  # fmt: skip
    asked = requests([1, 2, 3], HOSTS[:1], routes=["/", "/no", "/"], statuses=[200, 200, 503], sizes=[500, 7, 250])
    found = samples(played(recorder(SAMPLING, metrics=[metric]), [asked], 30))

    assert found["m/{class=2xx}@thing-1"][-1][1] == 0.999
    assert found["m/{class=5xx}@thing-1"][-1][1] == 0.499
