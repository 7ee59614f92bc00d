"""What somebody who looks into the playbook ransomware-precursor would check in its telemetry."""

from __future__ import annotations

import pytest

STEPS = ("discovery", "file-server", "blind", "stop", "no-way-back", "encrypt")
SYSMON = "windows.sysmon"
LONG_RUNNING = {"rundll32.exe", "services.exe"}  # were there before the run began


@pytest.fixture(scope="module")
def run(play):
    return play("ransomware-precursor")


def sysmon(run, step: str, code: str) -> list[dict[str, str]]:
    """Return what Sysmon says in a step's events of one kind, and when."""
    records = [each for each in run.records_of(f"step:{step}", SYSMON) if str(each["winlog"]["event_id"]) == code]
    return [{**each["winlog"]["event_data"], "at": each["@timestamp"]} for each in records]


def test_parents_started_before_their_children_and_are_who_their_children_say(run):
    started = sorted((each for step in STEPS for each in sysmon(run, step, "1")), key=lambda each: each["at"])
    seen = {}
    for each in started:
        if each["ParentImage"].rpartition("\\")[2] not in LONG_RUNNING:
            parent = seen[each["ParentProcessGuid"]]
            assert (each["ParentImage"], each["ParentCommandLine"]) == (parent["Image"], parent["CommandLine"])
            assert each["ParentProcessId"] == parent["ProcessId"]
        seen[each["ProcessGuid"]] = each

    assert len(started) > 40


def test_what_files_are_written_by_is_running(run):
    programs = {each["ProcessGuid"]: each["Image"] for step in STEPS for each in sysmon(run, step, "1")}
    writers = {each["ProcessGuid"]: each["Image"] for each in sysmon(run, "encrypt", "11")}

    assert len(writers) == 1
    assert writers.items() <= programs.items()


def test_each_original_is_deleted_after_its_encrypted_copy_was_written(run):
    copies = {each["TargetFilename"]: each["at"] for each in sysmon(run, "encrypt", "11")}
    originals = sysmon(run, "encrypt", "23")

    assert len(originals) >= 80
    assert all(copies[f"{each['TargetFilename']}.k7rq2"] <= each["at"] for each in originals)


def test_nothing_is_encrypted_before_the_shadow_copies_are_gone(run):
    deleted = [each["at"] for each in sysmon(run, "no-way-back", "1") if "delete shadows" in each["CommandLine"]]

    assert deleted
    assert max(deleted) < min(each["at"] for each in sysmon(run, "encrypt", "11"))


def test_psexec_leaves_its_service_in_the_log_and_a_logon_from_the_desk(run):
    (installed,) = run.records_of("step:file-server", "windows.system")
    codes = [str(each["winlog"]["event_id"]) for each in run.records_of("step:file-server", "windows.security")]

    assert installed["winlog"]["event_data"]["ServiceName"] == "PSEXESVC"
    assert {"4648", "4768", "4769", "4624", "4672", "4697"} <= set(codes)


def test_where_there_is_net_there_is_net1(run):
    started = [each for step in STEPS for each in sysmon(run, step, "1")]
    asks = [each for each in started if each["Image"].endswith("\\net.exe") and " view " not in each["CommandLine"]]
    answers = {each["ParentProcessGuid"] for each in started if each["Image"].endswith("\\net1.exe")}

    assert {each["ProcessGuid"] for each in asks} == answers
