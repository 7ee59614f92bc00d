"""What expressions mean, in numbers that can be worked out by hand."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given

from simulator_prometheus.promql.errors import EvaluationError, PromQLError
from simulator_prometheus.promql.evaluate import Scalar, Vector, evaluate, evaluate_rule
from simulator_prometheus.promql.expressions import parsed
from simulator_prometheus.promql.nodes import Expression
from simulator_prometheus.promql.series import STALE, SeriesStore, labels_of
from tests.prometheus.promql.grammar import vectors
from tests.prometheus.promql.reference import HOUR, MINUTE, START, labelled, series

SECOND = 1000


def store_of(**given: dict[int, float]) -> SeriesStore:
    """Make series, each from its samples by second; ``up_a`` is up{of="a"}."""
    store = SeriesStore()
    for name, samples in given.items():
        metric, _, of = name.partition("_")
        times = np.array([*samples], np.int64) * SECOND
        store.add(labelled(metric, of=of), times, np.array([*samples.values()], float))
    return store


def at(text: str, store: SeriesStore, *seconds: float) -> dict[str, list[float | None]]:
    """Return the values at some seconds, None where there is none, by the label ``of``."""
    times = np.array([round(second * SECOND) for second in seconds], np.int64)
    value = evaluate(parsed(text), store, times)
    if isinstance(value, Scalar):
        return {"": value.values.tolist()}
    rows = zip(value.labels, value.values.tolist(), value.present.tolist(), strict=True)
    return {
        dict(labels).get("of", ""): [number if there else None for number, there in zip(numbers, present, strict=True)]
        for labels, numbers, present in rows
    }


def test_a_sample_is_good_for_five_minutes_not_counting_the_first_instant():
    assert at("up", store_of(up={100: 7.0}), 99, 100, 399.999, 400) == {"": [None, 7.0, 7.0, None]}


def test_a_stale_marker_ends_a_series_until_its_next_sample():
    store = store_of(up={0: 1.0, 60: STALE, 120: 2.0})

    assert at("up", store, 59, 60, 119, 120) == {"": [1.0, None, None, 2.0]}
    assert at("count_over_time(up[3m])", store, 120) == {"": [2.0]}


def test_a_window_is_open_on_its_left():
    store = store_of(up={0: 1.0, 60: 1.0, 120: 1.0})

    assert at("count_over_time(up[2m])", store, 120, 120.001, 119.999) == {"": [2.0, 2.0, 2.0]}
    assert at("count_over_time(up[60001ms])", store, 120) == {"": [2.0]}
    assert at("count_over_time(vector(1)[2m:1m])", store, 120, 130) == {"": [2.0, 2.0]}


def test_a_rate_counts_what_was_lost_in_resets_and_stretches_to_the_bounds():
    store = store_of(hits={30: 100.0, 60: 160.0, 90: 10.0, 120: 70.0})  # rose 60 + 10 + 60 in 90 s

    assert at("increase(hits[2m])", store, 120) == {"": [pytest.approx(130 * (90 + 30) / 90)]}
    assert at("rate(hits[2m])", store, 120) == {"": [pytest.approx(130 * (90 + 30) / 90 / 120)]}
    assert at("increase(hits[10m])", store, 150) == {"": [pytest.approx(130 * (90 + 15 + 30) / 90)]}
    assert at("irate(hits[1m])", store, 90) == {"": [pytest.approx(10 / 30)]}
    assert at("resets(hits[10m])", store, 120) == {"": [1.0]}
    assert at("rate(hits[30s])", store, 120) == {}


def test_a_counter_is_not_stretched_back_beyond_zero():
    store = store_of(hits={20: 1.0, 40: 21.0, 60: 41.0})

    assert at("increase(hits[1m])", store, 60) == {"": [pytest.approx(40 * (40 + 1) / 40)]}
    assert at("delta(hits[1m])", store, 60) == {"": [pytest.approx(40 * (40 + 20) / 40)]}


def test_sums_keep_what_rounding_would_lose():
    store = store_of(x_a={0: 1e100}, x_b={0: 1.0}, x_c={0: -1e100})

    assert at("sum(x)", store, 0) == {"": [1.0]}
    assert at("sum_over_time(x[1m])", store_of(x={0: 1e100, 1: 1.0, 2: -1e100}), 2) == {"": [1.0]}
    assert at("avg(x)", store_of(x_a={0: 1.5e308}, x_b={0: 1.7e308}), 0) == {"": [pytest.approx(1.6e308)]}


def test_nan_is_a_value_that_extremes_pass_over_and_sums_do_not():
    store = store_of(x_a={0: math.nan}, x_b={0: 2.0})

    assert at("max(x)", store, 0) == at("min(x)", store, 0) == {"": [2.0]}
    assert math.isnan(at("sum(x)", store, 0)[""][0])
    assert at("topk(1, x)", store, 0) == {"b": [2.0]}
    assert at("x == x", store, 0) == {"b": [2.0]}
    assert at("count(x)", store, 0) == {"": [2.0]}


def test_a_quantile_lies_between_the_bounds_of_its_bucket():
    store = SeriesStore()
    for bound, count in (("1", 10.0), ("2.0", 30.0), ("4", 30.0), ("+Inf", 40.0)):
        store.add(labelled("s_bucket", le=bound), np.array([0]), np.array([count]))

    quantiles = {wanted: at(f"histogram_quantile({wanted}, s_bucket)", store, 0)[""] for wanted in (0.125, 0.5, 0.99)}

    assert quantiles == {0.125: [0.5], 0.5: [1.5], 0.99: [4.0]}
    assert at("histogram_fraction(1, 3, s_bucket)", store, 0) == {"": [0.5]}


def test_a_bucket_with_less_than_the_one_below_counts_as_much_as_that():
    store = SeriesStore()
    for bound, count in (("1", 10.0), ("2", 8.0), ("3", 10.000000000001), ("+Inf", 20.0)):
        store.add(labelled("s_bucket", le=bound), np.array([0]), np.array([count]))

    assert at("histogram_quantile(0.5, s_bucket)", store, 0) == {"": [1.0]}
    assert at("histogram_quantile(0.75, s_bucket)", store, 0) == {"": [3.0]}


def test_a_comparison_filters_and_with_bool_it_says_so():
    store = store_of(x_a={0: 1.0}, x_b={0: 3.0})

    assert at("x > 2", store, 0) == at("2 < x", store, 0) == {"b": [3.0]}
    assert at("x > bool 2", store, 0) == {"a": [0.0], "b": [1.0]}


def test_series_that_cannot_be_told_apart_are_refused_at_the_steps_where_both_are():
    store = store_of(x_a={0: 1.0, 60: STALE}, x_b={30: 1.0}, y={0: 1.0})
    times = np.array([0, 30, 60]) * SECOND

    with pytest.raises(EvaluationError, match="many-to-many matching not allowed") as raised:
        evaluate(parsed("y + on() x"), store, times)

    assert raised.value.times.tolist() == [30_000]


def test_a_rule_fails_only_where_it_cannot_be_evaluated():
    store = store_of(x_a={0: 1.0, 60: STALE}, x_b={30: 2.0}, y={0: 1.0})

    vector, failures = evaluate_rule(
        parsed("sum_over_time((y + on() x)[15s:15s])"), store, np.array([0, 30, 60]) * SECOND
    )

    assert vector.present.tolist() == [[True, False, True]]
    assert vector.values[0, [0, 2]].tolist() == [2.0, 3.0]
    assert list(failures) == [30_000]
    assert "found duplicate series for the match group {} on the right hand-side" in failures[30_000]


def test_in_a_rule_every_step_starts_and_ends_the_query():
    store = store_of(x={0: 1.0, 60: 2.0})
    times = np.array([0, 60]) * SECOND

    assert at("x @ start() + x @ end()", store, 0, 60) == {"": [3.0, 3.0]}
    assert evaluate_rule(parsed("x @ start() + x @ end()"), store, times)[0].values.tolist() == [[2.0, 4.0]]


def test_in_a_rule_a_number_is_a_series_without_labels():
    vector, failures = evaluate_rule(parsed("time()"), SeriesStore(), np.array([0, 15_000]))

    assert (vector.labels, vector.values.tolist(), failures) == ([()], [[0.0, 15.0]], {})


@given(vectors())
def test_a_rule_gives_at_each_step_what_that_step_alone_gives(text: str):
    expression, store = parsed(text), SeriesStore()
    for labels, times, values in series():
        store.add(labels, times, values)
    steps = START + np.array([7, 11, 40]) * MINUTE

    vector, failures = evaluate_rule(expression, store, steps)

    for place, step in enumerate(steps.tolist()):
        assert numbers_at(vector, place) == pytest.approx(alone(expression, store, step), nan_ok=True)
    assert failures.keys() == {step for step in steps.tolist() if fails(expression, store, step)}


def alone(expression: Expression, store: SeriesStore, step: int) -> dict[object, float]:
    """Return what there is at one step, which is nothing if it fails."""
    with suppress(EvaluationError):
        return numbers_at(evaluate(expression, store, np.array([step])), 0)
    return {}


def fails(expression: Expression, store: SeriesStore, step: int) -> bool:
    try:
        evaluate(expression, store, np.array([step]))
    except EvaluationError:
        return True
    return False


def numbers_at(vector: Vector, place: int) -> dict[object, float]:
    return {
        labels: values[place]
        for labels, values, present in zip(vector.labels, vector.values.tolist(), vector.present, strict=True)
        if present[place]
    }


def test_many_steps_are_evaluated_in_parts_and_come_out_whole():
    store = SeriesStore()
    steps = np.arange(0, 5 * HOUR, 200)
    for number in range(60):  # 5.4 million cells
        store.add(labelled("x", of=str(number)), steps[::1000], np.arange(len(steps[::1000])) + number)

    found = evaluate(parsed("sum(x) + 0 * time()"), store, steps)

    assert isinstance(found, Vector)
    assert found.present.all()
    expected = 60 * np.repeat(np.arange(len(steps[::1000])), 1000)[: len(steps)] + sum(range(60))
    assert np.array_equal(found.values[0], expected)


def test_an_order_is_that_of_an_instant():
    store = store_of(x_a={0: 2.0}, x_b={0: math.nan}, x_c={0: 3.0}, x_d={0: 1.0})

    assert [*at("sort(x)", store, 0)] == ["d", "a", "c", "b"]
    assert [*at("sort_desc(x)", store, 0)] == ["c", "a", "d", "b"]
    assert [*at("topk(2, x)", store, 0)] == ["c", "a"]
    assert [*at("bottomk(2, x)", store, 0)] == ["d", "a"]


def test_a_range_or_a_text_is_no_answer():
    for text, kind in (("x[5m]", "range vector"), ("'x'", "string")):
        with pytest.raises(PromQLError, match=f'invalid expression type "{kind}"'):
            evaluate(parsed(text), SeriesStore(), np.array([0]))


def test_a_subquery_of_very_many_steps_is_refused():
    with pytest.raises(PromQLError, match="a subquery may have 1000000 steps"):
        evaluate(parsed("sum_over_time(vector(1)[1y:1s])"), SeriesStore(), np.array([START]))


def test_very_many_pairs_of_series_are_refused_as_the_several_for_one_that_they_are():
    store = SeriesStore()
    for number in range(3_000):
        store.add(labelled("x", of=str(number)), np.array([0]), np.array([1.0]))

    with pytest.raises(EvaluationError, match="found duplicate series for the match group"):
        evaluate(parsed("x * on() x"), store, np.arange(0, 200_000, 1000))


def test_an_answer_that_would_fill_the_memory_is_refused():
    store, steps = SeriesStore(), np.arange(0, 8_300_000, 1000)
    store.add(labelled("x"), steps, steps.astype(float))

    with pytest.raises(PromQLError, match="the answer would have 8300 series at 8300 steps"):
        evaluate(parsed("count_values('value', x)"), store, steps)


def test_no_steps_give_no_answer():
    store = store_of(x={0: 1.0})
    none = np.array([], np.int64)

    assert evaluate(parsed("x"), store, none) == Vector(
        [], pytest.approx(np.empty((0, 0))), pytest.approx(np.empty((0, 0)))
    )
    assert evaluate_rule(parsed("1"), store, none)[1] == {}


def test_what_is_absent_has_the_labels_that_were_asked_for():
    value = evaluate(parsed('absent(x{of="a",by="b",by="c",at=~"d"})'), SeriesStore(), np.array([0]))

    assert isinstance(value, Vector)
    assert value.labels == [labels_of([("of", "a")])]
