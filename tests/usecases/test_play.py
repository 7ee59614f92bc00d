"""What a run promises: its bytes depend on what it was made from, and on nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from freezegun import freeze_time

from simulator.playbook.loader import load_playbook
from simulator.playbook.planning.casting import cast_playbook
from simulator.playbook.planning.responses import load_responses
from simulator.plugin_manager import Plugins, load_plugins
from simulator.recording.inputs import Inputs
from simulator.recording.manifest import read_manifest
from simulator.usecases.judge import judge
from simulator.usecases.play import Manner, play
from tests.night_visit import NAME, SKEWED, STREAMS, written_to

MINUTE = 60_000_000_000


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    return load_plugins()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the playbook is in."""
    found = tmp_path_factory.mktemp("night")
    written_to(found)
    return found


@pytest.fixture(scope="session")
def run(folder: Path, plugins: Plugins) -> Path:
    """A run of the playbook, as it usually is; tests only read it."""
    return played(folder, folder / "run", plugins)


def played(
    folder: Path, out: Path, plugins: Plugins, manner: Manner | None = None, *, seed: int = 1, responses: str = ""
) -> Path:
    playbook = load_playbook(folder / f"{NAME}.yaml", plugins)
    texts, given = playbook.texts(), ()
    if responses:
        (folder / "responses.yaml").write_text(responses)
        given, texts = load_responses(folder / "responses.yaml"), {**texts, "responses.yaml": responses}
    casting = cast_playbook(playbook, seed, {}, given)
    rules = {rule.name: rule.read_bytes() for rule in playbook.rules}
    inputs = Inputs("0", seed, casting.parameters, texts, rules)
    return play(casting, inputs, plugins, out, manner=manner or Manner()).folder


def contents(run: Path) -> dict[str, bytes]:
    return {str(path.relative_to(run)): path.read_bytes() for path in sorted(run.rglob("*")) if path.is_file()}


def lines(run: Path, stream: str) -> list[str]:
    path = run / "telemetry" / stream / f"{stream}.{STREAMS[stream]}"
    return path.read_bytes().decode().removesuffix("\n").split("\n")  # splitlines would take auditd's 0x1d for an end


def without_run_id(run: Path, found: Iterable[str]) -> list[str]:
    run_id = read_manifest(run).tag.run
    return [line.replace(run_id, "r--------") for line in found]


def without_counters(found: Iterable[str]) -> list[str]:
    """Leave out the numbers that count what was recorded before: they are there to show gaps."""
    return [re.sub(r"externalId=\d+|(?<=\.\d{3}):\d+(?=\))", "", line) for line in found]


def assert_same(one: Path, other: Path) -> None:
    ours, theirs = contents(one), contents(other)
    assert list(ours) == list(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


@pytest.mark.parametrize(
    "manner",
    [
        Manner(),
        Manner(window=17 * 1_000_000_007),
        Manner(window=61 * MINUTE),
        Manner(backend="numba"),
        Manner(backend="pyarrow"),
        Manner(backend="python"),
        Manner(speed=20_000.0),
        Manner(only=tuple(sorted(STREAMS, reverse=True))),
    ],
    ids=["again", "short-windows", "one-window", "numba", "pyarrow", "python", "speed", "only-all-backwards"],
)
def test_the_same_inputs_give_the_same_bytes_however_they_are_played(run, folder, plugins, tmp_path, manner):
    if manner.backend == "numba":
        pytest.importorskip("numba")
    assert_same(run, played(folder, tmp_path / "run", plugins, manner))


def test_neither_the_wall_clock_nor_the_current_folder_gets_into_a_run(run, folder, plugins, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with freeze_time("1999-12-31T23:59:59"):
        again = played(folder, Path("run"), plugins)

    assert_same(run, again)


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "LANG": "de_DE.UTF-8"},
    ],
    ids=["kiritimati", "st-johns"],
)
def test_another_process_in_other_surroundings_gives_the_same_bytes(folder, tmp_path, surroundings):
    runs = []
    for number, changed in enumerate(({}, surroundings)):
        out = tmp_path / str(number) / "run"
        command = [sys.executable, "-c", "from simulator.cli import main; main()", "play", f"{NAME}.yaml"]
        subprocess.run(
            [*command, "--out", out], cwd=folder, env={**os.environ, **changed}, check=True, capture_output=True
        )
        runs.append(out)

    assert_same(*runs)


def test_another_seed_gives_other_bytes(run, folder, plugins, tmp_path):
    other = played(folder, tmp_path / "run", plugins, seed=2)

    for stream in STREAMS:
        assert without_run_id(run, lines(run, stream)) != without_run_id(other, lines(other, stream))


def test_only_leaves_the_streams_that_remain_as_they_were(run, folder, plugins, tmp_path):
    few = played(folder, tmp_path / "run", plugins, Manner(only=("zeek.conn", "linux.auditd")))

    assert sorted(path.name for path in (few / "telemetry").iterdir()) == ["linux.auditd", "zeek.conn"]
    for stream in ("zeek.conn", "linux.auditd"):
        assert lines(few, stream) == lines(run, stream)


def test_a_response_cuts_what_it_stops_and_nothing_else(run, folder, plugins, tmp_path):
    text = "responses: [{at: +25m, do: block, what: attacker}]\n"
    answered = played(folder, tmp_path / "run", plugins, responses=text)
    start = json.loads((run / "truth.json").read_text())["start"]
    truth = pq.read_table(run / "truth.parquet").to_pylist()
    stopped = {
        (row["stream"], row["line"])
        for row in truth
        if row["act"] == "step:guess" and row["time"] >= start + 25 * MINUTE
    }

    assert {stream for stream, _ in stopped} >= {"linux.auth_log", "zeek.conn", "firewall.cef"}
    for stream in STREAMS:
        kept = [line for number, line in enumerate(lines(run, stream), 1) if (stream, number) not in stopped]
        found = lines(answered, stream)
        assert without_counters(without_run_id(answered, found)) == without_counters(without_run_id(run, kept))


def test_scoring_a_run_again_changes_no_byte_of_it(run, tmp_path, plugins):
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    (copy / "scorecard.json").unlink()
    (copy / "alerts.ndjson").write_text("")
    judge(read_manifest(copy), plugins)

    assert_same(run, copy)


def test_every_record_read_back_carries_the_tag(run, plugins):
    recorded = read_manifest(run).recorded(plugins)

    for stream in recorded.streams:
        layout, heading = stream.format.layout, stream.format.header(recorded.tag).count("\n")
        with stream.path.open(encoding="utf-8", newline="\n") as file:
            for line in list(file)[heading:]:
                assert stream.format.is_tagged(layout.parse(line.removesuffix("\n")), recorded.tag), line


def test_telemetry_files_have_the_extension_of_their_format(run):
    found = {path.parent.name: path.name for path in (run / "telemetry").glob("*/*")}

    assert found == {stream: f"{stream}.{extension}" for stream, extension in STREAMS.items()}


def test_the_ledger_has_one_row_for_each_record_and_its_files_join(run, plugins):
    truth = pq.read_table(run / "truth.parquet").to_pylist()
    deliveries = pq.read_table(run / "deliveries.parquet").to_pylist()
    named = [(row["stream"], row["line"]) for row in truth]
    recorded = read_manifest(run).recorded(plugins)

    assert [(row["stream"], row["line"]) for row in deliveries] == named
    for stream in recorded.streams:
        name, heading = stream.renderer.name, stream.format.header(recorded.tag).count("\n")
        numbers = [line for each, line in named if each == name]
        assert numbers == list(range(heading + 1, len(lines(run, name)) + 1))


def test_no_record_arrives_before_it_happened(run):
    times = {(row["stream"], row["line"]): row["time"] for row in pq.read_table(run / "truth.parquet").to_pylist()}
    for row in pq.read_table(run / "deliveries.parquet").to_pylist():
        assert row["delivered"] >= times[row["stream"], row["line"]]


def test_records_of_products_without_skew_are_in_the_order_of_their_times(run):
    rows = pq.read_table(run / "truth.parquet").to_pylist()
    for stream in STREAMS.keys() - SKEWED:
        times = [row["time"] for row in rows if row["stream"] == stream]
        assert times == sorted(times)


def test_truth_json_sums_up_the_ledger(run):
    told = json.loads((run / "truth.json").read_text())
    rows = pq.read_table(run / "truth.parquet").to_pylist()

    assert told["background"]["records"] == sum(row["act"] == "" for row in rows)
    for kind in ("step", "decoy"):
        for act in told[f"{kind}s"]:
            mine = [row for row in rows if row["act"] == f"{kind}:{act['id']}"]
            assert act["records"] == len(mine)
            assert act["events"] == len({row["event"] for row in mine})
            assert (act["onset"], act["end"]) == (min(r["time"] for r in mine), max(r["time"] for r in mine))


def test_the_manifest_holds_the_digest_of_every_other_file(run):
    manifest = read_manifest(run)

    assert manifest.changed_files() == []
    assert set(manifest.values["files"]) == set(contents(run)) - {"manifest.json"}
