"""Systems on the timeline: a small one of our own, from the playbook's text to events and truth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest

from simulator import (
    NOWHERE,
    Coded,
    Complaints,
    Durations,
    Effect,
    EventType,
    Field,
    Happened,
    Help,
    HostGroup,
    Nanoseconds,
    Outlet,
    Place,
    Renderer,
    Setting,
    Streams,
    Touched,
    Word,
    hookimpl,
)
from simulator.errors import PlaybookError
from simulator.playbook.loader import load_playbook
from simulator.playbook.planning.casting import cast_playbook
from simulator.playbook.planning.responses import load_responses
from simulator.plugin_manager import load_plugins
from simulator.recording.inputs import Inputs
from simulator.timeline.engine import Timeline
from simulator.usecases.play import play

SECOND = 1_000_000_000
RIDE = EventType(
    "lift.ridden",
    "Somebody took a lift",
    (Field("host", "host", required=True), Field("to", "text"), Field("duration", "duration")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifts:
    """The lifts of a house."""

    noun: ClassVar[str] = "a house's lifts"
    lifts: tuple[Word, ...]
    every: Annotated[Nanoseconds, Help("somebody rides")] = Nanoseconds(10 * SECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """Makes a lift slow."""

    noun: ClassVar[str] = "a slow lift"
    lift: Word
    factor: float = 3.0
    place: Place = NOWHERE


@dataclass(frozen=True)
class RidingLifts:
    setting: Setting
    outlets: Sequence[Outlet] = (Outlet("rides", "lift.ridden"),)
    cell_length: int = 7 * 60 * SECOND
    reach: int = 0

    @property
    def expected(self) -> float:
        return (self.setting.end - self.setting.start) / self.setting.described.every

    def touched(self, effect: Effect) -> Touched:
        return Touched({"host": (str(effect.arguments.lift),)}, {"host": tuple(map(str, self.setting.described.lifts))})

    def happened(self, start: int, end: int, streams: Streams) -> Any:
        every, lifts = self.setting.described.every, list(map(str, self.setting.described.lifts))
        times = np.arange(-(-start // every) * every, end, every)
        hosts = self.setting.vocabulary("lift.ridden", "host")
        floors = self.setting.vocabulary("lift.ridden", "to")
        by_name = {host.name: hosts.code(host) for host in self.setting.world.hosts}
        which = streams("which").integers(0, len(lifts), len(times))
        lasted = streams("lasted").exponential(20.0, len(times)) * SECOND
        acts = np.zeros(len(times), np.int64)
        for effect in self.setting.effects:
            hit = (effect.strength(times) > 0) & (which == lifts.index(effect.arguments.lift))
            lasted[hit] *= effect.arguments.factor
            acts[hit] = effect.act
        columns = {
            "host": Coded(np.array([by_name[name] for name in lifts], np.uint32)[which], hosts),
            "to": Coded(np.full(len(times), floors.code("roof"), np.uint32), floors),
            "duration": Durations(lasted.astype(np.int64)),
        }
        yield Happened(0, times, columns, acts)


@dataclass(frozen=True)
class LiftSystem:
    name: str = "lifts"
    description: type = Lifts
    events: Sequence[str] = ("lift.ridden",)

    @property
    def effects(self) -> dict[str, type]:
        return {"slow": Slow}

    def hosts(self, described: Lifts) -> Sequence[HostGroup]:
        return [HostGroup(name=name, os="linux", network=Word("house")) for name in described.lifts]

    def targets(self, described: Lifts) -> Sequence[str]:
        return described.lifts

    def varieties(self, described: Lifts, event: str) -> Sequence[dict[str, str]]:
        return ()

    def check(self, described: Lifts, effects: Sequence[Effect], complaints: Complaints) -> None:
        for effect in effects:
            if effect.arguments.lift not in described.lifts:
                complaints.add(effect.arguments.lift.place, f"there is no lift {str(effect.arguments.lift)!r}")

    def behaviour(self, setting: Setting) -> RidingLifts:
        return RidingLifts(setting)


class House:
    @hookimpl
    def simulator_event_types(self):
        return (RIDE,)

    @hookimpl
    def simulator_systems(self):
        return (LiftSystem(),)

    @hookimpl
    def simulator_renderers(self):
        template = '{"at":"{{ time|iso }}","lift":{{ host.name|json }},"took":{{ duration|milliseconds }}}'
        return (Renderer("lift.log", "What a lift notes", "json", {"lift.ridden": template}),)


PLAYBOOK = """\
name: stuck
title: A lift is slow
kind: incident
start: 2026-03-02T08:00:00Z
duration: 2h
world:
  domain: house.example
  networks: {house: 10.9.0.0/24}
  systems: {lifts: {lifts: [north, south], every: 5s}}
  witnesses: [{renderer: lift.log}]
storyline:
  - step: slow
    title: The north lift is slow
    at: +30m
    effects:
      - {effect: slow, with: {lift: north, factor: 4}, for: 30m, until: {mend: north}}
responses:
  mend: {what: north, title: Mend the lift}
"""


@pytest.fixture
def plugins():
    found = load_plugins()
    found.manager.register(House(), name="house")
    return found


@pytest.fixture
def load(tmp_path, plugins):
    def loaded(text: str = PLAYBOOK):
        path = tmp_path / "stuck.yaml"
        path.write_text(text)
        return load_playbook(path, plugins)

    return loaded


def rides(casting, window=None):
    timeline = Timeline(casting.plan)
    found = []
    for each in timeline.windows(window):
        for batch in each.batches:
            path = timeline.emissions[batch.emission].path
            rows = zip(batch.times, batch.ids, batch.columns["duration"].values, strict=True)
            found += [(path, int(time), int(number), int(lasted)) for time, number, lasted in rows]
    return sorted(found, key=lambda row: (row[1], row[2]))


def test_a_system_s_machines_are_machines_of_the_world(load):
    assert [host.name for host in load().draft.plan.world.hosts] == ["north", "south"]


def test_what_an_effect_causes_is_of_its_step_and_all_else_is_background(load):
    found = rides(cast_playbook(load(), 1))

    assert {path for path, *_ in found} == {"systems/lifts/rides", "storyline/slow/systems/lifts/rides"}
    start = load().draft.plan.span.start
    due = [time for path, time, *_ in found if path.startswith("storyline/")]
    assert start + 30 * 60 * SECOND <= min(due)
    assert max(due) < start + 60 * 60 * SECOND


def test_windows_change_nothing(load):
    whole = rides(cast_playbook(load(), 1))

    assert len(whole) == 2 * 3600 // 5
    assert len({number for _, _, number, _ in whole}) == len(whole)
    for window in (11 * SECOND, 1000 * SECOND):
        assert rides(cast_playbook(load(), 1), window) == whole


def test_a_stretch_can_be_had_alone(load):
    casting = cast_playbook(load(), 1)
    start = casting.plan.span.start
    timeline = Timeline(casting.plan)
    low, high = start + 50 * 60 * SECOND, start + 70 * 60 * SECOND
    alone = [
        int(number) for each in timeline.windows(None, low, high) for batch in each.batches for number in batch.ids
    ]

    assert sorted(alone) == sorted(number for _, time, number, _ in rides(casting) if low <= time < high)


def test_a_response_ends_an_effect_and_moves_nothing_before(load, tmp_path):
    path = tmp_path / "responses.yaml"
    path.write_text("responses: [{at: +40m, do: mend, what: north}]\n")
    casting = cast_playbook(load(), 1)
    mended = cast_playbook(load(), 1, responses=load_responses(path))
    end = casting.plan.span.start + 40 * 60 * SECOND

    before, after = rides(casting), rides(mended)

    assert [row for row in after if row[1] < end] == [row for row in before if row[1] < end]
    assert not [row for row in after if row[1] >= end and row[0].startswith("storyline/")]


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        (("lifts: {lifts:", "lift: {lifts:"), "9:13", "no system is called 'lift'; did you mean 'lifts'?"),
        (("effect: slow", "effect: slwo"), "16:18", "no effect is called 'slwo'; did you mean 'slow'?"),
        (("{lift: north, factor", "{lift: east, factor"), "16:37", "there is no lift 'east'"),
        (("factor: 4", "factro: 4"), "16:44", "a slow lift has no 'factro'; did you mean 'factor'?"),
        (("every: 5s", "every: 5"), "9:51", "expected a duration"),
        (("{mend: north}}", "{mend: south}}"), "16:80", "'mend' is done to north, not"),
        (("what: north", "what: nrth"), "18:16", "and no part of the world's systems is called 'nrth'"),
    ],
)
def test_what_is_wrong_has_a_place_and_a_next_step(load, change, place, said):
    with pytest.raises(PlaybookError) as error:
        load(PLAYBOOK.replace(*change))

    assert f"stuck.yaml:{place}: " in str(error.value)
    assert said in str(error.value)


def test_the_truth_says_who_is_to_blame_and_who_shows_it(load, plugins, tmp_path):
    casting = cast_playbook(load(), 1)

    run = play(casting, Inputs("0", 1, {}, {}), plugins, tmp_path / "run", rules=None).folder

    truth = json.loads((run / "truth.json").read_text())
    (step,) = truth["steps"]
    assert step["onset"] == truth["start"] + 30 * 60 * SECOND
    assert step["end"] == truth["start"] + 60 * 60 * SECOND
    assert step["entities"] == {"host": ["north"]}
    assert step["symptoms"] == {"host": ["north", "south"]}
    assert step["events"] > 100
