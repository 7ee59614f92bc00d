"""What `feint schema` prints knows what is installed: systems, effects, objectives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from jsonschema import Draft202012Validator

from simulator.places import Complaints
from simulator.playbook.catalogue import shipped_folder
from simulator.playbook.reading.json_schema import file_schema
from simulator.playbook.reading.nodes import Entries, Items
from simulator.playbook.reading.strict_yaml import parse_yaml
from simulator.playbook.starter import starter
from simulator.plugin_manager import load_plugins

INCIDENTS = sorted((shipped_folder() / "incidents").glob("*.yaml"))


def as_json(node):
    if isinstance(node, Entries):
        return {str(key.value): as_json(value) for key, value in node.entries}
    return [as_json(each) for each in node.items] if isinstance(node, Items) else node.value


def mistakes(schema, text):
    written = as_json(parse_yaml(text, "mine.yaml", Complaints()))
    return [f"{each.json_path}: {each.message}" for each in Draft202012Validator(schema).iter_errors(written)]


@pytest.fixture(scope="module")
def schema():
    return file_schema("playbook", load_plugins().systems)


@pytest.mark.parametrize("what", ["playbook", "world"])
def test_it_describes_the_systems_of_installed_plugins(feint, what):
    printed = json.loads(feint("schema", what).out)

    Draft202012Validator.check_schema(printed)
    for name in ("WorldText", "WorldUse") if what == "playbook" else ("WorldText",):
        systems = printed["$defs"][name]["properties"]["systems"]
        assert set(systems["properties"]) == set(load_plugins().systems)
    assert printed["$defs"]["Service"]["properties"]["workers"]["description"].startswith("requests that an instance")


@pytest.mark.parametrize("path", INCIDENTS, ids=lambda path: path.stem)
def test_shipped_incidents_are_what_it_describes(schema, path):
    assert mistakes(schema, path.read_text(encoding="utf-8")) == []


def test_the_marketplace_is_what_it_describes():
    text = (shipped_folder() / "worlds" / "marketplace.yaml").read_text(encoding="utf-8")

    assert mistakes(file_schema("world", load_plugins().systems), text) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("effect: latency", "effect: latenci"),
        ("with: {service: checkout, factor: $slower}", "with: {service: checkout}"),
        ("with: {service: checkout, factor: $slower}", "with: {service: checkout, factor: 6, size: 3}"),
        ("{effect: traffic, with: {factor: 2}, ramp: 1m}", "{effect: traffic, ramp: 1m}"),
        ("instances: 3", "instances: many"),
        ("orders-db: {kind: database", "orders-db: {kind: databse"),
        ("    services: ", "    servces: "),
        ("retries: 1}]", "retires: 1}]"),
        ("expect: violated", "expect: broken"),
        ("target: 99%", "target: most"),
        ("faster: 800ms", "faster: 800"),
        ("objective: checkout", "objektive: checkout"),
    ],
)
def test_mistakes_in_systems_effects_and_objectives_are_found(schema, right, wrong):
    text = starter("mine", "incident")
    assert right in text
    assert mistakes(schema, text) == []

    assert mistakes(schema, text.replace(right, wrong))


@dataclass(frozen=True)
class StepText:
    """A stair, which is called as a part of playbooks is."""

    height: int


@dataclass(frozen=True)
class Stairs:
    name: str = "stairs"
    description: type = StepText
    effects: Mapping[str, type] = field(default_factory=lambda: {"latency": StepText})


def test_systems_that_have_names_in_common_do_not_disturb_each_other():
    schema = file_schema("playbook", {**load_plugins().systems, "stairs": Stairs()})
    text = starter("mine", "incident")

    assert mistakes(schema, text) == []
    assert mistakes(schema, text.replace("{service: checkout, factor: $slower}", "{height: 3}")) == []
    assert mistakes(schema, text.replace("{service: checkout, factor: $slower}", "{step: slow}"))
