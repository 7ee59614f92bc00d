"""Plugins that are broken: the sentence names the plugin, and no command runs with half of what is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.night_visit import NAME, changed, written_to

RENDERER = """
from simulator import Renderer, hookimpl

@hookimpl
def simulator_renderers():
    return [Renderer({name!r}, "A product", {format!r}, {{"process.started": {template!r}}})]
"""


def with_renderer(here: Path, name: str) -> None:
    """Deploy a renderer in the playbook's world."""
    deployed = "    - {renderer: firewall.cef,"
    written_to(here, changed(deployed, f"    - {{renderer: {name}, hosts: {{os: windows}}}}\n{deployed}"))


MISSING = "import not_installed_dependency\n", "did not load: No module named 'not_installed_dependency'"


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["plugins"], MISSING),
        (["list"], MISSING),
        (["play", f"./{NAME}.yaml"], MISSING),
        (["plugins"], ("def broken(:\n", "did not load: invalid syntax")),
        (["plugins"], ("raise RuntimeError('no licence')\n", "did not load: no licence")),
        (["plugins"], ("raise SystemExit('goodbye')\n", "did not load: goodbye")),
    ],
    ids=["plugins", "list", "play", "syntax", "raises", "exits"],
)
def test_a_plugin_that_does_not_import_is_named(feint_process, installed, arguments, fault):
    code, said = fault

    complaint = feint_process(*arguments, PYTHONPATH=installed("acme", code)).complaint(2)

    assert complaint.startswith("plugin 'acme' (simulator_acme) ")
    assert said in complaint


def test_a_misspelt_hook_is_named(feint_process, installed):
    code = "from simulator import hookimpl\n\n@hookimpl\ndef simulator_renderrs():\n    return []\n"

    complaint = feint_process("plugins", PYTHONPATH=installed("acme", code)).complaint(2)

    assert complaint == (
        "plugin 'acme' implements 'simulator_renderrs', which is no hook; did you mean 'simulator_renderers'?"
    )


@pytest.mark.parametrize("taken", ["nginx.access", "acme.log"])
def test_two_plugins_that_add_one_name_are_both_named(feint_process, installed, taken):
    code = RENDERER.format(name=taken, format="ecs", template="{}")
    installed("acme", code)

    complaint = feint_process("play", f"./{NAME}.yaml", PYTHONPATH=installed("zenith", code)).complaint(2)

    first, second = ("acme", "web") if taken == "nginx.access" else ("acme", "zenith")
    assert complaint == (
        f"plugin {second!r} adds a renderer {taken!r}, but plugin {first!r} already has one; uninstall one of them"
    )


def test_a_hook_that_raises_is_named_with_its_plugin(feint_process, installed):
    code = "from simulator import hookimpl\n\n@hookimpl\ndef simulator_renderers():\n    return [1 / 0]\n"

    complaint = feint_process("play", f"./{NAME}.yaml", PYTHONPATH=installed("acme", code)).complaint(2)

    assert complaint.startswith("plugin 'acme': simulator_renderers failed: division by zero")


def test_a_hook_that_returns_something_else_is_named_with_its_plugin(feint_process, installed):
    code = "from simulator import hookimpl\n\n@hookimpl\ndef simulator_renderers():\n    return [{'name': 'x'}]\n"

    complaint = feint_process("plugins", PYTHONPATH=installed("acme", code)).complaint(2)

    assert complaint.startswith("plugin 'acme': simulator_renderers returned a dict, which has no name")


@pytest.mark.parametrize(
    ("form", "template", "said"),
    [
        ("esc", "{}", "renderer 'acme.log' writes format 'esc', which no installed plugin adds"),
        ("ecs", '{"name": {{ imag|json }}}', "nothing is called 'imag' here; did you mean 'image'?"),
        ("ecs", '{"name": {{ image }', "unexpected"),
        ("ecs", '{"name": {{ image.__class__ }}}', "out of reach of a template"),
    ],
    ids=["format", "undefined", "broken", "escape"],
)
def test_a_renderer_that_cannot_render_is_named_by_check_and_by_play(
    feint_process, here, installed, form, template, said
):
    path = installed("acme", RENDERER.format(name="acme.log", format=form, template=template))
    with_renderer(here, "acme.log")

    checked = feint_process("check", f"{NAME}.yaml", PYTHONPATH=path)
    complaint = feint_process("play", f"./{NAME}.yaml", "--out", "run", PYTHONPATH=path).complaint(2)

    assert (checked.code, checked.out) == (2, "")
    for text in (checked.err, complaint):
        assert "acme.log" in text
        assert said in text
    assert sorted(path.name for path in here.iterdir()) == [f"{NAME}.yaml", "rules"]


def test_records_that_cannot_show_their_tag_do_not_leave(feint_process, here, installed):
    code = RENDERER.format(name="acme.log", format="plain", template="{{ image }}") + (
        "\nimport dataclasses\nfrom simulator import PatternLayout\n\n"
        "class Plain:\n"
        "    name, extension, layout = 'plain', 'log', PatternLayout('(?P<time>.*)', 'epoch')\n"
        "    def wrapped(self, template, tag): return template\n"
        "    def header(self, tag): return ''\n"
        "    def tag_text(self, tag): return tag.run\n"
        "    def is_tagged(self, record, tag): return True\n\n"
        "@hookimpl\ndef simulator_formats():\n    return [Plain()]\n"
    )
    with_renderer(here, "acme.log")

    complaint = feint_process("play", f"./{NAME}.yaml", "--out", "run", PYTHONPATH=installed("acme", code)).complaint(3)

    assert complaint.startswith("acme.log: a record does not carry the tag")
    assert not (here / "run").exists()
