from __future__ import annotations

import numpy as np
import pytest

from simulator.quantities import SECOND, duration, rate
from simulator.timeline import arrivals
from tests.timeline.jig import plan_of, played, root, times_of

HOUR = 3_600 * SECOND
MINUTE = 60 * SECOND


@pytest.fixture
def play(world, day, visit):
    def play_process(process, span=day, **more):
        rows = played(plan_of(world, span, root(visit, "e", process, span, **more), seed=more.get("seed", 7)))
        return times_of(rows, "e") - span.start

    return play_process


def test_once_happens_once_at_the_start(play):
    assert play(arrivals.Once()).tolist() == [0]


def test_offsets_happen_when_they_say(play):
    assert play(arrivals.Offsets((duration("5m"), duration("1s")))).tolist() == [SECOND, 5 * MINUTE]


def test_a_poisson_process_has_its_rate_and_exponential_gaps(play):
    times = play(arrivals.Poisson(rate("2000/h")))

    assert len(times) == pytest.approx(48_000, rel=0.02)
    gaps = np.diff(times) / SECOND
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.03)
    # Kolmogorov-Smirnov against Exp(1) after rescaling; 1.63/sqrt(n) is the 1 % bound
    ranks = np.arange(1, len(gaps) + 1) / len(gaps)
    assert np.abs(np.sort(1 - np.exp(-gaps / 1.8)) - ranks).max() < 1.63 / np.sqrt(len(gaps)) + 0.005


def test_a_profile_follows_the_day_and_keeps_its_mean(play):
    times = play(arrivals.Profile(rate("2000/h"), "office"))

    hours = np.bincount(times // HOUR, minlength=24)
    shape = np.array(arrivals.OFFICE)
    assert np.corrcoef(hours, shape)[0, 1] > 0.95
    assert len(times) == pytest.approx(48_000 * 1.1, rel=0.03)  # a Monday has weight 1.1


def test_a_weekend_is_quiet_in_an_office(world, monday, visit):
    week = arrivals.Span(monday, monday + 7 * 24 * HOUR)
    rows = played(plan_of(world, week, root(visit, "e", arrivals.Profile(rate("100/h"), "office"), week)))
    days = np.bincount((times_of(rows, "e") - monday) // (24 * HOUR), minlength=7)

    assert days[5] + days[6] < 0.3 * days[0]


def test_the_noise_of_days_is_the_same_in_every_cell_of_a_day(play):
    calm, noisy = (play(arrivals.Profile(rate("2000/h"), "web", noise=noise)) for noise in (0.0, 0.5))

    assert len(noisy) != len(calm)
    ratio = np.bincount(noisy // (6 * HOUR)) / np.bincount(calm // (6 * HOUR))
    assert ratio.max() / ratio.min() < 1.15


def test_a_ramp_rises_evenly(play):
    times = play(arrivals.Ramp(rate("0/h"), rate("4000/h")))

    quarters = np.bincount(times // (6 * HOUR), minlength=4)
    assert quarters / quarters.sum() == pytest.approx(np.array([1, 3, 5, 7]) / 16, abs=0.01)


def test_steps_jump_when_they_say(play):
    steps = (arrivals.Step(duration("6h"), rate("1000/h")), arrivals.Step(duration("12h"), rate("0/h")))
    times = play(arrivals.Steps(steps))

    assert len(times) == pytest.approx(6_000, rel=0.06)
    assert times.min() >= 6 * HOUR
    assert times.max() < 12 * HOUR


def test_a_learned_profile_has_the_counted_hours(play):
    hours = [0.0] * 168
    hours[9], hours[15] = 30.0, 10.0
    times = play(arrivals.Learned(rate("100/h"), tuple(hours)))

    counted = np.bincount(times // HOUR, minlength=24)
    assert counted.sum() == counted[9] + counted[15] > 10_000
    assert counted[9] / counted[15] == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize("shape", ["even", "random", "front", "back"])
def test_a_burst_has_exactly_its_count_within_its_time(play, shape):
    times = play(arrivals.Burst(50_000, duration("2h"), shape))

    assert len(times) == 50_000
    assert 0 <= times.min() <= times.max() <= 2 * HOUR
    late = (times > HOUR).mean()
    assert late == pytest.approx({"front": 0.25, "back": 0.75}.get(shape, 0.5), abs=0.01)


def test_a_beat_keeps_its_period_is_late_at_most_by_its_jitter_and_sometimes_misses(play):
    times = play(arrivals.Every(duration("10s"), duration("1s"), misses=0.1, phase=duration("3s")))

    assert len(times) == pytest.approx(8_640 * 0.9, rel=0.03)
    late = (times - 3 * SECOND) % (10 * SECOND)
    assert late.max() <= SECOND


def test_each_member_beats_at_a_phase_of_its_own(world, day, visit):
    emission = root(visit, "e", arrivals.Every(duration("1h")), day, members=("host", world.hosts))
    times = times_of(played(plan_of(world, day, emission)), "e")

    assert len(times) == pytest.approx(24 * len(world.hosts), abs=len(world.hosts))
    assert len(np.unique((times - day.start) % HOUR)) == len(world.hosts)


def test_nothing_happens_at_or_after_the_end_of_the_span(play, monday):
    short = arrivals.Span(monday, monday + 10 * MINUTE)

    for process in (
        arrivals.Every(duration("7s"), duration("20s")),
        arrivals.Poisson(rate("10000/h")),
        arrivals.Burst(1000, duration("1h")),
    ):
        assert play(process, short).max() < 10 * MINUTE
