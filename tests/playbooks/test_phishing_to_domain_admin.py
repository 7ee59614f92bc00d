"""What somebody who looks into the playbook phishing-to-domain-admin would check in its telemetry."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from simulator.usecases.request import Request, play_request

STEPS = ("deliver", "macro", "discover", "elevate", "server", "new-account", "domain-admin", "clear")
LONG_RUNNING = {"outlook.exe", "services.exe", "wmiprvse.exe"}  # were there before the run began
SIGMA = Path(__file__).resolve().parents[3] / "shared" / "data" / "sigma" / "rules" / "windows"
OF_OTHERS = {  # file of a rule that is not ours: the step that it finds
    "process_creation/proc_creation_win_office_susp_child_processes.yml": "macro",
    "process_creation/proc_creation_win_powershell_base64_encoded_cmd.yml": "macro",
    "process_creation/proc_creation_win_net_groups_and_accounts_recon.yml": "discover",
    "process_creation/proc_creation_win_uac_bypass_fodhelper.yml": "elevate",
    "builtin/security/win_security_cobaltstrike_service_installs.yml": "server",
    "builtin/security/account_management/win_security_susp_logon_newcredentials.yml": "hash",
}


@pytest.fixture(scope="module")
def run(play):
    return play("phishing-to-domain-admin")


def told(run, step: str, stream: str, code: str) -> list[dict[str, str]]:
    """Return what the events of one kind say in a step, and when."""
    records = [each for each in run.records_of(f"step:{step}", stream) if str(each["winlog"]["event_id"]) == code]
    return [{**each["winlog"].get("event_data", {}), "at": each["@timestamp"]} for each in records]


def test_parents_started_before_their_children_and_are_who_their_children_say(run):
    started = [each for step in STEPS for each in told(run, step, "windows.sysmon", "1")]  # steps follow one another
    seen = {}
    for each in started:
        if each["ParentImage"].rpartition("\\")[2].lower() not in LONG_RUNNING:
            parent = seen[each["ParentProcessGuid"]]
            assert (each["ParentImage"], each["ParentCommandLine"]) == (parent["Image"], parent["CommandLine"])
            assert each["ParentProcessId"] == parent["ProcessId"]
            assert parent["at"] <= each["at"]
        seen[each["ProcessGuid"]] = each

    assert len(started) > 25


def test_what_opens_lsass_is_the_powershell_that_passed_by_uac(run):
    (powershell,) = [
        each for each in told(run, "elevate", "windows.sysmon", "1") if each["Image"].endswith("powershell.exe")
    ]
    opened = told(run, "lsass", "windows.sysmon", "10")

    assert powershell["IntegrityLevel"] == "High"
    assert {each["SourceProcessGUID"] for each in opened} == {powershell["ProcessGuid"]}
    assert all(each["CallTrace"].endswith(")") and "|UNKNOWN(" in each["CallTrace"] for each in opened)


def test_encoded_commands_decode_to_what_powershell_wrote_down(run):
    for step in ("macro", "server"):
        commands = [
            each["CommandLine"]
            for each in told(run, step, "windows.sysmon", "1")
            if each["Image"].endswith("powershell.exe")
        ]
        blocks = {each["ScriptBlockText"] for each in told(run, step, "windows.powershell", "4104")}
        assert {base64.b64decode(each.split()[-1]).decode("utf-16-le") for each in commands} <= blocks


def test_the_implant_calls_from_the_program_that_the_macro_started(run):
    (implant,) = [
        each for each in told(run, "macro", "windows.sysmon", "1") if each["Image"].endswith("powershell.exe")
    ]
    calls = told(run, "beacon", "windows.sysmon", "3")

    assert len(calls) > 10
    assert {(each["ProcessGuid"], each["ProcessId"]) for each in calls} == {
        (implant["ProcessGuid"], implant["ProcessId"])
    }


@pytest.mark.parametrize("step", ["new-account", "domain-admin", "clear"])
def test_what_is_done_at_the_domain_controller_is_done_in_the_session_that_came_from_the_desk(run, step):
    (logon,) = told(run, step, "windows.security", "4624")
    there = [each for each in told(run, step, "windows.sysmon", "1") if each["LogonId"] == logon["TargetLogonId"]]
    here = [each for each in told(run, step, "windows.sysmon", "3") if each["DestinationPort"] != "135"]
    (session,) = told(run, "hash", "windows.security", "4624")
    (order,) = [each for each in told(run, step, "windows.sysmon", "1") if each["Image"].endswith("WMIC.exe")]

    assert {each["Image"].rpartition("\\")[2] for each in there} >= {"cmd.exe", "conhost.exe"}
    assert (here[0]["SourceIp"], here[0]["SourcePort"]) == (logon["IpAddress"], logon["IpPort"])
    assert order["LogonId"] == session["TargetLogonId"]


def test_the_account_that_is_made_is_the_one_that_becomes_an_administrator(run):
    (made,) = told(run, "new-account", "windows.security", "4720")
    (added,) = told(run, "domain-admin", "windows.security", "4728")

    assert made["TargetSid"] == added["MemberSid"]
    assert made["at"] < added["at"]


@pytest.mark.skipif(not SIGMA.is_dir(), reason=f"{SIGMA} is not there")
def test_rules_of_others_find_it(tmp_path):
    rules = tuple(SIGMA / name for name in OF_OTHERS)
    request = Request("phishing-to-domain-admin", settings=("activity=0.02",), out=str(tmp_path / "run"), rules=rules)
    folder = play_request(request, lambda done, events: None).folder

    scored = json.loads((folder / "scorecard.json").read_bytes())["rules"]
    noticed = {each["file"]: each["steps_noticed"] for each in scored}
    for name, step in OF_OTHERS.items():
        assert step in noticed[Path(name).name]


def test_an_account_that_is_disabled_in_time_never_rules_the_domain(tmp_path):
    (tmp_path / "responses.yaml").write_text("responses: [{at: +75m, do: disable, what: admin}]")
    request = Request(
        "phishing-to-domain-admin",
        settings=("activity=0.02",),
        out=str(tmp_path / "run"),
        responses=tmp_path / "responses.yaml",
        score=False,
    )
    truth = json.loads((play_request(request, lambda done, events: None).folder / "truth.json").read_bytes())

    events = {step["id"]: step["events"] for step in truth["steps"]}
    assert events["macro"] > 0
    assert (events["new-account"], events["domain-admin"], events["clear"]) == (0, 0, 0)
