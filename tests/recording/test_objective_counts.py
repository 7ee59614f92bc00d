"""Objectives are counted while a run plays: the same whatever the windows, and as by hand."""

import dataclasses
import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.events.batch import Batch
from simulator.events.columns import Coded, Durations, Vocabulary
from simulator.events.event_types import EventType, Field
from simulator.playbook.loader import load_playbook
from simulator.playbook.planning.casting import cast_playbook
from simulator.playbook.planning.objectives import Objective
from simulator.plugin_manager import load_plugins
from simulator.recording.inputs import Inputs
from simulator.recording.manifest import read_manifest
from simulator.recording.objective_counts import ObjectiveCounts
from simulator.scoring.document import to_json
from simulator.scoring.windows import Goal
from simulator.timeline.arrivals import Span
from simulator.timeline.emission import Act, Emission
from simulator.usecases.judge import judge
from simulator.usecases.play import Manner, play

SECOND = 1_000_000_000
ASKED = EventType(
    "asked", "Somebody asked", (Field("of", "text"), Field("failed", "code"), Field("duration", "duration"))
)
NAPPED = EventType("napped", "Somebody slept", (Field("duration", "duration"),))
REFUSED = dataclasses.replace(ASKED, name="refused")
NAMES, FAILED = Vocabulary(["shop", "search"]), Vocabulary([0, 1])
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 60 * SECOND - 1), st.integers(0, 90 * SECOND), st.sampled_from([0, 1]), st.sampled_from([0, 1])
    ),
    max_size=40,
)
GOAL = Goal(0.9, 10 * SECOND, 1, 3600 * SECOND, SECOND)
PAY = Objective(
    "pay", "Pay", ("asked",), {"of": ("shop",)}, {"failed": (0,)}, "duration", 20 * SECOND, "duration", GOAL
)
SHOP = """\
name: shop
title: The checkout fails for a while
kind: incident
start: 2026-03-02T07:00:00Z
duration: 40m
world:
  domain: trial.example
  networks: {lan: 10.9.0.0/24}
  hosts: [{name: web1, os: linux, roles: [web]}]
  outsiders: [{name: "stranger-{n}", count: 5, country: NL}]
  witnesses: [{renderer: nginx.access, hosts: {role: web}}]
background:
  - event: http.request
    arrivals: {poisson: 2/s}
    with: {host: web1, source: stranger-1, path: {choice: [/, /checkout]}, status: 200}
storyline:
  - step: breakage
    title: Checkouts fail
    at: +10m
    for: 10m
    emissions:
      - event: http.request
        arrivals: {poisson: 1/s}
        with: {host: web1, source: stranger-2, path: /checkout, status: 503}
objectives:
  - objective: checkout
    title: People can check out
    of: {event: http.request, when: {path: /checkout}}
    good: {when: {status: 200}, faster: 5s}
    target: 99%
"""


def batch(events):
    events = sorted(events)
    times, durations, names, failed = (np.array(column, np.int64) for column in zip(*events, strict=True))
    return Batch(
        0,
        times,
        np.arange(len(events), dtype=np.uint64),
        {
            "of": Coded(names.astype(np.uint32), NAMES),
            "failed": Coded(failed.astype(np.uint32), FAILED),
            "duration": Durations(durations),
        },
    )


def counts(batches, folder=None, end=60 * SECOND, objective=PAY):
    span = Span(0, 60 * SECOND)
    emissions = [Emission(each.name, each, Act("background"), span, {}) for each in (ASKED, NAPPED, REFUSED)]
    counted = ObjectiveCounts([objective], emissions, span)
    counted.happened(batches)
    if folder:
        counted.write(folder, end)
    return counted.told(end)[0]


@given(events=EVENTS, cut=st.integers(0, 60 * SECOND))
def test_an_event_counts_once_it_is_over_and_is_good_if_all_holds(tmp_path_factory, events, cut):
    folder = tmp_path_factory.mktemp("run")
    pieces = [[each for each in events if each[0] < cut], [each for each in events if each[0] >= cut]]

    told = counts([batch(piece) for piece in pieces if piece], folder)

    wanted = {}
    for time, duration, name, failed in events:
        if name == 0 and time + duration < 60 * SECOND:
            place = wanted.setdefault((time + duration) // SECOND * SECOND, [0, 0])
            place[0] += 1
            place[1] += failed == 1 or duration >= 20 * SECOND
    table = pq.read_table(folder / "objectives.parquet").to_pydict()
    found = dict(zip(table["bin"], zip(table["events"], table["bad"], strict=True), strict=True))
    assert found == {at: tuple(each) for at, each in wanted.items()}
    assert table["bin"] == sorted(table["bin"])
    assert (told["events"], told["bad"]) == tuple(map(sum, zip(*wanted.values(), strict=True))) or not wanted


def test_events_of_other_types_do_not_count():
    nap = Batch(1, np.array([5]), np.array([0], np.uint64), {"duration": Durations(np.array([7]))})

    assert counts([nap])["events"] == 0


def test_events_of_several_types_count_together():
    refused = dataclasses.replace(PAY, events=("asked", "refused"))
    asked, turned_away = [(0, 0, 0, 0)] * 3, [(2 * SECOND, 0, 0, 1), (2 * SECOND, 0, 1, 1)]

    told = counts([batch(asked), dataclasses.replace(batch(turned_away), emission=2)], objective=refused)

    assert (told["events"], told["bad"]) == (4, 1)


def test_a_value_that_no_event_had_is_said_with_the_nearest():
    wrong = dataclasses.replace(PAY, of={"of": ("shpo",)})

    told = counts([batch([(0, 0, 0, 0)])], objective=wrong)

    assert told["unseen"] == "no asked had the of shpo; did you mean 'shop'?"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Play the shop in windows of a length, into a folder of its own."""
    plugins = load_plugins()

    def played(window=None, text=SHOP):
        folder = tmp_path_factory.mktemp("shop")
        path = folder / "shop.yaml"
        path.write_text(text)
        casting = cast_playbook(load_playbook(path, plugins), 1)
        return play(casting, Inputs("0", 1, {}, {"shop": text}), plugins, folder / "run", manner=Manner(window=window))

    return played


def test_counts_do_not_depend_on_the_windows_that_a_run_is_played_in(played):
    runs = [played(window).folder for window in (None, 7 * SECOND, 3600 * SECOND)]

    for name in ("objectives.parquet", "truth.json"):
        assert len({(folder / name).read_bytes() for folder in runs}) == 1


def test_a_run_says_who_suffered_and_says_it_again_when_it_is_scored_again(played):
    run = played()

    (told,) = json.loads((run.folder / "truth.json").read_bytes())["objectives"]
    (impact,) = run.scorecard.steps[0].impacts
    start = run.scorecard.start
    assert 10 * 60 <= (told["violated"] - start) / SECOND <= 11 * 60
    assert (impact.violated, impact.recovered) == (told["violated"], told["recovered"])
    assert 500 < impact.burnt.bad < 700  # one a second, for ten minutes
    assert to_json(judge(read_manifest(run.folder), load_plugins())) == to_json(run.scorecard)
    assert "objectives.parquet" in read_manifest(run.folder).values["files"]


def test_a_run_without_objectives_has_no_file_of_them(played):
    run = played(text=SHOP[: SHOP.index("objectives:")])

    assert not (run.folder / "objectives.parquet").exists()
    assert run.scorecard.objectives == ()
