"""``windows.security`` and ``windows.system``: field names, their order and the form of their values."""

import re
from xml.etree import ElementTree as ET

import pytest

from simulator import UsageError
from tests.plugins.rendering import ATTACKER
from tests.plugins.windows import ADMIN, CONTROLLER, JANE, LOCAL, NOBODY, SYSTEM, WORKSTATION, document, documents

SUBJECT = "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId"
TARGET = "TargetUserName TargetDomainName TargetSid"
FIELDS = {  # event id: the event, its fields in the order in which Windows writes them
    "4624": (
        "logon.succeeded",
        f"{SUBJECT} TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName "
        "AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId "
        "ProcessName IpAddress IpPort ImpersonationLevel RestrictedAdminMode TargetOutboundUserName "
        "TargetOutboundDomainName VirtualAccount TargetLinkedLogonId ElevatedToken",
    ),
    "4625": (
        "logon.failed",
        f"{SUBJECT} TargetUserSid TargetUserName TargetDomainName Status FailureReason SubStatus LogonType "
        "LogonProcessName AuthenticationPackageName WorkstationName TransmittedServices LmPackageName KeyLength "
        "ProcessId ProcessName IpAddress IpPort",
    ),
    "4634": ("logon.ended", "TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType"),
    "4648": (
        "logon.explicit",
        f"{SUBJECT} LogonGuid TargetUserName TargetDomainName TargetLogonGuid TargetServerName TargetInfo ProcessId "
        "ProcessName IpAddress IpPort",
    ),
    "4672": ("logon.privileged", f"{SUBJECT} PrivilegeList"),
    "4688": (
        "process.started",
        f"{SUBJECT} NewProcessId NewProcessName TokenElevationType ProcessId CommandLine TargetUserSid TargetUserName "
        "TargetDomainName TargetLogonId ParentProcessName MandatoryLabel",
    ),
    "4689": ("process.ended", f"{SUBJECT} Status ProcessId ProcessName"),
    "4697": (
        "service.installed",
        f"{SUBJECT} ServiceName ServiceFileName ServiceType ServiceStartType ServiceAccount",
    ),
    "4698": ("scheduled_task.created", f"{SUBJECT} TaskName TaskContent"),
    "4720": (
        "account.created",
        f"{TARGET} {SUBJECT} PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath "
        "ScriptPath ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo "
        "OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours",
    ),
    "4724": ("account.password_reset", f"{TARGET} {SUBJECT}"),
    "4726": ("account.deleted", f"{TARGET} {SUBJECT} PrivilegeList"),
    "4728": ("group.member_added", f"MemberName MemberSid {TARGET} {SUBJECT} PrivilegeList"),
    "4740": ("account.locked_out", f"{TARGET} {SUBJECT}"),
    "4768": (
        "kerberos.tgt_requested",
        f"{TARGET} ServiceName ServiceSid TicketOptions Status TicketEncryptionType PreAuthType IpAddress IpPort",
    ),
    "4769": (
        "kerberos.service_requested",
        "TargetUserName TargetDomainName ServiceName ServiceSid TicketOptions TicketEncryptionType IpAddress IpPort "
        "Status LogonGuid TransmittedServices",
    ),
    "4771": (
        "kerberos.preauthentication_failed",
        "TargetUserName TargetSid ServiceName TicketOptions Status PreAuthType IpAddress IpPort",
    ),
    "4776": ("ntlm.validated", "PackageName TargetUserName Workstation Status"),
}
PARENT = {"parent_image": r"C:\Windows\explorer.exe"}


@pytest.mark.parametrize("code", FIELDS)
def test_event_data_has_windows_fields_in_windows_order(code):
    event, fields = FIELDS[code]

    found = document("windows.security", event, **(PARENT if code == "4688" else {}))
    assert found["event"]["code"] == found["winlog"]["event_id"] == code
    assert list(found["winlog"]["event_data"]) == fields.split()
    assert all(isinstance(value, str) and value for value in found["winlog"]["event_data"].values())


def test_the_envelope_is_winlogbeats():
    winlog = document("windows.security", "logon.succeeded")["winlog"]

    assert winlog["provider_guid"] == "{54849625-5478-4994-a5ba-3e3b0328c30d}"
    assert winlog["provider_name"] == "Microsoft-Windows-Security-Auditing"
    assert (winlog["channel"], winlog["task"], winlog["opcode"]) == ("Security", "Logon", "Info")
    assert winlog["computer_name"] == "ws-014.corp.example"
    assert winlog["keywords"] == ["Audit Success"]
    assert isinstance(winlog["record_id"], str)
    assert winlog["process"]["pid"] % 4 == winlog["process"]["thread"]["id"] % 4 == 0


def logon(**values):
    return document("windows.security", "logon.succeeded", **values)["winlog"]["event_data"]


def test_a_network_logon_by_kerberos_has_no_subject_and_no_workstation():
    found = logon(source=ATTACKER, source_port=51000, host=CONTROLLER)

    assert (found["SubjectUserSid"], found["SubjectLogonId"]) == ("S-1-0-0", "0x0")
    assert (found["LogonProcessName"], found["WorkstationName"], found["KeyLength"]) == ("Kerberos", "-", "0")
    assert (found["IpAddress"], found["IpPort"], found["ProcessId"], found["ProcessName"]) == (
        "203.0.113.66",
        "51000",
        "0x0",
        "-",
    )
    assert found["LogonGuid"] != "{00000000-0000-0000-0000-000000000000}"


def test_a_network_logon_by_ntlm_names_the_workstation_and_the_key_length():
    found = logon(source=WORKSTATION, package="NTLM", host=CONTROLLER)

    assert (found["LogonProcessName"], found["LmPackageName"], found["KeyLength"]) == ("NtLmSsp ", "NTLM V2", "128")
    assert found["WorkstationName"] == "WS-014"
    assert found["LogonGuid"] == "{00000000-0000-0000-0000-000000000000}"


def test_an_interactive_logon_is_asked_for_by_the_machine():
    found = logon(logon_type=2)

    assert (found["SubjectUserName"], found["SubjectDomainName"], found["SubjectLogonId"]) == (
        "WS-014$",
        "CORP",
        "0x3e7",
    )
    assert (found["LogonProcessName"], found["AuthenticationPackageName"]) == ("User32 ", "Negotiate")
    assert (found["IpAddress"], found["IpPort"], found["WorkstationName"]) == ("127.0.0.1", "0", "WS-014")
    assert int(found["ProcessId"], 16) % 4 == 0


def test_a_remote_desktop_logon_keeps_the_address_and_has_no_port():
    found = logon(logon_type=10, source=ATTACKER, source_port=51000)

    assert (found["LogonType"], found["IpAddress"], found["IpPort"]) == ("10", "203.0.113.66", "0")


def test_runas_netonly_is_asked_for_by_the_user_themselves():
    found = logon(logon_type=9, caller_logon=b"\x00\x01\x02\x03")

    assert (found["SubjectUserName"], found["SubjectLogonId"]) == ("jane", "0x10203")
    assert (found["LogonProcessName"], found["IpAddress"]) == ("seclogo", "::1")


def test_system_has_its_own_session_and_the_name_of_its_machine():
    found = document("windows.security", "process.started", user=SYSTEM)["winlog"]["event_data"]

    assert (found["SubjectUserSid"], found["SubjectUserName"], found["SubjectLogonId"]) == (
        "S-1-5-18",
        "WS-014$",
        "0x3e7",
    )
    assert (found["TokenElevationType"], found["MandatoryLabel"]) == ("%%1936", "S-1-16-16384")


def test_a_local_account_belongs_to_its_machine():
    assert logon(user=LOCAL)["TargetDomainName"] == "WS-014"


@pytest.mark.parametrize(
    ("cause", "user", "codes"),
    [
        (None, JANE, ("0xc000006d", "%%2313", "0xc000006a")),
        (None, NOBODY, ("0xc000006d", "%%2313", "0xc0000064")),
        ("locked_out", JANE, ("0xc0000234", "%%2307", "0x0")),
        ("disabled", JANE, ("0xc000006e", "%%2310", "0xc0000072")),
        ("outside_hours", JANE, ("0xc000006e", "%%2311", "0xc000006f")),
        ("not_granted", JANE, ("0xc000015b", "%%2308", "0x0")),
    ],
)
def test_a_failed_logon_says_why_in_codes(cause, user, codes):
    found = document("windows.security", "logon.failed", cause=cause, user=user, source=ATTACKER)

    data = found["winlog"]["event_data"]
    assert (data["Status"], data["FailureReason"], data["SubStatus"]) == codes
    assert data["TargetUserSid"] == "S-1-0-0"
    assert (data["AuthenticationPackageName"], data["WorkstationName"][:8]) == ("NTLM", "DESKTOP-")
    assert (found["event"]["outcome"], found["winlog"]["keywords"]) == ("failure", ["Audit Failure"])


def test_an_unknown_cause_is_refused_with_those_that_are_known():
    with pytest.raises(UsageError, match="bad_password"):
        document("windows.security", "logon.failed", cause="typo")


def test_a_refused_ticket_has_no_encryption_and_a_slash_in_the_service():
    granted = document("windows.security", "kerberos.tgt_requested", host=CONTROLLER)
    refused = document("windows.security", "kerberos.tgt_requested", host=CONTROLLER, user=NOBODY, status="0x6")

    data = granted["winlog"]["event_data"]
    assert (data["ServiceName"], data["ServiceSid"]) == ("krbtgt", "S-1-5-21-7-8-9-502")
    assert (data["IpAddress"], data["TargetDomainName"]) == ("::ffff:203.0.113.66", "CORP.EXAMPLE")
    data = refused["winlog"]["event_data"]
    assert (data["ServiceName"], data["TicketEncryptionType"]) == ("krbtgt/CORP.EXAMPLE", "0xffffffff")
    assert (data["TargetSid"], data["PreAuthType"]) == ("S-1-0-0", "-")
    assert (refused["event"]["outcome"], refused["winlog"]["keywords"]) == ("failure", ["Audit Failure"])


def test_a_service_ticket_names_the_machine_that_it_is_for_and_matches_its_logon():
    guid = bytes(range(16))
    ticket = document(
        "windows.security", "kerberos.service_requested", host=CONTROLLER, server=WORKSTATION, logon_guid=guid
    )["winlog"]["event_data"]

    assert (ticket["ServiceName"], ticket["ServiceSid"]) == ("WS-014$", WORKSTATION.sid)
    assert ticket["TargetUserName"] == "jane@CORP.EXAMPLE"
    assert ticket["LogonGuid"] == logon(logon_guid=guid, source=ATTACKER)["LogonGuid"]


@pytest.mark.parametrize(
    ("group", "code", "sid", "domain"),
    [
        ("Administrators", "4732", "S-1-5-32-544", "Builtin"),
        ("Domain Admins", "4728", "S-1-5-21-7-8-9-512", "CORP"),
        ("Enterprise Admins", "4756", "S-1-5-21-7-8-9-519", "CORP"),
    ],
)
def test_the_event_of_a_new_member_depends_on_the_groups_scope(group, code, sid, domain):
    found = document("windows.security", "group.member_added", group=group, host=CONTROLLER)

    data = found["winlog"]["event_data"]
    assert found["event"]["code"] == code
    assert (data["TargetUserName"], data["TargetSid"], data["TargetDomainName"]) == (group, sid, domain)
    assert data["MemberName"] == "CN=Kim Kay,CN=Users,DC=corp,DC=example"
    assert data["MemberSid"] == ADMIN.sid


def test_a_scheduled_task_is_described_in_xml_that_a_parser_reads():
    values = {"command": r"C:\Users\Public\a&b.exe", "arguments": '/c "echo <hi>"'}
    data = document("windows.security", "scheduled_task.created", **values)["winlog"]["event_data"]
    task = ET.fromstring(data["TaskContent"].replace(' encoding="UTF-16"', ""))  # noqa: S314  (our own)
    found = {each.tag.rpartition("}")[2]: each.text for each in task.iter()}

    assert (found["Command"], found["Arguments"]) == (values["command"], values["arguments"])
    assert found["Author"] == found["UserId"] == r"CORP\jane"


def test_clearing_the_security_log_is_user_data_and_clearing_another_is_noted_in_system():
    cleared = document("windows.security", "audit_log.cleared", user=ADMIN)

    assert list(cleared["winlog"]["user_data"]) == [*SUBJECT.split(), "xml_name"]
    assert (cleared["event"]["code"], cleared["event"]["provider"]) == ("1102", "Microsoft-Windows-Eventlog")
    assert documents("windows.security", "audit_log.cleared", channel="System") == []
    assert documents("windows.system", "audit_log.cleared") == []
    assert document("windows.system", "audit_log.cleared", channel="System")["event"]["code"] == "104"


def test_an_installed_service_is_in_both_logs():
    image = r"%SystemRoot%\PSEXESVC.exe"
    security = document("windows.security", "service.installed", service="PSEXESVC", image=image)["winlog"]
    system = document("windows.system", "service.installed", service="PSEXESVC", image=image)["winlog"]

    assert list(system["event_data"]) == ["ServiceName", "ImagePath", "ServiceType", "StartType", "AccountName"]
    assert system["event_data"]["ImagePath"] == security["event_data"]["ServiceFileName"] == image
    assert (system["event_id"], system["provider_name"]) == ("7045", "Service Control Manager")


def test_ids_have_the_forms_that_windows_writes():
    data = document("windows.security", "logon.explicit", server=CONTROLLER, service="cifs")["winlog"]["event_data"]

    assert re.fullmatch(r"0x[0-9a-f]+", data["SubjectLogonId"])
    assert (data["TargetServerName"], data["TargetInfo"]) == ("dc-1.corp.example", "cifs/dc-1.corp.example")
    assert data["ProcessName"] == r"C:\Windows\System32\lsass.exe"
