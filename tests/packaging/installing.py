"""A jig for tests of packages: built without a network, installed into a folder of their own, used from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*command: object, cwd: Path, environment: Mapping[str, str] | None = None, code: int = 0) -> str:
    """Run a command, which has to end with ``code``; return what it printed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PYTHONWARNINGS": "", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == code, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def built(source: Path, into: Path, *kinds: str) -> list[Path]:
    """Build what a folder holds, with the hatchling that is installed; return the files."""
    run(sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", into, source, cwd=into.parent)
    return sorted(into.iterdir())


def installed(wheel: Path, into: Path) -> Path:
    """Install a wheel alone into a folder."""
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--no-compile")
    run(sys.executable, "-m", "pip", "install", *quiet, "--target", into, wheel, cwd=into.parent)
    return into


def feint(*arguments: object, cwd: Path, packages: Path, code: int = 0) -> str:
    """Run ``feint`` with the packages of a folder before all others."""
    start = "from simulator.cli import main; main()"
    return run(sys.executable, "-c", start, *arguments, cwd=cwd, environment={"PYTHONPATH": str(packages)}, code=code)
