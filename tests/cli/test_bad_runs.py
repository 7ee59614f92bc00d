"""``feint score`` and ``feint explain`` on folders that are no runs, are damaged, or were changed afterwards."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def damaged(run):
    """Change something in the manifest of a run."""

    def damaged(**changes: object) -> None:
        path = run / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return damaged


@pytest.mark.parametrize("command", [["score"], ["explain"]], ids=["score", "explain"])
@pytest.mark.parametrize(
    ("folder", "said"),
    [("nowhere", "No such file or directory"), (".", "No such file or directory"), ("night-visit.yaml", "directory")],
)
def test_a_folder_that_is_no_run_is_refused(feint, command, folder, said):
    complaint = feint(*command, folder, *(["rule"] if command == ["explain"] else [])).complaint(2)

    assert "manifest.json: cannot be read (" in complaint
    assert said in complaint
    assert complaint.endswith("; name the folder of a run")


@pytest.mark.parametrize(
    "contents",
    [b"", b"{", b"[]", b"null", b"{}", b'{"format": 2}', b"\xff\xfe", b'{"format": 1, "status": "complete"}'],
)
def test_a_manifest_that_is_none_is_refused(feint, run, contents):
    (run / "manifest.json").write_bytes(contents)

    assert "is not the manifest of a run that this version can read" in feint("score", run).complaint(2)


@pytest.mark.parametrize(
    "changes",
    [
        {"run": "../.."},
        {"run": 5},
        {"playbook": None},
        {"status": "splendid"},
        {"span": {"start": "yesterday", "end": "today"}},
        {"detection": {"interval": "0s", "look_back": "9m"}},
        {"detection": {"interval": 5, "look_back": "9m"}},
        {"expectations": [{"rules": "x"}]},
        {"expectations": None},
        {"responses": [{"at": "then", "do": "block", "what": "attacker"}]},
        {"responses": [{"do": "block"}]},
        {"streams": [{"renderer": "linux.auth_log", "file": "../../etc/passwd"}]},
        {"streams": [{"renderer": "linux.auth_log", "file": "/etc/passwd"}]},
        {"streams": [{"renderer": "linux.auth_log"}]},
        {"files": {"/etc/passwd": "sha256:0"}},
        {"files": []},
    ],
    ids=str,
)
@pytest.mark.parametrize("command", ["score", "explain"])
def test_a_manifest_that_was_damaged_is_refused(feint, run, damaged, command, changes):
    damaged(**changes)

    complaint = feint(command, run, *(["many-failures"] if command == "explain" else [])).complaint(2)

    assert complaint.startswith("run/manifest.json: is not the manifest of a run that this version can read (")


def test_a_run_of_a_product_that_is_not_installed_is_refused(feint, run, damaged):
    damaged(streams=[{"renderer": "acme.log", "file": "telemetry/acme.log/acme.log.log"}])

    assert "was recorded with renderer 'acme.log'; install the plugin that adds it" in feint("score", run).complaint(2)


@pytest.mark.parametrize("name", ["truth.json", "truth.parquet", "deliveries.parquet"])
@pytest.mark.parametrize("damage", ["missing", "empty", "nonsense", "cut"])
def test_a_ledger_that_cannot_be_read_is_refused(feint, run, name, damage):
    path = run / name
    before = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "nonsense": b"nonsense" * 50, "cut": before[: len(before) // 2]}[damage])

    ended = feint("score", run)

    assert (ended.code, ended.out) == (2, "")
    warning, complaint = ended.err.splitlines()
    assert warning.startswith(f"feint: run/{name}: is not as it was recorded")
    assert complaint.startswith("feint: run/")
    assert name in complaint


def test_telemetry_that_was_changed_afterwards_is_named_and_scored_as_it_is(feint, run):
    path = run / "telemetry" / "linux.auth_log" / "linux.auth_log.log"
    path.write_bytes(path.read_bytes().replace(b"Failed password", b"Forgotten word."))

    first, second = feint("score", run), feint("score", run)

    for ended in (first, second):  # scoring it does not make it what was recorded
        assert ended.code == 1
        assert ended.err == (
            "feint: run/telemetry/linux.auth_log/linux.auth_log.log: is not as it was recorded; "
            "the score is of what it says now\n"
        )
        assert "✗ not met" in ended.out


def test_telemetry_that_is_gone_is_refused(feint, run):
    (run / "telemetry" / "linux.auth_log" / "linux.auth_log.log").unlink()

    ended = feint("score", run)

    assert ended.code == 2
    assert "linux.auth_log.log" in ended.err.splitlines()[-1]


def test_telemetry_that_is_no_telemetry_is_scored_as_far_as_it_can_be_read(feint, run):
    for path in run.glob("telemetry/*/*"):
        path.write_bytes(b"\x00\xff nonsense \n{{{\n" * 20)

    ended = feint("score", run)

    assert ended.code in (1, 2)
    assert ended.err.count("is not as it was recorded") == 8


def test_a_rule_that_nobody_knows_is_refused_with_a_suggestion(feint, run):
    assert "did you mean 'many-failures'?" in feint("explain", run, "many-failurs").complaint(2)


@pytest.mark.parametrize("command", ["score", "explain"])
def test_rules_that_are_not_there_are_refused(feint, run, command):
    arguments = ["many-failures"] if command == "explain" else []

    assert "nowhere: there is no such file or folder" in feint(
        command, run, *arguments, "--rules", "nowhere"
    ).complaint(2)


def test_a_run_on_a_disk_that_is_read_only_is_a_failed_sink(feint, run):
    (run / "alerts.ndjson").unlink()
    (run / "alerts.ndjson").mkdir()

    ended = feint("score", run)

    assert ended.code == 4
    assert "run/alerts.ndjson: cannot be written: " in ended.err
