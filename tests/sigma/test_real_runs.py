"""Real rules over what shipped playbooks leave behind, held against pySigma's SQLite backend hit for hit."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.detection import RecordedRun
from simulator.playbook.catalogue import shipped_folder
from simulator.plugin_manager import load_plugins
from simulator.recording.manifest import read_manifest
from simulator.usecases.request import Request, play_request
from tests.sigma.reference import assert_agrees_with_sqlite, sigmahq_rules

RULES = shipped_folder() / "rules" / "sigma"


def recorded(playbook: str, folder: Path, *settings: str) -> RecordedRun:
    request = Request(playbook, settings=settings, out=str(folder / playbook), score=False)
    played = play_request(request, lambda done, events: None)
    return read_manifest(played.folder).recorded(load_plugins())


@pytest.fixture(scope="module")
def spray(tmp_path_factory):
    return recorded("password-spray", tmp_path_factory.mktemp("runs"), "activity=0.08")


def test_real_rules_find_in_a_spray_what_sqlite_finds(spray):
    assert assert_agrees_with_sqlite(spray, sigmahq_rules()) > 0


def test_our_own_rules_find_in_a_spray_what_sqlite_finds(spray):
    assert assert_agrees_with_sqlite(spray, sorted(RULES.glob("*.yml"))) > 0
