"""What other readers, rules and a sceptic find in the telemetry of the playbook web-shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.usecases.request import Request, play_request
from tests.plugins.readers import output_of

STEPS = ("upload", "look-around", "collect", "exfiltrate", "clean-up")
SIGMA = Path(__file__).resolve().parents[3] / "shared" / "data" / "sigma" / "rules" / "linux"
OF_OTHERS = {  # file of a rule that is not ours: the step that it finds
    "auditd/syscall/lnx_auditd_web_rce.yml": "look-around",
    "auditd/syscall/lnx_auditd_split_file_into_pieces.yml": "collect",
    "process_creation/proc_creation_lnx_local_account.yml": "look-around",
    "process_creation/proc_creation_lnx_susp_curl_fileupload.yml": "exfiltrate",
}


@pytest.fixture(scope="module")
def run(play):
    return play("web-shell")


@pytest.fixture(scope="module")
def started(run):
    return sorted(
        (
            each
            for step in STEPS
            for each in run.records_of(f"step:{step}", "linux.ecs")
            if each["event"]["action"] == "exec"
        ),
        key=lambda each: each["@timestamp"],
    )


def test_everything_that_is_started_hangs_below_one_worker_of_php(started):
    seen = {}
    for each in started:
        parent = each["process"]["parent"]
        if parent["executable"] != "/usr/sbin/php-fpm8.3":
            assert parent["executable"] == seen[parent["entity_id"]]["executable"]
            assert parent["pid"] == seen[parent["entity_id"]]["pid"]
        seen[each["process"]["entity_id"]] = each["process"]

    workers = {each["process"]["parent"]["pid"] for each in started if "php-fpm" in each["process"]["parent"]["name"]}
    assert len(started) > 20
    assert len(workers) == 1
    assert {each["user"]["name"] for each in started} == {"www-data"}


def test_a_shell_becomes_the_last_command_that_it_is_given(started):
    shells = {each["process"]["pid"]: each["process"]["args"] for each in started if each["process"]["name"] == "dash"}
    became = {
        each["process"]["pid"]: each["process"]["args"]
        for each in started
        if each["process"]["name"] != "dash" and each["process"]["pid"] in shells
    }

    assert len(became) == 4
    for pid, arguments in became.items():
        assert shells[pid][-1].rpartition("; ")[2] == " ".join(arguments)


def test_the_access_log_and_the_wire_know_of_the_same_requests(run):
    for step in ("scan", *STEPS):
        asked = run.lines_of(f"step:{step}", "nginx.access")
        seen = run.records_of(f"step:{step}", "zeek.ssl")
        assert len(asked) == sum(each.get("server_name") == "www.kettleleaf.example" for each in seen)


def test_orders_leave_no_words_in_the_access_log(run):
    assert all("POST /media/reviews/2026/03/IMG_" in line for line in run.lines_of("step:look-around", "nginx.access"))
    assert not any("?" in line.split('"')[1] for line in run.lines_of("step:look-around", "nginx.access"))


def test_no_piece_is_large_and_all_together_are(run):
    sent = [
        each["orig_bytes"]
        for each in run.records_of("step:exfiltrate", "zeek.conn")
        if each["local_orig"] and not each["local_resp"]
    ]

    assert max(sent) < 50_000_000
    assert sum(sent) > 200_000_000


def test_ausearch_finds_the_dump_and_the_uploads(run, tmp_path):
    (tmp_path / "audit.log").write_text("\n".join(run.lines("linux.auditd")) + "\n")
    for program, least in (("/usr/lib/postgresql/16/bin/pg_dump", 1), ("/usr/bin/curl", 5)):
        found = output_of(
            ["ausearch", "-if", str(tmp_path / "audit.log"), "-ui", "33", "-x", program, "--format", "csv"], "auditd"
        )
        assert len([line for line in found.splitlines()[1:] if line]) >= least


def test_goaccess_reads_the_access_log_and_finds_what_is_not_there(run, tmp_path):
    (tmp_path / "access.log").write_text("\n".join(run.lines("nginx.access")) + "\n")
    report = tmp_path / "report.json"
    format_ = '%h %^[%d:%t %^] "%r" %s %b "%R" "%u" %^'
    formats = ["--log-format", format_, "--date-format", "%d/%b/%Y", "--time-format", "%H:%M:%S"]
    output_of(["goaccess", str(tmp_path / "access.log"), *formats, "--no-global-config", "-o", str(report)], "goaccess")

    general = json.loads(report.read_text())["general"]
    assert general["failed_requests"] == 0
    assert general["valid_requests"] == len(run.lines("nginx.access"))
    assert general["unique_not_found"] > 20


@pytest.mark.skipif(not SIGMA.is_dir(), reason=f"{SIGMA} is not there")
def test_rules_of_others_find_it(tmp_path):
    rules = tuple(SIGMA / name for name in OF_OTHERS)
    request = Request("web-shell", settings=("activity=0.02",), out=str(tmp_path / "run"), rules=rules)
    folder = play_request(request, lambda done, events: None).folder

    scored = json.loads((folder / "scorecard.json").read_bytes())["rules"]
    noticed = {each["file"]: each["steps_noticed"] for each in scored}
    for name, step in OF_OTHERS.items():
        assert step in noticed[Path(name).name]


def test_a_web_server_that_is_isolated_takes_no_more_orders(tmp_path, run):
    (tmp_path / "responses.yaml").write_text(
        "responses: [{at: +100m, do: isolate, what: web}, {at: +100m, do: block, what: attacker}]"
    )
    request = Request(
        "web-shell",
        settings=("activity=0.02",),
        out=str(tmp_path / "run"),
        responses=tmp_path / "responses.yaml",
        score=False,
    )
    truth = json.loads((play_request(request, lambda done, events: None).folder / "truth.json").read_bytes())

    cut = truth["start"] + 100 * 60 * 10**9
    assert all(step["end"] is None or step["end"] < cut for step in truth["steps"])
    assert run.json("truth.json")["steps"][-1]["end"] > cut
