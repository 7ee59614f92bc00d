from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import PlaybookError
from simulator.playbook.loader import Playbook, load_playbook
from simulator.plugin_manager import Plugins, load_plugins

HEAD = """\
name: trial
title: A trial
kind: attack
start: 2026-03-02T07:00:00Z
duration: 4h
"""
WORLD = """\
world:
  domain: trial.example
  networks: {lan: 10.9.0.0/24}
  hosts:
    - {name: web1, os: linux, roles: [web]}
    - {name: web2, os: linux, roles: [web]}
    - {name: desk1, os: windows, roles: [workstation]}
  users:
    - {name: ann, department: sales}
    - {name: bob, department: sales, host: ""}
  outsiders:
    - {name: "stranger-{n}", count: 5, country: NL}
  witnesses:
    - {renderer: linux.auth_log, hosts: {os: linux}}
"""


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    return load_plugins()


@pytest.fixture
def load(tmp_path: Path, plugins: Plugins) -> Callable[..., Playbook]:
    """Load a playbook of a text; what every playbook needs is put before it, unless told otherwise."""

    def load(text: str, *, head: str = HEAD, world: str = WORLD) -> Playbook:
        path = tmp_path / "trial.yaml"
        path.write_text(head + world + text, encoding="utf-8")
        return load_playbook(path, plugins)

    return load


@pytest.fixture
def complaints(load: Callable[..., Playbook]) -> Callable[..., list[str]]:
    """Return what is said of a text, as ``the line's text | message``."""

    def complaints(text: str, *, head: str = HEAD, world: str = WORLD) -> list[str]:
        lines = (head + world + text).splitlines()
        with pytest.raises(PlaybookError) as raised:
            load(text, head=head, world=world)
        return [f"{lines[each.line - 1][each.column - 1 :]} | {each.message}" for each in raised.value.complaints]

    return complaints
