"""The page that teaches plugins: what stands there is built, installed and played, word for word."""

from __future__ import annotations

import importlib.util
import json
import re

import pytest

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


def test_the_parts_that_the_page_shows_make_a_plugin_too(tmp_path):
    path = tmp_path / "feint_doors.py"
    path.write_text("\n".join(PARTS), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("feint_doors", path)
    doors = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(doors)

    (event,), (form,) = doors.simulator_event_types(), doors.simulator_formats()
    (renderer,) = doors.simulator_renderers()
    values = {"host": WEB1, "user": ALICE, "door": "lobby"}
    (opened,) = rendered_records(renderer, form, event, values)
    (refused,) = rendered_records(renderer, form, event, values | {"granted": "no"})

    assert opened == "2026-03-02T08:00:01Z 500 lobby 278EBC47 opened # feint r1a2b3c4d ssh-brute-force"
    assert form.layout.parse(refused)["result"] == "refused"
    assert form.is_tagged(form.layout.parse(opened), TAG)
