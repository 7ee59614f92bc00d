"""The Security log's processes, accounts and groups. Names and order of the fields are Windows's own."""

from __future__ import annotations

from typing import Any

from simulator_windows.json_templates import OnlyIf, number, present, text
from simulator_windows.winlogbeat import (
    Event,
    domain_of,
    ecs_user,
    hex_pid,
    logon_id,
    name_of,
    related,
    subject,
    windows_pid,
)

_IAM = ("iam",)
_SESSION = {"logon": {"id": logon_id()}}
_TARGET = {
    "TargetUserName": "{{ target|account|escaped }}",
    "TargetDomainName": domain_of("target"),
    "TargetSid": "{{ target|sid }}",
}
_ELEVATION = "{{ '%%1936' if user|is_service_account else '%%1937' if integrity in ('High', 'System') else '%%1938' }}"
_INTEGRITY = "(('System' if user|is_system else integrity)|integrity_sid)"

_STARTED = Event(
    "4688",
    "A new process has been created.",
    {
        **subject(),
        "NewProcessId": hex_pid("pid"),
        "NewProcessName": text("image"),
        "TokenElevationType": _ELEVATION,
        "ProcessId": hex_pid("parent_pid"),
        "CommandLine": text("command_line"),
        "TargetUserSid": "S-1-0-0",
        "TargetUserName": "-",
        "TargetDomainName": "-",
        "TargetLogonId": "0x0",
        "ParentProcessName": present("parent_image"),
        "MandatoryLabel": f"{{{{ {_INTEGRITY} }}}}",
    },
    "Process Creation",
    "created-process",
    ("process",),
    ("start",),
    version=2,
    pid="4",
    ecs={
        "process": {
            "command_line": text("command_line"),
            "executable": text("image"),
            "name": text("image|file_name"),
            "parent": {
                "executable": present("parent_image"),
                "name": OnlyIf("parent_image", text("parent_image|file_name")),
                "pid": number(windows_pid("parent_pid")),
            },
            "pid": number(windows_pid("pid")),
        },
        "related": related("user"),
        "user": ecs_user(),
    },
    winlog=_SESSION,
)

_PROCESS_ENDED = Event(
    "4689",
    "A process has exited.",
    {**subject(), "Status": "{{ exit_code|hexint }}", "ProcessId": hex_pid(), "ProcessName": text("image")},
    "Process Termination",
    "exited-process",
    ("process",),
    ("end",),
    pid="4",
    ecs={
        "process": {
            "executable": text("image"),
            "name": text("image|file_name"),
            "pid": number(windows_pid("pid")),
        },
        "related": related("user"),
        "user": ecs_user(),
    },
    winlog=_SESSION,
)


def _account_event(code: str, message: str, data: dict[str, Any], action: str, kind: str) -> Event:
    target = {"domain": domain_of("target"), "id": "{{ target|sid }}", "name": name_of("target")}
    return Event(
        code,
        message,
        data,
        "User Account Management",
        action,
        _IAM,
        ("user", kind),
        ecs={"related": related("user", "target"), "user": ecs_user(target=target)},
        winlog=_SESSION,
    )


_CREATED = _account_event(
    "4720",
    "A user account was created.",
    {
        **_TARGET,
        **subject(),
        "PrivilegeList": "-",
        "SamAccountName": "{{ target|account|escaped }}",
        "DisplayName": "%%1793",
        "UserPrincipalName": "-",
        "HomeDirectory": "%%1793",
        "HomePath": "%%1793",
        "ScriptPath": "%%1793",
        "ProfilePath": "%%1793",
        "UserWorkstations": "%%1793",
        "PasswordLastSet": "%%1794",
        "AccountExpires": "%%1794",
        "PrimaryGroupId": "513",
        "AllowedToDelegateTo": "-",
        "OldUacValue": "0x0",
        "NewUacValue": "0x15",
        "UserAccountControl": "\n\t\t%%2080\n\t\t%%2082\n\t\t%%2084",
        "UserParameters": "%%1793",
        "SidHistory": "-",
        "LogonHours": "%%1797",
    },
    "added-user-account",
    "creation",
)
_DELETED = _account_event(
    "4726",
    "A user account was deleted.",
    {**_TARGET, **subject(), "PrivilegeList": "-"},
    "deleted-user-account",
    "deletion",
)
_PASSWORD_RESET = _account_event(
    "4724",
    "An attempt was made to reset an account's password.",
    {**_TARGET, **subject()},
    "reset-password",
    "change",
)

_GROUP_NAME = "{{ group|escaped }}"
_GROUP_DOMAIN = (
    "{% if group|is_local_group %}Builtin{% elif target|has_domain %}{{ target|domain|escaped }}"
    "{% else %}{{ host|netbios }}{% endif %}"
)
_GROUP_SID = "{% if group|is_local_group %}S-1-5-32{% else %}{{ target|domain_sid }}{% endif %}-{{ group|group_rid }}"
_ECS_GROUP = {"domain": _GROUP_DOMAIN, "id": _GROUP_SID, "name": _GROUP_NAME}
_MEMBER_ADDED = Event(
    "{{ group|added_member_event }}",
    "A member was added to a security-enabled {{ group|group_scope }} group.",
    {
        "MemberName": (
            "{% if host|is_domain_controller %}CN={{ target|common_name|escaped }},CN=Users,"
            "{{ host|distinguished_domain }}{% else %}-{% endif %}"
        ),
        "MemberSid": "{{ target|sid }}",
        "TargetUserName": _GROUP_NAME,
        "TargetDomainName": _GROUP_DOMAIN,
        "TargetSid": _GROUP_SID,
        **subject(),
        "PrivilegeList": "-",
    },
    "Security Group Management",
    "added-member-to-group",
    _IAM,
    ("group", "change"),
    ecs={
        "group": _ECS_GROUP,
        "related": related("user", "target"),
        "user": ecs_user(target={"group": _ECS_GROUP, "id": "{{ target|sid }}", "name": name_of("target")}),
    },
    winlog=_SESSION,
)

_LOCKED_OUT = Event(
    "4740",
    "A user account was locked out.",
    {
        "TargetUserName": "{{ user|account|escaped }}",
        "TargetDomainName": "{{ (source or host)|netbios }}",  # the caller's machine: Windows has the field named so
        "TargetSid": "{{ user|sid }}",
        "SubjectUserSid": "S-1-5-18",
        "SubjectUserName": "{{ host|netbios }}$",
        "SubjectDomainName": "{{ host|netbios_domain }}",
        "SubjectLogonId": "0x3e7",
    },
    "User Account Management",
    "locked-out-user-account",
    _IAM,
    ("user", "change"),
    ecs={
        "related": {"user": ["{{ host|netbios }}$", "{{ user|account|escaped }}"]},
        "user": {
            "domain": "{{ host|netbios_domain }}",
            "id": "S-1-5-18",
            "name": "{{ host|netbios }}$",
            "target": {
                "domain": "{{ (source or host)|netbios }}",
                "id": "{{ user|sid }}",
                "name": "{{ user|account|escaped }}",
            },
        },
    },
    winlog={"logon": {"id": "0x3e7"}},
)

CHANGE_EVENTS = {
    "process.started": _STARTED,
    "process.ended": _PROCESS_ENDED,
    "account.created": _CREATED,
    "account.deleted": _DELETED,
    "account.password_reset": _PASSWORD_RESET,
    "account.locked_out": _LOCKED_OUT,
    "group.member_added": _MEMBER_ADDED,
}
