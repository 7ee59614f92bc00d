"""What all events of Sysmon share: its log, its first fields, and how it describes processes and files."""

from __future__ import annotations

from typing import Any

from simulator_windows.json_templates import Json, number, text
from simulator_windows.winlogbeat import Log, guid, plain_domain_of, qualified, windows_pid

SYSMON = Log(
    "Microsoft-Windows-Sysmon/Operational",
    "Microsoft-Windows-Sysmon",
    "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
    "sysmon",
    "host|service_pid('sysmon')",
    {"domain": "NT AUTHORITY", "identifier": "S-1-5-18", "name": "SYSTEM", "type": "User"},
)

UTC_TIME = "{{ time|strftime('%Y-%m-%d %H:%M:%S.%3f') }}"
IMAGE = text("image or '<unknown process>'")
_PID = f"{{{{ {windows_pid('pid')} }}}}"
USER = qualified("user")
HEAD = {"RuleName": "-", "UtcTime": UTC_TIME}
PROCESS = {"ProcessGuid": guid("process"), "ProcessId": _PID}


def ran_as(image: str) -> str:
    """Write who runs another process: SYSTEM where only SYSTEM can, else the same account."""
    return f"{{% if {image}|runs_as_system %}}NT AUTHORITY\\SYSTEM{{% else %}}{USER}{{% endif %}}"


def pe(path: str) -> dict[str, Json]:
    """Return what is written inside a program file."""
    return {
        "FileVersion": text(f"{path}|file_version"),
        "Description": text(f"{path}|description"),
        "Product": text(f"{path}|product"),
        "Company": text(f"{path}|company"),
        "OriginalFileName": text(f"{path}|original_file_name"),
    }


def ecs_pe(path: str) -> dict[str, Json]:
    names = ("file_version", "description", "product", "company", "original_file_name")
    return dict(zip(names, pe(path).values(), strict=True))


def ecs_hash(path: str) -> dict[str, str]:
    return {"md5": f"{{{{ {path}|md5_of }}}}", "sha256": f"{{{{ {path}|sha256_of }}}}"}


def ecs_process(**more: Any) -> dict[str, Any]:
    return {
        "entity_id": guid("process"),
        "executable": IMAGE,
        "name": text("(image or '<unknown process>')|file_name"),
        **more,
        "pid": number(windows_pid("pid")),
    }


def ecs_file(path: str, **more: Any) -> dict[str, Any]:
    return {
        "directory": text(f"{path}|folder"),
        "extension": text(f"{path}|extension"),
        **more,
        "name": text(f"{path}|file_name"),
        "path": text(path),
    }


NAME = "{{ user|account|escaped }}"
ECS_USER = {
    "related": {"user": [NAME]},
    "user": {"domain": plain_domain_of("user"), "id": "S-1-5-18", "name": NAME},
}
