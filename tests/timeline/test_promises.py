"""The promises of the timeline (DESIGN, section 5)."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.quantities import SECOND, duration, rate
from simulator.timeline import arrivals
from simulator.timeline import field_generators as generators
from simulator.timeline.distributions import Constant, Exponential, LogNormal, Uniform
from simulator.timeline.emission import Excite, FollowUp, Repeat
from simulator.timeline.engine import Timeline
from tests.timeline.jig import follow_up, of_path, plan_of, played, root

HOUR = 3_600 * SECOND


@pytest.fixture
def plan(world, day, visit):
    errors = FollowUp(
        LogNormal(2 * SECOND, 60 * SECOND), 0.5, {"status": (404, 500)}, Repeat(Uniform(1, 4), Exponential(5 * SECOND))
    )
    bursts = FollowUp(Exponential(SECOND), 0.1, excite=Excite(0.5, 10 * SECOND))
    child = follow_up(
        visit,
        "background/web/retry",
        errors,
        day,
        children=(follow_up(visit, "background/web/retry/burst", bursts, day),),
    )
    return plan_of(
        world,
        day,
        root(visit, "background/web", arrivals.Profile(rate("400/h"), "web", noise=0.2), day, children=(child,)),
        root(visit, "background/jobs", arrivals.Every(duration("10m"), duration("20s"), 0.05, 0.05), day),
        root(visit, "storyline/burst", arrivals.Burst(700, duration("2h"), "front"), day),
    )


def test_the_length_of_windows_changes_no_event(plan):
    whole = played(plan, 24 * HOUR)

    assert len(whole) > 10_000
    for window in (HOUR, 7 * 60 * SECOND + 13, 24 * HOUR + 1, 60 * SECOND):
        assert played(plan, window) == whole


def test_the_same_seed_gives_the_same_events_and_another_seed_others(plan, world, day):
    again, other = played(plan), played(plan_of(world, day, *plan.roots, seed=2))

    assert again == played(plan)
    assert [row[1] for row in other] != [row[1] for row in again]


def test_adding_an_emission_moves_no_event_of_the_others(plan, world, day, visit):
    before = played(plan)
    newcomer = root(visit, "background/newcomer", arrivals.Poisson(rate("100/h")), day)

    after = played(plan_of(world, day, newcomer, *plan.roots))

    for emission in plan.emissions():
        assert of_path(after, emission.path) == of_path(before, emission.path)


def test_another_generator_for_one_field_leaves_the_other_fields_alone(plan, world, day, visit):
    usual = root(visit, "background/web", arrivals.Poisson(rate("400/h")), day)
    changed = root(visit, "background/web", arrivals.Poisson(rate("400/h")), day, fields={"size": generators.Value(1)})
    size = 1 + [field.name for field in visit.fields].index("size")

    before, after = (of_path(played(plan_of(world, day, each)), "background/web") for each in (usual, changed))

    assert [row[:size] + row[size + 1 :] for row in before] == [row[:size] + row[size + 1 :] for row in after]


def test_events_come_in_the_order_of_time_emission_and_serial(plan):
    for window in Timeline(plan).windows(HOUR):
        numbers = [batch.emission for batch in window.batches]
        assert numbers == sorted(set(numbers))
        for batch in window.batches:
            order = np.lexsort((batch.ids, batch.times))
            assert (order == np.arange(len(batch))).all()


def test_event_ids_are_unique_and_do_not_depend_on_windows(plan):
    rows = played(plan, 5 * 60 * SECOND)

    assert len({row[2] for row in rows}) == len(rows)


def test_no_effect_precedes_its_cause_and_each_keeps_its_bindings(world, day, visit):
    parent = root(
        visit,
        "p",
        arrivals.Poisson(rate("500/h")),
        day,
        children=(
            follow_up(
                visit, "p/c", FollowUp(Exponential(30 * SECOND), repeat=Repeat(Constant(3), Constant(SECOND))), day
            ),
        ),
    )

    rows = played(plan_of(world, day, parent))

    began = {row[-1]: row for row in of_path(rows, "p")}  # the session's id
    followers = of_path(rows, "p/c")
    assert len(followers) > 3 * 0.9 * len(began)
    for row in followers:
        cause = began[row[-1]]
        assert row[0] >= cause[0]
        assert row[1:4] == cause[1:4]


def test_a_response_cuts_what_it_stops_and_moves_nothing_else(plan, world, day):
    cut = day.start + 12 * HOUR
    web = plan.roots[0]
    stopped = type(web)(**{name: getattr(web, name) for name in web.__slots__} | {"cut": cut})

    before = played(plan)
    after = played(plan_of(world, day, stopped, *plan.roots[1:]))

    assert of_path(after, "background/web") == [row for row in of_path(before, "background/web") if row[0] < cut]
    assert of_path(after, "background/jobs") == of_path(before, "background/jobs")
    sessions = {row[-1] for row in of_path(after, "background/web")}
    kept = [row for row in of_path(before, "background/web/retry") if row[-1] in sessions]
    assert of_path(after, "background/web/retry") == kept


def test_self_excited_events_come_in_clusters_of_the_expected_size(world, day, visit):
    sparks = root(
        visit,
        "spark",
        arrivals.Poisson(rate("300/h")),
        day,
        children=(follow_up(visit, "spark/all", FollowUp(excite=Excite(0.5, SECOND)), day),),
    )

    rows = played(plan_of(world, day, sparks))

    assert len(of_path(rows, "spark/all")) / len(of_path(rows, "spark")) == pytest.approx(2.0, rel=0.1)


def test_a_stretch_of_a_year_is_the_same_when_nothing_before_it_is_played(world, monday, visit):
    year = arrivals.Span(monday, monday + 365 * 24 * HOUR)
    process = arrivals.Profile(rate("2000/h"), "office", noise=0.15)
    plan = plan_of(world, year, root(visit, "y", process, year))
    start = monday + 200 * 24 * HOUR

    jumped = list(Timeline(plan).windows(6 * HOUR, start=start, end=start + 24 * HOUR))
    whole = [window for window in Timeline(plan).windows(6 * HOUR) if start <= window.start < start + 24 * HOUR]

    assert [w.start for w in jumped] == [w.start for w in whole]
    for mine, other in zip(jumped, whole, strict=True):
        assert mine.events > 0
        assert (mine.batches[0].times == other.batches[0].times).all()
        assert (mine.batches[0].ids == other.batches[0].ids).all()


def test_memory_holds_cells_and_what_is_still_to_come_not_the_run(world, monday, visit):
    week = arrivals.Span(monday, monday + 7 * 24 * HOUR)
    emission = root(visit, "w", arrivals.Poisson(rate("20000/h")), week)

    held = [
        sum(len(batch) for batch in window.batches) for window in Timeline(plan_of(world, week, emission)).windows()
    ]

    assert sum(held) > 3_000_000
    assert max(held) < 100_000
