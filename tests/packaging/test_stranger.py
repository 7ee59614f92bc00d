"""The page that teaches plugins: what stands there is built, installed and played, word for word."""

from __future__ import annotations

import importlib.util
import json
import re

import pytest

from simulator.errors import PlaybookError
from simulator.playbook.loader import load_playbook
from simulator.playbook.planning.casting import cast_playbook
from simulator.plugin_manager import load_plugins
from simulator.recording.inputs import Inputs
from simulator.usecases.play import play
from tests.packaging.installing import REPOSITORY, built, feint, installed
from tests.plugins.rendering import ALICE, TAG, WEB1, rendered_records

PAGE = (REPOSITORY / "plugins" / "README.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w/-]+\.\w+)`[^\n]*\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PARTS = [block for block in BLOCKS if block not in FILES.values()]
OWN_RULE = """
title: Somebody asks for what is not there
id: 0f6a5a52-1c1b-4a53-9a63-0c6f6fe0a9d1
logsource: {product: caddy, category: webserver}
detection:
  selection: {cs-uri-query|startswith: /.env, c-ip|cidr: 0.0.0.0/0}
  condition: selection
level: low
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder with the page's files in it, and the plugin installed beside them."""
    folder = tmp_path_factory.mktemp("stranger")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "own.yml").write_text(OWN_RULE, encoding="utf-8")
    (wheel,) = built(folder / "feint-caddy", folder / "dist", "--wheel")
    installed(wheel, folder / "site")
    return folder


def shape(value):
    return {key: shape(member) for key, member in value.items()} if isinstance(value, dict) else type(value)


def test_the_plugin_is_short():
    assert len(FILES["feint-caddy/feint_caddy.py"].splitlines()) < 40


def test_its_wheel_is_found_by_its_entry_point(folder):
    assert re.search(r"\$ feint plugins\n(.*?)\n```", PAGE, re.DOTALL)[1] in feint(
        "plugins", cwd=folder, packages=folder / "site"
    )


def test_its_templates_compile_and_nothing_in_them_is_slow(folder):
    said = feint("check", "--templates", "probe.yaml", cwd=folder, packages=folder / "site")

    assert said == "probe.yaml: fine\n"


def test_its_records_are_those_that_the_page_shows(folder):
    options = ("--only", "caddy.access", "--out", "-")
    printed = feint("play", "./probe.yaml", *options, cwd=folder, packages=folder / "site")
    records = [json.loads(line) for line in printed.splitlines()]
    shown = json.loads(re.search(r"```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)[1])

    assert len(records) > 1000
    assert all(record["feint"]["playbook"] == "probe" for record in records)
    assert shape(shown) in [shape(record) for record in records if record["status"] == 404]
    assert any(record["request"]["uri"].endswith('?q="><script>') for record in records)


def test_rules_for_web_servers_fire_on_them(folder):
    feint("play", "./probe.yaml", "--out", "run", cwd=folder, packages=folder / "site")
    card = json.loads((folder / "run" / "scorecard.json").read_text())

    assert card["verdict"] == "met"
    assert [rule["title"] for rule in card["rules"]] == ["Somebody asks for what was left lying about"]


def test_a_rule_for_this_product_alone_finds_exactly_its_records(folder):
    feint("play", "./probe.yaml", "--out", "own", "--rules", "own.yml", cwd=folder, packages=folder / "site")
    lines = (folder / "own/telemetry/caddy.access/caddy.access.ndjson").read_text().splitlines()
    (rule,) = json.loads((folder / "own" / "scorecard.json").read_text())["rules"]

    wanted = sum(json.loads(line)["request"]["uri"].startswith("/.env") for line in lines)
    assert rule["hits"] == wanted > 5


HOUSE = """\
name: house
title: A door lets nobody in
kind: incident
start: 2026-03-02T08:00:00Z
duration: 3h
world:
  domain: house.example
  networks: {lan: 10.0.0.0/24}
  users: [{name: ann}, {name: bob}]
  witnesses: [{renderer: door.log}, {renderer: door.counts}, {renderer: prometheus.metrics}]
  systems: {doors: {doors: [front, back], network: lan}}
storyline:
  - step: jam
    title: The front door jams
    at: +1h
    for: 30m
    effects: [{effect: jammed, with: {door: front}, until: {free: front}}]
responses:
  free: {what: front, title: Free the door}
"""


@pytest.fixture(scope="module")
def doors(tmp_path_factory):
    """The plugin that the parts of the page make."""
    path = tmp_path_factory.mktemp("doors") / "feint_doors.py"
    path.write_text("\n".join(PARTS), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("feint_doors", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def house(folder, doors, text=HOUSE):
    plugins = load_plugins()
    plugins.manager.register(doors, name="doors")
    (folder / "house.yaml").write_text(text, encoding="utf-8")
    casting = cast_playbook(load_playbook(folder / "house.yaml", plugins), 1)
    play(casting, Inputs("0", 1, {}, {}), plugins, folder / "run", rules=None)
    return folder / "run"


def test_the_parts_that_the_page_shows_make_a_plugin_too(doors):
    (event,), (form,) = doors.simulator_event_types(), doors.simulator_formats()
    renderer, _ = doors.simulator_renderers()
    values = {"host": WEB1, "user": ALICE, "door": "lobby"}
    (opened,) = rendered_records(renderer, form, event, values)
    (refused,) = rendered_records(renderer, form, event, values | {"granted": "no"})

    assert opened == "2026-03-02T08:00:01Z 500 lobby 278EBC47 opened # feint r1a2b3c4d ssh-brute-force"
    assert form.layout.parse(refused)["result"] == "refused"
    assert form.is_tagged(form.layout.parse(opened), TAG)


def test_its_system_plays_and_its_effect_is_the_truth(doors, tmp_path):
    run = house(tmp_path, doors)

    lines = (run / "telemetry/door.log/door.log.log").read_text().splitlines()
    (step,) = json.loads((run / "truth.json").read_text())["steps"]
    assert len(lines) == 180
    assert 5 < sum(" refused " in line for line in lines) == step["records"] < 30
    assert all(" front " in line for line in lines if " refused " in line)
    assert step["entities"] == {"host": ["front"]}


def test_its_metrics_agree_with_its_log(doors, tmp_path):
    run = house(tmp_path, doors)

    lines = (run / "telemetry/door.log/door.log.log").read_text().splitlines()
    counted = [json.loads(line) for line in (run / "telemetry/door.counts/door.counts.ndjson").read_text().splitlines()]
    uses = {(each["door"], each["metric"]): each["value"] for each in counted}
    for door in ("front", "back"):
        opened = sum(f" {door} " in line and " opened " in line for line in lines)
        assert abs(uses[door, "door.open.durationcount"] - opened) <= 1  # the last one may be open still
    exposed = (run / "telemetry/prometheus.metrics/prometheus.metrics.prom").read_text()
    assert 'door_uses_total{feint_run="' in exposed
    assert "# TYPE door_open_duration_seconds histogram" in exposed
    assert 'granted="no"' in exposed


def test_a_mistake_in_what_its_system_takes_is_named_with_its_place(doors, tmp_path):
    with pytest.raises(PlaybookError, match=r"house.yaml:17:\d+: there is no door 'fromt'"):
        house(tmp_path, doors, HOUSE.replace("door: front}", "door: fromt}"))
