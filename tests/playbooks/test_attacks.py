"""The shipped attacks test themselves: whoever adds a playbook adds no Python here."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import pytest

from simulator.playbook.catalogue import shipped_folder
from simulator.playbook.planning.casting import cast_playbook
from simulator.timeline.engine import Timeline

ATTACKS = sorted(path.stem for path in (shipped_folder() / "attacks").glob("*.yaml"))
TECHNIQUES = Path(__file__).resolve().parents[3] / "shared" / "data" / "attack" / "techniques.csv"

pytestmark = pytest.mark.parametrize("name", ATTACKS)


def expected_events(casting, kind: str) -> float:
    roots = tuple(root for root in casting.plan.roots if root.act.kind == kind)
    return Timeline(dataclasses.replace(casting.plan, roots=roots)).expected_events()


def test_an_attack_played_twice_leaves_the_same_bytes(name, play):
    once, again = play(name), play(name, take=2)

    assert once.json("manifest.json")["files"] == again.json("manifest.json")["files"]
    assert once.json("manifest.json")["files"]


def test_another_seed_plays_another_cast_or_at_other_times(name, play):
    once, other = play(name), play(name, seed=2)

    onsets = [[step["onset"] for step in run.json("truth.json")["steps"]] for run in (once, other)]
    assert onsets[0] != onsets[1]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_rules_do_what_the_playbook_expects(name, seed, play):
    scorecard = play(name, seed=seed).json("scorecard.json")

    assert [(each["title"], each["reason"]) for each in scorecard["expectations"] if each["verdict"] != "met"] == []
    assert scorecard["verdict"] == "met"


def test_every_step_leaves_traces(name, play):
    assert [step["id"] for step in play(name).json("truth.json")["steps"] if not step["records"]] == []


@pytest.mark.parametrize("seed", range(5))
def test_a_thousand_benign_events_hide_each_of_the_attack(name, seed, playbook):
    casting = cast_playbook(playbook(name), seed)

    assert expected_events(casting, "background") >= 1000 * expected_events(casting, "step")


def test_decoys_say_why_they_are_harmless(name, play):
    decoys = play(name).json("truth.json")["decoys"]

    assert len(decoys) >= 2
    assert all(decoy["because"] and decoy["events"] for decoy in decoys)


def test_the_description_says_how_the_attack_was_checked_against_reality(name, playbook):
    assert "Checked against reality:" in playbook(name).text.description


def test_techniques_are_those_of_attack(name, playbook):
    steps = playbook(name).draft.steps
    assert all(step.techniques for step in steps)
    if not TECHNIQUES.is_file():
        pytest.skip(f"{TECHNIQUES} is not there")

    with TECHNIQUES.open(newline="") as file:
        known = {row[0] for row in csv.reader(file)}
    assert {technique for step in steps for technique in step.techniques} <= known
