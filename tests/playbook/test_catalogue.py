from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import UsageError
from simulator.playbook.catalogue import Catalogue, shipped_folder

PLAYBOOK = """\
name: {name}
title: Title of {name}
kind: attack
storyline:
  - {{step: a, technique: T1110.001}}
  - {{step: b, technique: [T1078, T1110.001]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind in ("attacks", "incidents", "worlds", "rules/web"):
        (tmp_path / kind).mkdir(parents=True)
    for name in ("one", "two"):
        (tmp_path / "attacks" / f"{name}.yaml").write_text(PLAYBOOK.format(name=name))
    (tmp_path / "worlds" / "place.yaml").write_text("name: place\n")
    (tmp_path / "rules" / "web" / "shell.yml").write_text("title: 'A web shell'\nid: 11-22\n")
    return tmp_path


def test_playbooks_are_listed_by_name_from_their_outline_alone(folder: Path):
    found = Catalogue((folder,)).playbooks()

    assert [(each.name, each.title, each.kind, each.techniques) for each in found] == [
        ("one", "Title of one", "attack", ("T1078", "T1110.001")),
        ("two", "Title of two", "attack", ("T1078", "T1110.001")),
    ]


def test_a_playbook_that_cannot_be_read_is_listed_with_its_problem(folder: Path):
    (folder / "incidents" / "broken.yaml").write_text("a: [\n")

    broken = Catalogue((folder,)).playbooks()[0]

    assert broken.name == "broken"
    assert "broken.yaml:2:1: this is not YAML" in broken.problem


def test_a_playbook_is_found_by_name_or_file(folder: Path):
    catalogue = Catalogue((folder,))
    path = folder / "attacks" / "one.yaml"

    assert catalogue.playbook("one") == catalogue.playbook(path) == catalogue.playbook(str(path)) == path


@pytest.mark.parametrize(
    ("which", "said"),
    [
        ("onne", "no playbook is called 'onne'; did you mean 'one'?"),
        ("zzzzzz", "no playbook is called 'zzzzzz'; `feint list` shows them all"),
        ("./gone.yaml", "gone.yaml: there is no such file"),
        ("gone.yaml", "gone.yaml: there is no such file"),
    ],
)
def test_an_unknown_playbook_is_one_sentence_with_a_suggestion(folder: Path, which: str, said: str):
    with pytest.raises(UsageError) as raised:
        Catalogue((folder,)).playbook(which)
    assert said in str(raised.value)


def test_two_playbooks_of_one_name_are_refused_naming_both(folder: Path, tmp_path_factory):
    other = tmp_path_factory.mktemp("plugin")
    (other / "attacks").mkdir()
    (other / "attacks" / "one.yaml").write_text(PLAYBOOK.format(name="one"))

    with pytest.raises(UsageError, match="two playbooks are called 'one'"):
        Catalogue((folder, other)).playbook("one")


def test_rules_are_found_by_file_name_id_and_title_beside_the_playbook_first(folder: Path, tmp_path_factory):
    catalogue = Catalogue((folder,))
    beside = tmp_path_factory.mktemp("mine") / "mine.yaml"
    rule = folder / "rules" / "web" / "shell.yml"

    assert [catalogue.rule(which, beside) for which in ("shell", "11-22", "A Web Shell", "gone")] == [
        rule,
        rule,
        rule,
        None,
    ]

    (beside.parent / "rules").mkdir()
    own = beside.parent / "rules" / "shell.yml"
    own.write_text("title: mine\n")
    assert catalogue.rule("shell", beside) == own


def test_worlds_are_found_by_name_or_relative_to_the_playbook(folder: Path):
    catalogue = Catalogue((folder,))
    beside = folder / "attacks" / "one.yaml"

    assert catalogue.world("place", beside) == folder / "worlds" / "place.yaml"
    assert catalogue.world("../worlds/place.yaml", beside).samefile(folder / "worlds" / "place.yaml")
    assert catalogue.world("elsewhere", beside) is None


def test_the_shipped_folder_is_there():
    assert {"attacks", "worlds"} <= {path.name for path in shipped_folder().iterdir()}
