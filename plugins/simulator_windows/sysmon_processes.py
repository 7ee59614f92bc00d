"""Sysmon's events about processes, field by field in the order of its schema (4.81 and later)."""

from __future__ import annotations

from simulator_windows.json_templates import Json, OnlyIf, braced, number, text
from simulator_windows.sysmon import (
    ECS_USER,
    HEAD,
    IMAGE,
    PROCESS,
    USER,
    ecs_file,
    ecs_hash,
    ecs_pe,
    ecs_process,
    pe,
    ran_as,
)
from simulator_windows.winlogbeat import NO_GUID, Event, guid, logon_id, windows_pid

_OF_PROCESSES, _CHANGE = ("process",), ("change",)
_LOGON_GUID = braced(
    "{{ host|machine_prefix }}-0000-0020"
    "{% if user|fixed_logon %}{{ user|fixed_logon|luid }}{% else %}{{ logon|hex }}{% endif %}"
)
_PARENT_KNOWN = "{% if parent_image %}"

_PROCESS_CREATED = Event(
    "1",
    "Process Create:",
    {
        **HEAD,
        **PROCESS,
        "Image": text("image"),
        **pe("image"),
        "CommandLine": text("command_line"),
        "CurrentDirectory": text("working_directory|directory"),
        "User": USER,
        "LogonGuid": _LOGON_GUID,
        "LogonId": logon_id(),
        "TerminalSessionId": "{{ 0 if user|is_service_account else 1 }}",
        "IntegrityLevel": "{{ 'System' if user|is_service_account else integrity }}",
        "Hashes": "{{ image|hashes }}",
        "ParentProcessGuid": f"{_PARENT_KNOWN}{guid('parent_process')}{{% else %}}{NO_GUID}{{% endif %}}",
        "ParentProcessId": f"{_PARENT_KNOWN}{{{{ {windows_pid('parent_pid')} }}}}{{% else %}}0{{% endif %}}",
        "ParentImage": text("parent_image or '-'"),
        "ParentCommandLine": text("parent_command_line or parent_image or '-'"),
        "ParentUser": f"{_PARENT_KNOWN}{ran_as('parent_image')}{{% else %}}-{{% endif %}}",
    },
    "Process Create (rule: ProcessCreate)",
    "Process creation",
    _OF_PROCESSES,
    ("start",),
    version=5,
    ecs={
        "process": ecs_process(
            args=Json("{{ command_line|arguments|json }}"),
            command_line=text("command_line"),
            hash=ecs_hash("image"),
            parent=OnlyIf(
                "parent_image",
                {
                    "command_line": text("parent_command_line or parent_image"),
                    "entity_id": guid("parent_process"),
                    "executable": text("parent_image"),
                    "name": text("parent_image|file_name"),
                    "pid": number(windows_pid("parent_pid")),
                },
            ),
            pe=ecs_pe("image"),
            working_directory=text("working_directory|directory"),
        ),
        **ECS_USER,
    },
)

_ENDED = Event(
    "5",
    "Process terminated:",
    {**HEAD, **PROCESS, "Image": IMAGE, "User": USER},
    "Process terminated (rule: ProcessTerminate)",
    "Process terminated",
    _OF_PROCESSES,
    ("end",),
    version=3,
    ecs={"process": ecs_process(), **ECS_USER},
)

_SIGNED = "{% if loaded|signer %}"
_IMAGE_LOADED = Event(
    "7",
    "Image loaded:",
    {
        **HEAD,
        **PROCESS,
        "Image": IMAGE,
        "ImageLoaded": text("loaded"),
        **pe("loaded"),
        "Hashes": "{{ loaded|hashes }}",
        "Signed": f"{_SIGNED}true{{% else %}}false{{% endif %}}",
        "Signature": text("loaded|signer or '-'"),
        "SignatureStatus": f"{_SIGNED}Valid{{% else %}}Unavailable{{% endif %}}",
        "User": USER,
    },
    "Image loaded (rule: ImageLoad)",
    "Image loaded",
    _OF_PROCESSES,
    _CHANGE,
    version=3,
    ecs={
        "file": ecs_file(
            "loaded",
            code_signature={
                "status": f"{_SIGNED}Valid{{% else %}}Unavailable{{% endif %}}",
                "subject_name": OnlyIf("loaded|signer", text("loaded|signer")),
                "valid": Json(f"{_SIGNED}true{{% else %}}false{{% endif %}}"),
            },
            hash=ecs_hash("loaded"),
            pe=ecs_pe("loaded"),
        ),
        "process": ecs_process(),
        **ECS_USER,
    },
)

_THREAD = "{{ record % 4093 * 4 + 2048 }}"
_TARGET_PID = f"{{{{ {windows_pid('target_pid')} }}}}"
_THREAD_CREATED = Event(
    "8",
    "CreateRemoteThread detected:",
    {
        **HEAD,
        "SourceProcessGuid": guid("process"),
        "SourceProcessId": f"{{{{ {windows_pid('pid')} }}}}",
        "SourceImage": text("image"),
        "TargetProcessGuid": guid("target_process"),
        "TargetProcessId": _TARGET_PID,
        "TargetImage": text("target_image"),
        "NewThreadId": _THREAD,
        "StartAddress": "{{ start_address }}",
        "StartModule": text("start_module or '-'"),
        "StartFunction": text("start_function or '-'"),
        "SourceUser": USER,
        "TargetUser": ran_as("target_image"),
    },
    "CreateRemoteThread detected (rule: CreateRemoteThread)",
    "CreateRemoteThread",
    _OF_PROCESSES,
    _CHANGE,
    version=2,
    ecs={"process": ecs_process(), **ECS_USER},
)

_ACCESSED = Event(
    "10",
    "Process accessed:",
    {
        **HEAD,
        "SourceProcessGUID": guid("process"),
        "SourceProcessId": f"{{{{ {windows_pid('pid')} }}}}",
        "SourceThreadId": _THREAD,
        "SourceImage": text("image"),
        "TargetProcessGUID": guid("target_process"),
        "TargetProcessId": _TARGET_PID,
        "TargetImage": text("target_image"),
        "GrantedAccess": "{{ granted_access }}",
        "CallTrace": text("call_trace"),
        "SourceUser": USER,
        "TargetUser": ran_as("target_image"),
    },
    "Process accessed (rule: ProcessAccess)",
    "ProcessAccess",
    _OF_PROCESSES,
    ("access",),
    version=3,
    ecs={"process": ecs_process(), **ECS_USER},
)

_TAMPERED = Event(
    "25",
    "Process Tampering:",
    {**HEAD, **PROCESS, "Image": IMAGE, "Type": "{{ kind }}", "User": USER},
    "Process Tampering (rule: ProcessTampering)",
    "ProcessTampering (Process image change)",
    _OF_PROCESSES,
    _CHANGE,
    version=5,
    ecs={"process": ecs_process(), **ECS_USER},
)

PROCESS_EVENTS = {
    "process.started": _PROCESS_CREATED,
    "process.ended": _ENDED,
    "image.loaded": _IMAGE_LOADED,
    "thread.created_remotely": _THREAD_CREATED,
    "process.accessed": _ACCESSED,
    "process.tampered": _TAMPERED,
}
