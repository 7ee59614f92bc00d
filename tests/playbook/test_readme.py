"""The reference shows everything that the language has, and every example in it plays."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import get_args

import pytest

from simulator.places import Complaints
from simulator.playbook.catalogue import shipped_folder
from simulator.playbook.loader import load_playbook
from simulator.playbook.model import (
    After,
    CastMember,
    CastSelector,
    CountedText,
    DecoyText,
    DetectionText,
    EffectText,
    Excited,
    ExpectationText,
    FollowUpText,
    GoodText,
    Lateness,
    ObjectiveText,
    Parameter,
    PlaybookText,
    Repeated,
    ResponseText,
    RootText,
    StepText,
    Variant,
    WitnessText,
    WorldText,
    WorldUse,
)  # fmt: skip
from simulator.playbook.planning.casting import cast_playbook
from simulator.playbook.planning.responses import Response, ResponsesText, load_responses
from simulator.playbook.reading.hints import REGISTRIES, slots_of
from simulator.playbook.reading.nodes import Entries, Items, Node
from simulator.playbook.reading.strict_yaml import parse_yaml
from simulator.recording.inputs import Inputs
from simulator.timeline.arrivals import Step
from simulator.usecases.play import play_to
from simulator.world.description import HostGroup, OutsiderGroup, UserGroup

LANGUAGE = (
    After, CastMember, CastSelector, CountedText, DecoyText, DetectionText, EffectText, Excited, ExpectationText,
    FollowUpText, GoodText, HostGroup, Lateness, ObjectiveText, OutsiderGroup, Parameter, PlaybookText, Repeated,
    Response, ResponsesText, ResponseText, RootText, Step, StepText, UserGroup, Variant, WitnessText, WorldText,
    WorldUse,
)  # fmt: skip
PAGE = (shipped_folder() / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml playable(?: (\w+))?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SERVICES = next(text for kind, text in BLOCKS if kind == "world" and "systems:" in text)
EFFECTS = dict(re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|", PAGE.partition("| effect | `with` |")[2], re.MULTILINE))
BASE = {
    "title": "title: An example\n",
    "kind": "kind: attack\n",
    "start": "start: 2026-03-02T07:00:00Z\n",
    "duration": "duration: 4h\n",
    "world": """\
world:
  domain: trial.example
  networks: {lan: 10.9.0.0/24}
  hosts:
    - {name: web1, os: linux, roles: [web]}
    - {name: web2, os: linux, roles: [web]}
    - {name: desk1, os: windows, roles: [workstation]}
  users: [{name: ann, department: sales}]
  outsiders: [{name: "stranger-{n}", count: 5, country: NL}]
  witnesses:
    - {renderer: linux.auth_log, hosts: {os: linux}}
    - {renderer: linux.auditd, hosts: {os: linux}}
    - {renderer: nginx.access, hosts: {role: web}}
    - {renderer: zeek.conn}
""",
    "storyline": "storyline: []\n",
}


def entries(text: str) -> Entries:
    node = parse_yaml(text, "README.md", Complaints())
    assert isinstance(node, Entries)
    return node


def whole(kind: str, text: str, folder) -> str:
    """Return the playbook that a block stands for: what is missing of one is put around it."""
    if kind == "emissions":
        text = "background:\n" + text
    elif kind == "world":
        (folder / "other.yaml").write_text(text, encoding="utf-8")
        text = "world: ./other.yaml\n"
    elif kind == "services":
        (folder / "other.yaml").write_text(SERVICES, encoding="utf-8")
        text += "world: ./other.yaml\n"
    elif kind == "responses":
        text = next(block for _, block in BLOCKS if "until: {block: $attacker}" in block)
    given = [key.value for key, _ in entries(text).entries]
    return text + "".join(part for name, part in BASE.items() if name not in given)


def named_keys(node: Node):
    if isinstance(node, Entries):
        for key, value in node.entries:
            yield key.value
            yield from named_keys(value)
    elif isinstance(node, Items):
        for each in node.items:
            yield from named_keys(each)
    else:
        yield node.value  # `arrivals: once`


@pytest.mark.parametrize(("kind", "text"), BLOCKS, ids=[text.split("\n")[0][:30] for _, text in BLOCKS])
def test_an_example_plays(kind, text, tmp_path, plugins):
    playbook_text = whole(kind, text, tmp_path)
    found = entries(playbook_text).get("name")
    name = found.value if found is not None else "example"
    path = tmp_path / f"{name}.yaml"
    path.write_text(playbook_text if found is not None else f"name: {name}\n{playbook_text}", encoding="utf-8")
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "block-an-address.md").touch()
    responses = ()
    if kind == "responses":
        (tmp_path / "responses.yaml").write_text(text, encoding="utf-8")
        responses = load_responses(tmp_path / "responses.yaml")

    casting = cast_playbook(load_playbook(path, plugins), 1, {}, responses)
    played = io.BytesIO()
    play_to(played, casting, Inputs("0", 1, {}, {}), plugins)

    assert played.getvalue().count(b"\n") > 0 or not casting.plan.roots or kind == "world"


def made_of(kind: type) -> Iterator[type]:
    """Yield a dataclass of the language, and those that it is made of."""
    waiting, met = [kind], set()
    while waiting:
        each = waiting.pop()
        if is_dataclass(each) and each not in met:
            met.add(each)
            yield each
            waiting += [slot.hint for slot in slots_of(each)]
        waiting += get_args(each)


def test_everything_that_can_be_written_is_in_an_example(plugins):
    shown = {key for _, text in BLOCKS for key in named_keys(parse_yaml(text, "README.md", Complaints()))}
    effects = {name: kind for each in plugins.systems.values() for name, kind in each.effects.items()}
    systems = [kind for each in plugins.systems.values() for kind in (*made_of(each.description), *effects.values())]
    kinds = [*LANGUAGE, *systems, *(kind for registry in REGISTRIES.values() for kind in registry.values())]

    missing = {f"{kind.__name__}.{slot.name}" for kind in kinds for slot in slots_of(kind) if slot.name not in shown}
    missing |= {name for registry in (*REGISTRIES.values(), effects) for name in registry if name not in shown}
    short = {"Constant.value", "Same.field", "Text.template"}

    assert missing - short == set()


def test_the_table_of_effects_has_all_of_them_and_what_each_takes(plugins):
    effects = {name: kind for each in plugins.systems.values() for name, kind in each.effects.items()}

    assert set(EFFECTS) == set(effects)
    for name, kind in effects.items():
        assert sorted(EFFECTS[name].split(", ")) == sorted({slot.name for slot in slots_of(kind)} - {"service"}), name
