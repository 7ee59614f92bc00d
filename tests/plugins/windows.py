"""People and machines of a Windows domain, and records of its products as parsed documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import simulator_windows
from simulator import Host, User
from simulator_json.ecs import EcsFormat
from tests.plugins.ecs_fields import without_duplicates
from tests.plugins.rendering import ATTACKER, event_types, rendered_records

RENDERERS = {each.name: each for each in simulator_windows.simulator_renderers()}
WORKSTATION = Host(
    "ws-014", "10.20.1.14", "windows", "ws-014.corp.example", os_version="Windows 11", sid="S-1-5-21-7-8-9-6104"
)
CONTROLLER = Host(
    "dc-1", "10.20.0.2", "windows", "dc-1.corp.example", roles=("domain-controller",), sid="S-1-5-21-7-8-9-1000"
)
JANE = User("jane", "Jane Jones", "CORP", "jane@corp.example", 1000, "S-1-5-21-7-8-9-1104")
ADMIN = User("adm-kim", "Kim Kay", "CORP", "kim@corp.example", 1001, "S-1-5-21-7-8-9-1105", admin=True)
SYSTEM = User("SYSTEM", domain="CORP", sid="S-1-5-21-7-8-9-1999")
LOCAL = User("helpdesk", sid="S-1-5-21-1-1-1-1001")
NOBODY = User("administrador", known=False)

POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
LSASS = r"C:\Windows\System32\lsass.exe"
_EVERYDAY: Mapping[str, Any] = {
    "host": WORKSTATION,
    "user": JANE,
    "target": ADMIN,
    "source": ATTACKER,
    "destination": ATTACKER,
    "destination_port": 443,
    "image": POWERSHELL,
    "target_image": LSASS,
    "loaded": r"C:\Windows\System32\amsi.dll",
    "path": r"C:\Users\jane\Documents\plan.docx",
    "key": r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\Updater",
    "details": "DWORD (0x00000001)",
    "pipe": r"\PSEXESVC",
    "query": "www.example.com",
    "group": "Domain Admins",
    "service": "Updater",
    "task": r"\Updater",
    "command": "whoami.exe",
    "script": 'Write-Host "déjà vu"\n',
}


def documents(renderer: str, event: str, **values: Any) -> list[dict[str, Any]]:
    """Return the records a renderer writes of an event, without the tag; doubled keys are refused."""
    lines = rendered_records(RENDERERS[renderer], EcsFormat(), event, {**everyday(event), **values})
    found = [json.loads(line, object_pairs_hook=without_duplicates) for line in lines]
    for each in found:
        assert each.pop("tags") == ["synthetic"]
        assert set(each.pop("labels")) == {"feint_run", "feint_playbook"}
    return found


def document(renderer: str, event: str, **values: Any) -> dict[str, Any]:
    (found,) = documents(renderer, event, **values)
    return found


def everyday(event: str) -> dict[str, Any]:
    """Return values for the fields that an event must have, and for the program where it may have one."""
    fields = event_types()[event].by_name.values()
    needed = [each.name for each in fields if each.required or (each.name == "image" and event in _BY_A_PROGRAM)]
    return {name: _EVERYDAY[name] for name in needed}


_BY_A_PROGRAM = {"network.connection", "dns.query", "file.created", "file.modified", "file.deleted"}
