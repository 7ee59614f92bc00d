"""What `feint new` writes plays as it is, and meets what it expects."""

from __future__ import annotations

import json

import pytest

from simulator.errors import UsageError
from simulator.playbook.starter import starter

RESPONSES = "responses: [{at: +18m, do: roll_back, what: checkout}]\n"


@pytest.fixture
def outage(feint, here):
    """The starter of an incident, in the current folder."""
    said = feint("new", "my-outage", "--kind", "incident")
    assert said.out == "Wrote my-outage.yaml and rules/my-outage.yml. Play it with: feint play ./my-outage.yaml\n"
    return here


def test_the_starter_of_an_incident_is_fine_and_meets_its_expectations(feint, outage):
    assert feint("check", "my-outage.yaml").out == "my-outage.yaml: fine\n"

    played = feint("play", "./my-outage.yaml", "--out", "run")

    assert played.code == 0
    assert "✓ met: my-outage: 2 of 2 expectations met" in played.out
    assert "the first page names the cause" in played.out
    card = json.loads((outage / "run" / "scorecard.json").read_text())
    assert [rule["title"] for rule in card["rules"]] == ["CheckoutSlow"]
    assert not card["decoys"][0]["fooled"]


def test_a_response_ends_what_it_says(feint, outage):
    (outage / "responses.yaml").write_text(RESPONSES)

    feint("play", "./my-outage.yaml", "--out", "alone", "--no-score")
    feint("play", "./my-outage.yaml", "--out", "helped", "--no-score", "--responses", "responses.yaml")

    alone, helped = (json.loads((outage / run / "truth.json").read_text())["objectives"] for run in ("alone", "helped"))
    assert helped[0]["bad"] < alone[0]["bad"] / 2
    assert helped[0]["recovered"] < alone[0]["recovered"]


def test_the_starter_of_an_attack_is_written_when_no_kind_is_given(feint, here):
    assert feint("new", "mine").out == "Wrote mine.yaml. Play it with: feint play ./mine.yaml\n"
    assert (here / "mine.yaml").read_text() == starter("mine", "attack")


@pytest.mark.parametrize("taken", ["mine.yaml", "rules/mine.yml"])
def test_nothing_is_written_where_a_file_is_in_the_way(feint, here, taken):
    (here / taken).write_text("mine\n")
    before = sorted(here.rglob("*"))

    complaint = feint("new", "mine", "--kind", "incident").complaint(2)

    assert complaint == f"{taken}: exists already; choose another name, or remove it"
    assert sorted(here.rglob("*")) == before
    assert (here / taken).read_text() == "mine\n"


@pytest.mark.parametrize("name", ["", "a b", "../a", "-x", "é"])
def test_a_starter_of_an_incident_needs_a_name_that_files_can_have(name):
    with pytest.raises(UsageError, match="cannot name a playbook"):
        starter(name, "incident")
