"""PowerShell's operational log: script blocks as they are compiled, commands as they run."""

from __future__ import annotations

from simulator_windows.json_templates import Json, present, text
from simulator_windows.winlogbeat import Event, Log, plain_domain_of, qualified, windows_pid

POWERSHELL = Log(
    "Microsoft-Windows-PowerShell/Operational",
    "Microsoft-Windows-PowerShell",
    "{a0c1853b-5c40-4b15-8766-3cf1c58f985a}",
    "powershell",
    windows_pid("pid"),
    {"identifier": "{{ user|sid }}"},
)
_NAME = "{{ user|account|escaped }}"
_ECS_USER = {
    "related": {"user": [_NAME]},
    "user": {"domain": plain_domain_of("user"), "id": "{{ user|sid }}", "name": _NAME},
}

_SCRIPT_BLOCK = Event(
    "4104",
    "Creating Scriptblock text (1 of 1):",
    {
        "MessageNumber": "1",
        "MessageTotal": "1",
        "ScriptBlockText": text("script"),
        "Path": present("path"),
        "ScriptBlockId": "{{ script_block|uuid }}",
    },
    "Execute a Remote Command",
    "Execute a Remote Command",
    ("process",),
    ("info",),
    version=1,
    level="{{ level }}",
    opcode="On create calls",
    ecs={
        "powershell": {
            "file": {"script_block_id": "{{ script_block|uuid }}", "script_block_text": text("script")},
            "sequence": 1,
            "total": 1,
        },
        **_ECS_USER,
    },
)

_ENGINE = "5.1.19041.3803"
_CONTEXT = {
    "Severity": "Informational",
    "Host Name": "ConsoleHost",
    "Host Version": _ENGINE,
    "Host ID": "{{ host_id|uuid }}",
    "Host Application": "{{ host_application|escaped }}",
    "Engine Version": _ENGINE,
    "Runspace ID": "{{ runspace|uuid }}",
    "Pipeline ID": "{{ record % 61 + 1 }}",
    "Command Name": "{{ command|escaped }}",
    "Command Type": "{{ command_type|escaped }}",
    "Script Name": "{% if script %}{{ script|escaped }}{% endif %}",
    "Command Path": "",
    "Sequence Number": "{{ record % 509 * 2 + 16 }}",
    "User": qualified("user"),
    "Connected User": "",
    "Shell ID": "Microsoft.PowerShell",
}

_COMMAND = Event(
    "4103",
    'CommandInvocation({{ command|escaped }}): "{{ command|escaped }}"',
    {
        "ContextInfo": "\n".join(f"        {name} = {value}" for name, value in _CONTEXT.items()),
        "Payload": Json(
            '{% if payload %}{{ payload|json }}{% else %}"CommandInvocation({{ command|escaped }}): '
            '\\"{{ command|escaped }}\\""{% endif %}'
        ),
    },
    "Executing Pipeline",
    "Executing Pipeline",
    ("process",),
    ("info",),
    version=1,
    opcode="To be used when operation is just executing a method",
    ecs={
        "powershell": {
            "command": {"name": text("command"), "type": text("command_type")},
            "engine": {"version": _ENGINE},
            "id": "Microsoft.PowerShell",
            "pipeline_id": "{{ record % 61 + 1 }}",
            "runspace_id": "{{ runspace|uuid }}",
        },
        "process": {
            "command_line": text("host_application"),
            "entity_id": "{{ host_id|uuid }}",
            "title": "ConsoleHost",
        },
        **_ECS_USER,
    },
)

POWERSHELL_EVENTS = {"powershell.script_block": _SCRIPT_BLOCK, "powershell.module_logged": _COMMAND}
