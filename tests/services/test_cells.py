"""Cells: what begins in one depends on it alone; and graphs nobody thought of hold together too."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.chance import Streams
from tests.services.test_walk import assert_contained
from tests.services.worlds import MINUTE, SECOND, SHOP, START, Played, effect


def test_a_cell_is_the_same_whether_or_not_those_before_it_were_played():
    whole, alone = (Played(SHOP, length=20 * MINUTE) for _ in range(2))
    length = whole.behaviour.cell_length
    assert 2 * length < 20 * MINUTE

    first, *_ = [
        list(whole.behaviour.happened(START + cell * length, START + (cell + 1) * length, Streams(7, "services", cell)))
        for cell in (1, 0)
    ]
    again = list(alone.behaviour.happened(START + length, START + 2 * length, Streams(7, "services", 1)))

    for one, other in zip(first, again, strict=True):
        assert (one.times == other.times).all()
        for name, column in one.columns.items():
            values = column.codes if hasattr(column, "codes") else column.values
            others = other.columns[name]
            assert (values == (others.codes if hasattr(others, "codes") else others.values)).all(), name


def test_times_ascend_and_nothing_comes_before_its_cell_or_after_its_reach():
    played = Played(SHOP, [effect("dependency_timeout", "{service: payments}")], length=10 * MINUTE)
    length = played.behaviour.cell_length

    for cell in range(2):
        low, high = START + cell * length, START + (cell + 1) * length
        for happened in played.behaviour.happened(low, high, Streams(7, "services", cell)):
            assert (np.diff(happened.times) >= 0).all()
            assert happened.times[0] >= low
            assert happened.times[-1] <= high + played.behaviour.reach


def test_about_as_many_events_happen_as_are_expected():
    played = Played(SHOP, length=10 * MINUTE)

    happened = sum(len(each.times) for each in played.happened())
    assert 0.9 < happened / played.behaviour.expected < 1.1


@st.composite
def graphs(draw) -> str:
    """Draw a graph of up to seven services in one or two regions: those who come first call those who come later."""
    services = []
    names = [f"s{number}" for number in range(draw(st.integers(2, 5)))]
    for number, name in enumerate(names):
        calls = [draw(_calls(callee)) for callee in draw(st.lists(st.sampled_from(names[number + 1 :]), max_size=3))] if names[number + 1 :] else []  # fmt: skip  # noqa: E501
        calls += draw(st.lists(st.sampled_from(["db SELECT x", "{publish: mail}", _MISSED]), max_size=2))
        protocol = draw(st.sampled_from(["http", "grpc"]))
        services.append(
            f"  {name}: {{protocol: {protocol}, routes: {{GET /: {{p50: 3ms, calls: [{', '.join(calls)}]}}}}}}"
        )
    services.append("  db: {kind: database}\n  cache: {kind: cache, keys: 100}\n  mail: {kind: queue}")
    services.append("  mailer: {routes: {process mail: {calls: [db INSERT y]}}}")
    regions = draw(st.sampled_from(["{main: {}}", "{eu: {share: 2}, us: {}}"]))
    traffic = "[{to: s0 GET /, retries: 1, arrivals: {poisson: {rate: 10/s}}}]"
    return f"regions: {regions}\nservices:\n" + "\n".join(services) + f"\ntraffic: {traffic}\n"


_MISSED = "{call: cache GET x, on_miss: [db SELECT x]}"


def _calls(callee: str) -> st.SearchStrategy[str]:
    plain = f"{callee} GET /"
    timeout, retries = st.sampled_from(["5ms", "50ms", "2s"]), st.integers(0, 3)
    call = st.builds("{{call: {} GET /, timeout: {}, retries: {}}}".format, st.just(callee), timeout, retries)
    return st.one_of(st.just(plain), call, call.map("{{together: [db SELECT z, {}]}}".format))


_HARM = st.sampled_from(
    [
        ("latency", "{service: db, factor: 300}"),
        ("errors", "{service: s1, rate: 60%}"),
        ("capacity", "{service: s1, factor: 0}"),
        ("packet_loss", "{service: s1, loss: 30%}"),
        ("instance_death", "{service: s1, share: 100%}"),
        ("retry_storm", "{service: s1, attempts: 6}"),
        ("dependency_timeout", "{service: db, rate: 50%}"),
        ("cache_hit_rate", "{service: cache}"),
        ("memory_leak", "{service: s1, per_hour: 100GiB}"),
        ("certificate_expiry", "{service: s0}"),
    ]
)


@settings(max_examples=20)
@given(graphs(), st.lists(_HARM, max_size=2))
def test_every_trace_of_any_graph_holds_together_whatever_is_wrong(text, harm):
    effects = [effect(name, said, 5 * SECOND, 20 * SECOND, act=act) for act, (name, said) in enumerate(harm, 1)]

    assert_contained(Played(text, effects, length=30 * SECOND).rows())
