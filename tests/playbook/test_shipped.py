"""What is shipped can be played: worlds, playbooks, the starter. The schema agrees with the loader."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from simulator.errors import PlaybookError, UsageError
from simulator.places import Complaints
from simulator.playbook.catalogue import shipped_folder
from simulator.playbook.loader import load_playbook
from simulator.playbook.planning.casting import cast_playbook
from simulator.playbook.reading.json_schema import file_schema
from simulator.playbook.reading.nodes import Entries, Items, Node
from simulator.playbook.reading.strict_yaml import read_yaml
from simulator.playbook.starter import starter
from simulator.timeline.engine import Timeline

WORLDS = sorted((shipped_folder() / "worlds").glob("*.yaml"))
PLAYBOOKS = sorted(path for kind in ("attacks", "incidents") for path in (shipped_folder() / kind).glob("*.yaml"))


def as_json(node: Node):
    if isinstance(node, Entries):
        return {str(key.value): as_json(value) for key, value in node.entries}
    return [as_json(each) for each in node.items] if isinstance(node, Items) else node.value


def mistakes(path, what: str) -> list[str]:
    validator = Draft202012Validator(file_schema(what))
    return [
        f"{each.json_path}: {each.message}" for each in validator.iter_errors(as_json(read_yaml(path, Complaints())))
    ]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_shipped_playbook_is_free_of_complaints_for_every_seed(path, plugins):
    playbook = load_playbook(path, plugins)

    assert [cast_playbook(playbook, seed).name for seed in range(5)] == [path.stem] * 5
    assert mistakes(path, "playbook") == []


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_a_shipped_world_is_what_the_schema_describes(path):
    assert mistakes(path, "world") == []


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_a_shipped_world_has_its_people_at_desks_and_its_witnesses_deployed(load, path):
    world = load("storyline: []\n", world=f"world: {path.stem}\n").draft.plan.world

    staff = [user for user in world.users if "staff" in user.roles]
    assert staff
    assert all(user.host for user in staff)
    assert len({user.host for user in staff}) == len(staff)
    assert len({each.ip for each in (*world.hosts, *world.outsiders)}) == len(world.hosts) + len(world.outsiders)


@pytest.mark.parametrize("what", ["playbook", "world", "responses"])
def test_a_schema_is_one(what):
    schema = file_schema(what)

    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("kind: attack", "kind: atack"),
        ("duration: 2h", "duration: 2"),
        ("step: guess", "stepp: guess"),
        ("technique: T1110.001", "technique: T11"),
        ("probability: 90%", "probability: [1]"),
        ("burst: {count: 3, over: 1m}", "brust: {count: 3, over: 1m}"),
        ("{profile: {rate: 30/h, shape: office}}", "{profile: {rate: 30/h, shape: moon}}"),
        ("{lognormal: {p50: 12m, p99: 2h}}", "{lognormal: {p50: 12m}}"),
    ],
)
def test_what_the_loader_refuses_the_schema_refuses_too(tmp_path, plugins, right, wrong):
    path = tmp_path / "mine.yaml"
    text = starter("mine")
    assert right in text
    path.write_text(text)
    assert mistakes(path, "playbook") == []

    path.write_text(text.replace(right, wrong))

    assert mistakes(path, "playbook")
    with pytest.raises(PlaybookError):
        load_playbook(path, plugins)


def test_the_starter_plays_as_it_is(tmp_path, plugins):
    path = tmp_path / "mine.yaml"
    path.write_text(starter("mine"))
    casting = cast_playbook(load_playbook(path, plugins), 1)
    windows = Timeline(casting.plan).windows()

    paths = {emission.path for emission in casting.plan.emissions()}
    assert {"storyline/guess/ssh.login_failed", "decoys/forgotten-password/ssh.login_failed"} <= paths
    assert sum(window.events for window in windows) > 60


@pytest.mark.parametrize("name", ["", "a b", "../a", "-x", "é"])
def test_a_starter_needs_a_name_that_files_can_have(name):
    with pytest.raises(UsageError, match="cannot name a playbook"):
        starter(name)
