"""A disk that is full, standard output that is: exit code 4, one sentence, no run that looks finished."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.night_visit import NAME

LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from simulator.cli import main
main()
"""


def left(here: Path) -> list[str]:
    return sorted(path.name for path in here.iterdir() if path.name not in (f"{NAME}.yaml", "rules"))


@pytest.fixture
def small_disk(here):
    """A folder on a disk of its own, and a function to say how large that is."""
    folder = here / "disk"
    folder.mkdir()

    def small_disk(size: str) -> Path:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False, capture_output=True
        )
        if mounted.returncode:
            pytest.skip("only root may mount a disk")
        return folder

    yield small_disk
    subprocess.run(["umount", folder], check=False, capture_output=True)


@pytest.mark.parametrize("size", ["16k", "300k", "1200k", "2m", "3m"])
def test_on_a_disk_that_is_full_a_run_ends_with_code_4_and_leaves_nothing(feint_process, here, small_disk, size):
    disk = small_disk(size)

    ended = feint_process("play", f"./{NAME}.yaml", "--out", disk / "run")

    if ended.code == 0:
        pytest.fail(f"{size} was enough")
    assert "the disk is full; free some space or choose another place" in ended.complaint(4)
    assert list(disk.iterdir()) == []


def test_when_the_disk_is_full_while_scoring_again_the_run_stays_what_it_was(feint_process, run, small_disk, here):
    disk = small_disk("8m")
    subprocess.run(["cp", "-r", run, disk / "run"], check=True)
    before = {path: path.read_bytes() for path in (disk / "run").rglob("*.*") if path.is_file()}
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in (4096, 1):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError:
                continue

    ended = feint_process("score", disk / "run")

    assert "the disk is full" in ended.complaint(4)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("limit", [1_000, 100_000, 400_000])
def test_a_file_that_may_not_grow_ends_a_run_with_code_4_and_leaves_nothing(here, limit):
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), "play", f"./{NAME}.yaml", "--out", "run"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 4
    assert "Traceback" not in ended.stderr
    assert "cannot be written: File too large" in ended.stderr.splitlines()[-1]
    assert left(here) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["play", f"./{NAME}.yaml", "--out", "-"], ["plugins"]])
def test_standard_output_that_is_full_is_a_failed_sink(here, arguments):
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", "from simulator.cli import main; main()", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ended.returncode == 4
    assert ended.stderr == "feint: standard output: the disk is full; free some space or choose another place\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["play", f"./{NAME}.yaml", "--out", "-"],
        ["play", f"./{NAME}.yaml"],
        ["list"],
        ["--help"],
        ["schema"],
        ["plugins"],
    ],
    ids=" ".join,
)
def test_standard_output_that_was_closed_ends_without_a_traceback(here, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-c", "from simulator.cli import main; main()", *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)

    said = [line for line in ended.stderr.splitlines() if not line.startswith("Playing ")]
    assert said == ["feint: standard output: was closed by whoever read it"]
    assert ended.returncode == 4
