"""The README is run: what it shows is what one gets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def shown_commands() -> list[tuple[str, str]]:
    """Return each ``feint`` command that a console block shows with output, and that output."""
    found = []
    for block in _BLOCK.findall(README):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            command = line.split("&&")[-1].split("#")[0].strip()
            if command.startswith("feint ") and output.strip():
                found.append((command, output.strip("\n")))
    return found


def test_the_readme_opens_with_one_sentence_and_a_command_with_its_output():
    lines = [line for line in README.splitlines() if line.strip()]

    assert lines[0] == "# Feint"
    assert lines[1].endswith(".")
    assert lines[2] == "```console"
    assert lines[3].startswith("$ pip install")
    assert len(shown_commands()) > 0


@pytest.mark.parametrize(("command", "output"), shown_commands())
def test_a_command_prints_what_the_readme_shows(command, output, tmp_path):
    feint = Path(sys.executable).with_name("feint")
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    for wanted in re.findall(r"(runs/[\w-]+)-1\b", command):  # a command about a run needs that run
        playbook = Path(wanted).name
        subprocess.run(
            [feint, "play", playbook], cwd=tmp_path, env=environment, check=False, capture_output=True, timeout=300
        )

    done = subprocess.run(
        [feint, *command.split()[1:]],
        cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert done.stdout.strip("\n") == output, done.stderr


def test_every_file_that_the_readme_links_to_is_there():
    for target in _LINK.findall(README):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", ["play", "score", "explain", "list", "show", "check", "new", "schema", "plugins"])
def test_every_command_is_in_the_readme(name):
    assert f"feint {name}" in README
