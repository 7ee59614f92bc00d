"""Ctrl-C, SIGTERM and SIGKILL: a run that was stopped is in order and marked, or is never taken for one."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from simulator.plugin_manager import load_plugins
from simulator.recording.manifest import read_manifest
from tests.cli.conftest import COMMAND
from tests.night_visit import NAME, STREAMS, changed, written_to

FILE = f"./{NAME}.yaml"
ENDINGS = [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]


@pytest.fixture
def playing(here):
    """Start a slow run, and give it when it has recorded something."""
    started = []

    def playing(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, "play", FILE, "--speed", "120", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield playing
    for process in started:
        process.kill()
        process.communicate()


def wait_until(condition, process, seconds=60):
    for _ in range(seconds * 50):
        if condition():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError("it never happened")


def written(folder: Path) -> bool:
    return sum(path.stat().st_size for path in folder.glob("telemetry/*/*")) > 20_000


@pytest.mark.parametrize(("number", "code", "word"), ENDINGS)
def test_a_stopped_run_is_in_order_marked_and_can_be_scored(playing, feint, here, number, code, word):
    process = playing("--out", "run")
    wait_until(lambda: written(here / ".run.playing"), process)

    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (code, "")
    assert err.splitlines()[-1] == f"feint: {word}; what was played until then is in run.partial"
    assert "Traceback" not in err
    assert sorted(path.name for path in here.iterdir()) == [f"{NAME}.yaml", "rules", "run.partial"]
    assert_is_in_order(here / "run.partial")

    scored = feint("score", "run.partial")
    assert scored.code in (0, 1)
    assert "run.partial: this run was interrupted; only what it recorded is scored" in scored.err
    assert json.loads((here / "run.partial" / "scorecard.json").read_text())["rules"]


def assert_is_in_order(partial: Path) -> None:
    """Hold that files have their digests, and that telemetry and ledger tell of the same lines."""
    manifest = read_manifest(partial)
    truth = pq.read_table(partial / "truth.parquet").to_pylist()
    deliveries = pq.read_table(partial / "deliveries.parquet").to_pylist()
    told = json.loads((partial / "truth.json").read_text())
    lines = {
        stream: (partial / "telemetry" / stream / f"{stream}.{extension}").read_bytes().count(b"\n")
        for stream, extension in STREAMS.items()
    }
    recorded = manifest.recorded(load_plugins())
    headings = {each.renderer.name: each.format.header(recorded.tag).count("\n") for each in recorded.streams}

    assert manifest.values["status"] == "interrupted"
    assert manifest.changed_files() == []
    assert [(row["stream"], row["line"]) for row in truth] == [(row["stream"], row["line"]) for row in deliveries]
    for stream in STREAMS:
        mine = [row["line"] for row in truth if row["stream"] == stream]
        assert mine == list(range(headings[stream] + 1, lines[stream] + 1))
    acts = [told["background"], *told["steps"], *told["decoys"]]
    assert sum(act["records"] for act in acts) == len(truth) > 0
    assert max(row["time"] for row in truth) < told["end"] < told["start"] + 3600 * 10**9


def test_a_stopped_run_begins_as_the_whole_run_does(playing, here, recorded):
    process = playing("--out", "run", "--no-score")
    wait_until(lambda: written(here / ".run.playing"), process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    for stream, extension in STREAMS.items():
        name = f"telemetry/{stream}/{stream}.{extension}"
        assert (recorded / name).read_bytes().startswith((here / "run.partial" / name).read_bytes())


def test_partial_runs_do_not_replace_each_other(playing, here):
    (here / "run.partial").mkdir()
    process = playing("--out", "run")
    wait_until(lambda: written(here / ".run.playing"), process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert (here / "run.partial-2" / "manifest.json").is_file()


def test_a_killed_run_is_never_taken_for_one_and_makes_room_for_the_next(playing, feint, here):
    process = playing("--out", "run")
    wait_until(lambda: written(here / ".run.playing"), process)
    process.kill()
    process.communicate()

    assert sorted(path.name for path in here.iterdir()) == [".run.playing", f"{NAME}.yaml", "rules"]
    assert "cannot be read" in feint("score", ".run.playing").complaint(2)
    assert feint("play", FILE, "--out", "run").code == 0
    assert sorted(path.name for path in here.iterdir()) == [f"{NAME}.yaml", "rules", "run"]


def test_a_run_that_was_killed_after_it_was_recorded_is_not_taken_for_one_either(feint, run):
    path = run / "manifest.json"
    path.write_text(path.read_text().replace('"status": "complete"', '"status": "playing"'))

    for command in (["score", run], ["explain", run, "many-failures"]):
        assert feint(*command).complaint(2) == (
            "run: is not a finished run: it plays right now, or was killed; play the playbook again"
        )


def test_two_runs_of_one_name_do_not_write_into_each_other(playing, feint, here):
    process = playing("--out", "run")
    wait_until(lambda: written(here / ".run.playing"), process)

    said = feint("play", FILE, "--out", "run").complaint(2)

    assert said == "run: is being played right now; give --out another name"
    assert process.poll() is None
    assert written(here / ".run.playing")


def test_runs_without_a_name_keep_out_of_each_other_s_way(playing, feint, here):
    process = playing()
    wait_until(lambda: written(here / "runs" / f".{NAME}-1.playing"), process)

    ended = feint("play", FILE, "--no-score")

    assert ended.code == 0
    assert (here / "runs" / f"{NAME}-2").is_dir()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_while_it_is_scored_keeps_what_was_recorded(here, feint, number):
    written_to(here, changed("default: 3600/h", "default: 400000/h"))
    process = subprocess.Popen(
        [*COMMAND, "--log-level", "info", "play", FILE, "--out", "run", "--only", "zeek.conn", "--only", "nginx.access",
         "--only", "linux.auth_log"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = []
    for line in process.stderr:
        said.append(line)
        if "run recorded" in line:
            break
    time.sleep(0.1)
    process.send_signal(number)
    out, rest = process.communicate(timeout=60)

    assert process.returncode == (130 if number == signal.SIGINT else 143), (said, out, rest)
    assert "Traceback" not in rest
    assert sorted(path.name for path in here.iterdir()) == [f"{NAME}.yaml", "rules", "run.partial"]
    manifest = read_manifest(Path("run.partial"))
    assert manifest.values["status"] == "interrupted"
    assert manifest.changed_files() == []
    assert feint("score", "run.partial").code == 0


@pytest.mark.parametrize(("number", "code", "word"), ENDINGS)
def test_a_command_that_is_stopped_before_it_plays_leaves_nothing(feint_process, here, installed, number, code, word):
    path = installed("acme", f"import os\nos.kill(os.getpid(), {number:d})\n")

    assert feint_process("play", FILE, PYTHONPATH=path).complaint(code) == word
    assert sorted(path.name for path in here.iterdir()) == [f"{NAME}.yaml", "rules"]
