"""The Security log's logons. Names and order of the fields are Windows's own."""

from __future__ import annotations

from typing import Any

from simulator_windows.json_templates import Json, OnlyIf, number, text
from simulator_windows.winlogbeat import (
    NO_GUID,
    Event,
    domain_of,
    ecs_user,
    guid,
    hex_pid,
    logon_id,
    name_of,
    plain_domain_of,
    related,
    subject,
    windows_pid,
)

_START, _LOGON = ("start",), ("authentication",)
_PACKAGE = "(package|package_of(logon_type))"
_FAILED_PACKAGE = "(package|package_of(logon_type, 'NTLM'))"
_SERVICE_PID = "host|service_pid(logon_type|logon_service)"
_FAILURE = "(cause|failure(user.known))"
_SOURCE_IP = "{% if source %}{{ source.ip }}{% else %}{{ logon_type|local_address }}{% endif %}"
_SOURCE_PORT = (
    "{% if source and logon_type in (3, 8) %}{{ source_port }}"
    "{% elif source or logon_type|local_address != '-' %}0{% else %}-{% endif %}"
)


def _asking_subject(own: str, own_logon: str) -> dict[str, str]:
    """Return whose session asked for a logon: nobody's over the network, mostly the machine's own otherwise."""
    network, self = "{% if logon_type == 3 %}", "{% elif logon_type == 9 %}"
    return {
        "SubjectUserSid": f"{network}S-1-0-0{self}{{{{ {own}|sid }}}}{{% else %}}S-1-5-18{{% endif %}}",
        "SubjectUserName": f"{network}-{self}{name_of(own)}{{% else %}}{{{{ host|netbios }}}}${{% endif %}}",
        "SubjectDomainName": f"{network}-{self}{domain_of(own)}{{% else %}}{{{{ host|netbios_domain }}}}{{% endif %}}",
        "SubjectLogonId": f"{network}0x0{self}{own_logon}{{% else %}}0x3e7{{% endif %}}",
    }


def _workstation(package: str) -> str:
    return (
        "{% if workstation %}{{ workstation|escaped }}{% elif logon_type == 3 %}"
        f"{{% if {package} == 'Kerberos' %}}-{{% else %}}{{{{ source|netbios }}}}{{% endif %}}"
        "{% elif logon_type == 5 %}-{% else %}{{ host|netbios }}{% endif %}"
    )


def _logon_pid(own: str, known: str, unknown: str) -> str:
    return f"{{% if image %}}{own}{{% elif logon_type|logon_service %}}{known}{{% else %}}{unknown}{{% endif %}}"


_PROCESS_DATA = {
    "ProcessId": _logon_pid(hex_pid(), f"{{{{ ({_SERVICE_PID})|hexint }}}}", "0x0"),
    "ProcessName": text("image|logon_image(logon_type)"),
}
_PROCESS_ECS = OnlyIf(
    "image or logon_type|logon_service",
    {
        "executable": text("image|logon_image(logon_type)"),
        "name": text("image|logon_image(logon_type)|file_name"),
        "pid": Json(_logon_pid(f"{{{{ {windows_pid('pid')} }}}}", f"{{{{ {_SERVICE_PID} }}}}", "0")),
    },
)


def _source_ecs(package: str) -> OnlyIf:
    place = {"domain": _workstation(package), "ip": "{{ source.ip }}"}
    return OnlyIf(
        "source", {**place, "port": Json("{% if logon_type in (3, 8) %}{{ source_port }}{% else %}0{% endif %}")}
    )


def _related(network: str) -> dict[str, Any]:
    machine = f'{{% if not ({network}) %}},"{{{{ host|netbios }}}}$"{{% endif %}}'
    return {
        "ip": OnlyIf("source", ["{{ source.ip }}"]),
        "user": Json(f'["{name_of("user")}"{machine}]'),
    }


_SUCCEEDED = Event(
    "4624",
    "An account was successfully logged on.",
    {
        **_asking_subject("user", "{{ caller_logon|hexint }}"),
        "TargetUserSid": "{{ user|sid }}",
        "TargetUserName": "{{ user|account|escaped }}",
        "TargetDomainName": plain_domain_of("user"),
        "TargetLogonId": logon_id(),
        "LogonType": "{{ logon_type }}",
        "LogonProcessName": f"{{{{ logon_type|logon_process({_PACKAGE}) }}}}",
        "AuthenticationPackageName": f"{{{{ {_PACKAGE} }}}}",
        "WorkstationName": _workstation(_PACKAGE),
        "LogonGuid": f"{{% if {_PACKAGE} == 'Kerberos' %}}{guid('logon_guid')}{{% else %}}{NO_GUID}{{% endif %}}",
        "TransmittedServices": "-",
        "LmPackageName": f"{{{{ 'NTLM V2' if {_PACKAGE} == 'NTLM' else '-' }}}}",
        "KeyLength": f"{{{{ 128 if {_PACKAGE} == 'NTLM' else 0 }}}}",
        **_PROCESS_DATA,
        "IpAddress": _SOURCE_IP,
        "IpPort": _SOURCE_PORT,
        "ImpersonationLevel": "%%1833",
        "RestrictedAdminMode": "{{ '%%1843' if logon_type == 10 else '-' }}",
        "TargetOutboundUserName": "-",
        "TargetOutboundDomainName": "-",
        "VirtualAccount": "%%1843",
        "TargetLinkedLogonId": "0x0",
        "ElevatedToken": "{{ '%%1842' if user.admin or user|is_service_account else '%%1843' }}",
    },
    "Logon",
    "logged-in",
    _LOGON,
    _START,
    version=2,
    ecs={
        "process": _PROCESS_ECS,
        "related": _related("logon_type in (3, 9)"),
        "source": _source_ecs(_PACKAGE),
        "user": {
            "domain": plain_domain_of("user"),
            "id": "{{ user|sid }}",
            "name": "{{ user|account|escaped }}",
        },
    },
    winlog={
        "logon": {
            "id": _asking_subject("user", "{{ caller_logon|hexint }}")["SubjectLogonId"],
            "type": "{{ logon_type|logon_type_name }}",
        }
    },
)

_FAILED = Event(
    "4625",
    "An account failed to log on.",
    {
        **_asking_subject("user", "0x3e7"),
        "TargetUserSid": "S-1-0-0",
        "TargetUserName": "{{ user|account|escaped }}",
        "TargetDomainName": domain_of("user"),
        "Status": f"{{{{ {_FAILURE}.status }}}}",
        "FailureReason": f"{{{{ {_FAILURE}.reason }}}}",
        "SubStatus": f"{{{{ {_FAILURE}.sub_status }}}}",
        "LogonType": "{{ logon_type }}",
        "LogonProcessName": f"{{{{ logon_type|logon_process({_FAILED_PACKAGE}) }}}}",
        "AuthenticationPackageName": f"{{{{ {_FAILED_PACKAGE} }}}}",
        "WorkstationName": _workstation(_FAILED_PACKAGE),
        "TransmittedServices": "-",
        "LmPackageName": "-",
        "KeyLength": "0",
        **_PROCESS_DATA,
        "IpAddress": _SOURCE_IP,
        "IpPort": _SOURCE_PORT,
    },
    "Logon",
    "logon-failed",
    _LOGON,
    _START,
    ecs={
        "process": _PROCESS_ECS,
        "related": _related("logon_type in (3, 9)"),
        "source": _source_ecs(_FAILED_PACKAGE),
        "user": {"domain": domain_of("user"), "id": "S-1-0-0", "name": "{{ user|account|escaped }}"},
    },
    winlog={
        "logon": {
            "failure": {
                "reason": f"{{{{ {_FAILURE}.said }}}}",
                "status": f"{{{{ {_FAILURE}.status_said }}}}",
                "sub_status": f"{{{{ {_FAILURE}.sub_status_said }}}}",
            },
            "id": _asking_subject("user", "0x3e7")["SubjectLogonId"],
            "type": "{{ logon_type|logon_type_name }}",
        }
    },
    outcome="failure",
    keywords="Audit Failure",
)

_ENDED = Event(
    "4634",
    "An account was logged off.",
    {
        "TargetUserSid": "{{ user|sid }}",
        "TargetUserName": "{{ user|account|escaped }}",
        "TargetDomainName": domain_of("user"),
        "TargetLogonId": logon_id(),
        "LogonType": "{{ logon_type }}",
    },
    "Logoff",
    "logged-out",
    _LOGON,
    ("end",),
    ecs={"related": related("user"), "user": ecs_user()},
    winlog={"logon": {"id": logon_id(), "type": "{{ logon_type|logon_type_name }}"}},
)

_EXPLICIT = Event(
    "4648",
    "A logon was attempted using explicit credentials.",
    {
        **subject(),
        "LogonGuid": NO_GUID,
        "TargetUserName": "{{ target|account|escaped }}",
        "TargetDomainName": domain_of("target"),
        "TargetLogonGuid": NO_GUID,
        "TargetServerName": "{% if server %}{{ server.fqdn or server.name }}{% else %}localhost{% endif %}",
        "TargetInfo": (
            "{% if server %}{% if service %}{{ service|escaped }}/{% endif %}{{ server.fqdn or server.name }}"
            "{% else %}localhost{% endif %}"
        ),
        "ProcessId": "{% if image %}" + hex_pid() + "{% else %}{{ (host|service_pid('lsass'))|hexint }}{% endif %}",
        "ProcessName": text("image or lsass"),
        "IpAddress": "{% if source %}{{ source.ip }}{% else %}-{% endif %}",
        "IpPort": "{% if source %}{{ source_port }}{% else %}-{% endif %}",
    },
    "Logon",
    "logged-in-explicit",
    _LOGON,
    _START,
    ecs={
        "process": {
            "executable": text("image or lsass"),
            "name": text("(image or lsass)|file_name"),
            "pid": Json(
                "{% if image %}{{ " + windows_pid("pid") + " }}{% else %}{{ host|service_pid('lsass') }}{% endif %}"
            ),
        },
        "related": related("user", "target"),
        "source": OnlyIf("source", {"ip": "{{ source.ip }}", "port": number("source_port")}),
        "user": ecs_user(effective={"domain": domain_of("target"), "name": name_of("target")}),
    },
    winlog={"logon": {"id": logon_id()}},
)

_PRIVILEGES = (
    "SeSecurityPrivilege",
    "SeTakeOwnershipPrivilege",
    "SeLoadDriverPrivilege",
    "SeBackupPrivilege",
    "SeRestorePrivilege",
    "SeDebugPrivilege",
    "SeSystemEnvironmentPrivilege",
    "SeImpersonatePrivilege",
    "SeDelegateSessionUserImpersonatePrivilege",
)
_ACCOUNT = "{{ user|account|escaped }}"
_OWN_NAME = {"SubjectUserName": _ACCOUNT, "SubjectDomainName": plain_domain_of("user")}
_PRIVILEGED = Event(
    "4672",
    "Special privileges assigned to new logon.",
    {
        **subject(),
        **_OWN_NAME,  # here SYSTEM goes by its own name
        "PrivilegeList": "\n\t\t\t".join(_PRIVILEGES),
    },
    "Special Logon",
    "logged-in-special",
    ("iam",),
    ("admin",),
    ecs={
        "related": {"user": [_ACCOUNT]},
        "user": {"domain": plain_domain_of("user"), "id": "{{ user|sid }}", "name": _ACCOUNT},
    },
    winlog={"logon": {"id": logon_id()}},
)

LOGON_EVENTS = {
    "logon.succeeded": _SUCCEEDED,
    "logon.failed": _FAILED,
    "logon.ended": _ENDED,
    "logon.explicit": _EXPLICIT,
    "logon.privileged": _PRIVILEGED,
}
