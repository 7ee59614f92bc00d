"""Options, destinations and files that cannot be: one sentence, the right exit code, nothing left behind."""

from __future__ import annotations

import socket

import pytest

from tests.night_visit import NAME

FILE = f"./{NAME}.yaml"


def runs_in(here):
    return sorted(path.name for path in here.iterdir() if path.name not in (f"{NAME}.yaml", "rules"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--nonsense"], "No such option '--nonsense'"),
        (["--seed", "abc"], "'abc' is not a valid integer"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--speed", "fast"], "--speed 'fast': write max, or how many seconds"),
        (["--speed", "0"], "--speed '0': write max"),
        (["--speed", "-1"], "--speed '-1': write max"),
        (["--speed", "nan"], "--speed 'nan': write max"),
        (["--speed", "inf"], "--speed 'inf': write max"),
        (["--set", "attempts"], "--set 'attempts': write NAME=VALUE"),
        (["--set", "=5"], "--set '=5': write NAME=VALUE"),
        (["--set", "atempts=5"], "no parameter 'atempts'; did you mean 'attempts'?"),
        (["--set", "attempts=many"], "--set attempts=many: expected a whole number"),
        (["--set", "attempts=0"], "--set attempts=0: 0 is out of range; it goes from 1 to 5000"),
        (["--only", "zeek.con"], "has no renderer 'zeek.con' deployed"),
        (["--rules", "nowhere"], "nowhere: there is no such file or folder"),
        (["--responses", "nowhere.yaml"], "nowhere.yaml:1:1: this file cannot be read: No such file"),
        (["--junit", "report.xml", "--no-score"], "--junit: nothing is scored"),
        (["--json", "--out", "-"], "both want standard output"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(feint, here, arguments, said):
    assert said in feint("play", FILE, "--out", "run", *arguments).complaint(2)
    assert runs_in(here) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["paly"], "No such command 'paly'"),
        (["play"], "Missing argument 'PLAYBOOK'"),
        (["play", FILE, "another"], "unexpected extra argument"),
        (["schema", "rules"], "'rules' is not one of"),
        (["new", "../elsewhere"], "cannot name a playbook"),
        (["new", NAME], f"{NAME}.yaml: exists already"),
        (["new", "fine", "--out", "missing/fine.yaml"], "missing/fine.yaml: cannot be written"),
        (["--log-level", "all", "list"], "'all' is not one of"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(feint, arguments, said):
    assert said in feint(*arguments).complaint(2)


@pytest.mark.parametrize(
    "out",
    [
        "https://siem.example:9200/logs",
        "tcp://10.0.0.1:514",
        "udp://log.example:514",
        "s3://bucket/logs",
        "log.example:/var/log",
        "//server/share",
        "\\\\server\\share",
        "/dev/null",
        "/dev/tcp/10.0.0.1/514",
        "/proc/self/fd/1",
        "/usr/../dev/shm/run",
        "circle/run",
    ],
)
def test_a_destination_that_is_not_allowed_is_refused_by_the_guard(feint, here, out):
    (here / "circle").symlink_to("circle")

    assert feint("play", FILE, "--out", out).complaint(3).startswith(f"{out}: ")
    assert runs_in(here) == ["circle"]


@pytest.mark.parametrize("what", ["folder", "file", "empty folder", "link"])
def test_what_exists_is_never_written_to(feint, here, what):
    out = here / "taken"
    if what == "file":
        out.write_text("mine")
    elif what == "link":
        (here / "elsewhere").mkdir()
        out.symlink_to(here / "elsewhere")
    else:
        out.mkdir()
    if what == "folder":
        (out / "mine").write_text("mine")

    said = feint("play", FILE, "--out", "taken").complaint(2)

    assert said == "taken: exists already; give --out another name, or remove it"
    assert (out.is_file() and out.read_text() == "mine") or [p.name for p in out.iterdir()] in ([], ["mine"])
    assert ".taken.playing" not in runs_in(here)


@pytest.mark.parametrize("out", [f"{NAME}.yaml/run", "x" * 300, "a" * 250])
def test_a_folder_that_cannot_be_made_is_a_failed_sink(feint, here, out):
    assert f"{out}: cannot be made: " in feint("play", FILE, "--out", out).complaint(4)
    assert runs_in(here) == []


def test_a_junit_report_that_cannot_be_written_leaves_the_run_as_it_is(feint, here):
    ended = feint("play", FILE, "--out", "run", "--junit", f"{NAME}.yaml/report.xml")

    assert ended.code == 4
    assert f"{NAME}.yaml/report.xml: cannot be written: " in ended.err
    assert (here / "run" / "scorecard.json").is_file()


def test_runs_without_a_name_are_numbered(feint, here):
    for _ in range(2):
        assert feint("play", FILE, "--no-score", "--only", "linux.auth_log").code == 0

    assert sorted(path.name for path in (here / "runs").iterdir()) == [f"{NAME}-1", f"{NAME}-2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"responses: [{at: +5m, do: blok, what: attacker}]", "did you mean 'block'?"),
        (b"responses: [{at: +5m, do: block, what: victim}]", "cannot be done to 'victim'"),
        (b"responses: [{at: soon, do: block, what: attacker}]", "'soon' is not a duration"),
        (b"responses: [{do: block}]", "needs 'at'"),
        (b"answers: []", "has no 'answers'; it has responses"),
        (b"\xff\xfe", "byte order mark"),
        (b"a: \xe4", "is not UTF-8"),
    ],
)
def test_responses_that_are_wrong_are_named_with_their_place(feint, here, text, said):
    (here / "responses.yaml").write_bytes(text)

    ended = feint("play", FILE, "--out", "run", "--responses", "responses.yaml")

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "responses.yaml:1:" in ended.err
    assert not (here / "run").exists()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("notes.yml", b"hello: world\n", "no rule that an installed detector knows"),
        ("notes.txt", b"hello\n", "no rule that an installed detector knows"),
        ("broken.yml", b"detection:\n  - : [\n", "not YAML"),
        ("latin.yml", b"detection: \xe4\n", "not UTF-8"),
        ("odd.yml", b"title: x\ndetection: [1, 2]\n", "Sigma"),
        ("empty.yml", b"", "no rule that an installed detector knows"),
    ],
)
def test_a_rule_that_is_none_is_named_and_where_no_other_ran_that_is_bad_input(feint, here, name, text, said):
    (here / name).write_bytes(text)

    ended = feint("play", FILE, "--out", "run", "--rules", name)

    assert ended.code == 2
    (complaint,) = [line for line in ended.err.splitlines() if not line.startswith("Playing ")]
    assert complaint.startswith(f"feint: {name}: ")
    assert said in complaint
    assert (here / "run" / "scorecard.json").is_file()  # it was played all the same, and can be scored with others


def test_a_bad_rule_stops_no_other(feint, here):
    (here / "rules" / "bad.yml").write_text("detection: [1]\n")

    ended = feint("play", FILE, "--out", "run", "--rules", "rules")

    assert ended.code == 0
    assert "bad.yml" in ended.err
    assert "✓ met" in ended.out


def test_an_expected_rule_that_is_none_is_bad_input(feint, here):
    (here / "rules" / "many-failures.yml").write_text("hello: world\n")

    ended = feint("play", FILE, "--out", "run")

    assert ended.code == 2
    assert "feint: many-failures.yml: " in ended.err


def test_nothing_is_ever_sent_over_a_network(feint, monkeypatch):
    def refuse(*_):
        raise AssertionError("somebody opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert feint("play", FILE, "--out", "run").code == 0
