"""``windows.sysmon`` and ``windows.powershell``: fields, their order and the form of their values."""

import re
from datetime import UTC, datetime

import pytest

from tests.plugins.windows import JANE, LSASS, POWERSHELL, SYSTEM, document

PROCESS = "RuleName UtcTime ProcessGuid ProcessId"
REGISTRY = "RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject"
IN_PROGRAMS = "FileVersion Description Product Company OriginalFileName"
FIELDS = {  # event id: event, version, fields as `Sysmon -s` lists them (schema 4.81 and later)
    "1": (
        "process.started",
        5,
        f"{PROCESS} Image {IN_PROGRAMS} CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId "
        "IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser",
    ),
    "3": (
        "network.connection",
        5,
        f"{PROCESS} Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName "
        "DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName",
    ),
    "5": ("process.ended", 3, f"{PROCESS} Image User"),
    "7": (
        "image.loaded",
        3,
        f"{PROCESS} Image ImageLoaded {IN_PROGRAMS} Hashes Signed Signature SignatureStatus User",
    ),
    "8": (
        "thread.created_remotely",
        2,
        "RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage "
        "NewThreadId StartAddress StartModule StartFunction SourceUser TargetUser",
    ),
    "10": (
        "process.accessed",
        3,
        "RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID "
        "TargetProcessId TargetImage GrantedAccess CallTrace SourceUser TargetUser",
    ),
    "11": ("file.created", 2, f"{PROCESS} Image TargetFilename CreationUtcTime User"),
    "12": ("registry.key_changed", 2, f"{REGISTRY} User"),
    "13": ("registry.value_set", 2, f"{REGISTRY} Details User"),
    "17": ("pipe.created", 1, "RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User"),
    "18": ("pipe.connected", 1, "RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User"),
    "22": ("dns.query", 5, f"{PROCESS} QueryName QueryStatus QueryResults Image User"),
    "23": ("file.deleted", 5, f"{PROCESS} User Image TargetFilename Hashes IsExecutable Archived"),
    "25": ("process.tampered", 5, f"{PROCESS} Image Type User"),
}


def sysmon(event, **values):
    return document("windows.sysmon", event, user=values.pop("user", JANE), **values)["winlog"]["event_data"]


@pytest.mark.parametrize("code", FIELDS)
def test_event_data_has_sysmons_fields_in_sysmons_order(code):
    event, version, fields = FIELDS[code]

    found = document("windows.sysmon", event, user=JANE)
    assert (found["event"]["code"], found["winlog"]["event_id"], found["winlog"]["version"]) == (code, code, version)
    assert list(found["winlog"]["event_data"]) == fields.split()
    assert all(isinstance(value, str) and value for value in found["winlog"]["event_data"].values())


@pytest.mark.parametrize("code", FIELDS)
def test_utc_time_is_the_records_time_and_ids_have_sysmons_forms(code):
    found = document("windows.sysmon", FIELDS[code][0], user=JANE)

    data = found["winlog"]["event_data"]
    spoken = datetime.strptime(data["UtcTime"] + "+0000", "%Y-%m-%d %H:%M:%S.%f%z")
    assert spoken == datetime.fromisoformat(found["@timestamp"])
    assert spoken.tzinfo is UTC or spoken.utcoffset().total_seconds() == 0
    for name, value in data.items():
        if name.lower().endswith("guid"):
            assert re.fullmatch(r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}", value), name
        if name.endswith("ProcessId"):
            assert int(value) % 4 == 0


def test_a_well_known_program_brings_what_is_written_in_its_file():
    found = sysmon("process.started", image=POWERSHELL)

    assert (found["OriginalFileName"], found["Description"]) == ("PowerShell.EXE", "Windows PowerShell")
    assert (found["Company"], found["Product"]) == ("Microsoft Corporation", "Microsoft® Windows® Operating System")


def test_a_program_that_only_borrows_a_known_name_has_nothing_written_in_it():
    found = sysmon("process.started", image=r"C:\Users\Public\svchost.exe")

    assert {found[name] for name in IN_PROGRAMS.split()} == {"-"}


def test_hashes_are_those_of_the_file_wherever_it_is_seen():
    started = sysmon("process.started", image=r"C:\Temp\Tool.exe")
    deleted = sysmon("file.deleted", path=r"C:\temp\tool.exe")

    assert started["Hashes"] == deleted["Hashes"]
    assert re.fullmatch(r"MD5=[0-9A-F]{32},SHA256=[0-9A-F]{64},IMPHASH=[0-9A-F]{32}", started["Hashes"])
    assert deleted["IsExecutable"] == "true"
    assert sysmon("file.deleted")["IsExecutable"] == "false"


def test_system_runs_in_session_0_at_its_own_level():
    found = sysmon("process.started", user=SYSTEM)

    assert (found["User"], found["LogonId"]) == (r"NT AUTHORITY\SYSTEM", "0x3e7")
    assert (found["IntegrityLevel"], found["TerminalSessionId"]) == ("System", "0")
    assert found["LogonGuid"].endswith("e7030000}")


def test_a_process_without_a_known_parent_has_dashes_for_it():
    found = sysmon("process.started")

    assert (found["ParentImage"], found["ParentCommandLine"], found["ParentUser"]) == ("-", "-", "-")
    assert (found["ParentProcessGuid"], found["ParentProcessId"]) == ("{00000000-0000-0000-0000-000000000000}", "0")


def test_a_child_of_services_is_run_by_system():
    found = sysmon("process.started", parent_image=r"C:\Windows\System32\services.exe")

    assert found["ParentUser"] == r"NT AUTHORITY\SYSTEM"


def test_a_working_directory_ends_in_a_backslash():
    assert sysmon("process.started", working_directory=r"C:\Users\jane")["CurrentDirectory"] == "C:\\Users\\jane\\"


def test_opening_lsass_names_both_sides():
    found = sysmon("process.accessed", granted_access="0x1010")

    assert (found["SourceUser"], found["TargetUser"]) == (r"CORP\jane", r"NT AUTHORITY\SYSTEM")
    assert (found["TargetImage"], found["GrantedAccess"]) == (LSASS, "0x1010")
    assert found["CallTrace"].startswith(r"C:\Windows\SYSTEM32\ntdll.dll+")


def test_a_module_of_windows_is_signed_and_one_from_elsewhere_is_not():
    known, strange = sysmon("image.loaded"), sysmon("image.loaded", loaded=r"C:\Users\jane\x.dll")

    assert (known["Signed"], known["Signature"], known["SignatureStatus"]) == ("true", "Microsoft Windows", "Valid")
    assert (strange["Signed"], strange["Signature"], strange["SignatureStatus"]) == ("false", "-", "Unavailable")


@pytest.mark.parametrize(
    ("answer", "kind", "rcode", "results", "status"),
    [
        ("203.0.113.5", "A", "NOERROR", "::ffff:203.0.113.5;", "0"),
        ("2001:db8::5", "AAAA", "NOERROR", "2001:db8::5;", "0"),
        ("cdn.example.net", "CNAME", "NOERROR", "type:  5 cdn.example.net;", "0"),
        (None, "A", "NXDOMAIN", "-", "9003"),
        (None, "A", "TIMEOUT", "-", "1460"),
    ],
)
def test_answers_to_dns_queries_are_written_as_sysmon_writes_them(answer, kind, rcode, results, status):
    found = sysmon("dns.query", answer=answer, query_type=kind, rcode=rcode)

    assert (found["QueryResults"], found["QueryStatus"]) == (results, status)


def test_a_connection_says_who_called_whom():
    found = sysmon("network.connection")

    assert (found["SourceIp"], found["SourceHostname"]) == ("10.20.1.14", "ws-014.corp.example")
    assert (found["DestinationIp"], found["DestinationPort"], found["DestinationPortName"]) == (
        "203.0.113.66",
        "443",
        "https",
    )
    assert (found["Initiated"], found["SourceIsIpv6"], found["Protocol"]) == ("true", "false", "tcp")


def test_a_registry_value_is_named_with_its_key_and_shown_as_sysmon_shows_it():
    found = sysmon("registry.value_set")

    assert (found["EventType"], found["Details"]) == ("SetValue", "DWORD (0x00000001)")
    assert found["TargetObject"] == r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\Updater"


def test_a_script_block_has_its_text_and_only_a_path_when_it_has_one():
    typed = document("windows.powershell", "powershell.script_block", user=JANE)
    filed = document("windows.powershell", "powershell.script_block", user=JANE, path=r"C:\a.ps1", level="warning")

    data = typed["winlog"]["event_data"]
    assert list(data) == ["MessageNumber", "MessageTotal", "ScriptBlockText", "ScriptBlockId"]
    assert data["ScriptBlockText"] == 'Write-Host "déjà vu"\n'
    assert (typed["event"]["code"], typed["log"]["level"], typed["winlog"]["task"]) == (
        "4104",
        "verbose",
        "Execute a Remote Command",
    )
    assert filed["winlog"]["event_data"]["Path"] == r"C:\a.ps1"
    assert filed["log"]["level"] == "warning"


def test_a_logged_command_has_its_context_line_by_line():
    found = document("windows.powershell", "powershell.module_logged", user=JANE, command="Get-ADUser")

    data = found["winlog"]["event_data"]
    context = dict(line.strip().partition(" =")[::2] for line in data["ContextInfo"].split("\n"))
    assert list(data) == ["ContextInfo", "Payload"]
    assert data["Payload"] == 'CommandInvocation(Get-ADUser): "Get-ADUser"'
    assert (context["Command Name"].strip(), context["User"].strip()) == ("Get-ADUser", r"CORP\jane")
    assert found["event"]["code"] == "4103"
