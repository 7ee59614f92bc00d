"""What Winlogbeat ships of each log, and what its records are to detection rules."""

from __future__ import annotations

from collections.abc import Mapping

from simulator import Counter, LogSource, Record, Renderer
from simulator_windows.filters import FILTERS
from simulator_windows.powershell import POWERSHELL, POWERSHELL_EVENTS
from simulator_windows.security_authentications import AUTHENTICATION_EVENTS
from simulator_windows.security_changes import CHANGE_EVENTS
from simulator_windows.security_logons import LOGON_EVENTS
from simulator_windows.services_and_tasks import (
    LOG_CLEARED,
    LOG_CLEARED_IN_SYSTEM,
    SERVICE_INSTALLED,
    SERVICE_INSTALLED_IN_SYSTEM,
    TASK_CREATED,
)
from simulator_windows.sysmon import SYSMON
from simulator_windows.sysmon_objects import OBJECT_EVENTS
from simulator_windows.sysmon_processes import PROCESS_EVENTS
from simulator_windows.winlogbeat import Event, Log, document

_SECURITY = Log(
    "Security",
    "Microsoft-Windows-Security-Auditing",
    "{54849625-5478-4994-a5ba-3e3b0328c30d}",
    "security",
    "host|service_pid('lsass')",
    outcome="success",
    keywords="Audit Success",
)
_SERVICES = Log(
    "System", "Service Control Manager", "{555908d1-a6d7-4695-8e1e-26931d2012f4}", "", "host|service_pid('services')"
)
_EVENTLOG = "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}"
_CLEARED_SECURITY = Log(
    "Security",
    "Microsoft-Windows-Eventlog",
    _EVENTLOG,
    "security",
    "host|service_pid('eventlog')",
    {},
    "success",
    "Audit Success",
)
_CLEARED_SYSTEM = Log("System", "Microsoft-Windows-Eventlog", _EVENTLOG, "", "host|service_pid('eventlog')")

_FIELDS = {
    "EventID": "winlog.event_id",
    "Channel": "winlog.channel",
    "Provider_Name": "winlog.provider_name",
    "Computer": "winlog.computer_name",
    "ComputerName": "winlog.computer_name",
    "*": "winlog.event_data.*",
}
_ENTITIES = {"host": "host.hostname", "user": "user.name", "source": "source.ip"}
_SYSMON_CATEGORIES = {
    "process_creation": ("1",),
    "network_connection": ("3",),
    "process_termination": ("5",),
    "image_load": ("7",),
    "create_remote_thread": ("8",),
    "process_access": ("10",),
    "file_event": ("11",),
    "registry_event": ("12", "13"),
    "registry_set": ("13",),
    "pipe_created": ("17", "18"),
    "dns_query": ("22",),
    "file_delete": ("23",),
    "process_tampering": ("25",),
}
_REGISTRY_CHANGES = {"registry_add": ("CreateKey",), "registry_delete": ("DeleteKey", "DeleteValue")}
_PROCESS_AUDIT = {  # Sigma names process creation as Sysmon does
    "Image": "winlog.event_data.NewProcessName",
    "ParentImage": "winlog.event_data.ParentProcessName",
    "ProcessId": "winlog.event_data.NewProcessId",
    "ParentProcessId": "winlog.event_data.ProcessId",
    "User": "winlog.event_data.SubjectUserName",
    "LogonId": "winlog.event_data.SubjectLogonId",
}


def _winlogbeat(name: str, title: str, templates: Mapping[str, str | Record], *log_sources: LogSource) -> Renderer:
    return Renderer(
        name,
        title,
        "ecs",
        templates,
        log_sources=log_sources,
        fields=_FIELDS,
        entities=_ENTITIES,
        counters={"record": Counter(per="host", start=100_003, step=3)},
        constants={"lsass": "C:\\Windows\\System32\\lsass.exe"},
        filters=FILTERS,
    )


def _documents(log: Log, events: Mapping[str, Event]) -> dict[str, str]:
    return {name: document(log, event) for name, event in events.items()}


def _source(category: str | None = None, service: str | None = None, **where: tuple[str, ...]) -> LogSource:
    paths = {"ids": "winlog.event_id", "kinds": "winlog.event_data.EventType"}
    return LogSource("windows", category, service, {paths[key]: values for key, values in where.items()})


_SECURITY_RENDERER = _winlogbeat(
    "windows.security",
    "Windows Security log, shipped by Winlogbeat",
    {
        **_documents(_SECURITY, {**LOGON_EVENTS, **AUTHENTICATION_EVENTS, **CHANGE_EVENTS}),
        **_documents(_SECURITY, {"service.installed": SERVICE_INSTALLED, "scheduled_task.created": TASK_CREATED}),
        "audit_log.cleared": Record(document(_CLEARED_SECURITY, LOG_CLEARED), "channel == 'Security'"),
    },
    _source(service="security"),
    LogSource("windows", "process_creation", None, {"winlog.event_id": ("4688",)}, _PROCESS_AUDIT),
)
_SYSTEM_RENDERER = _winlogbeat(
    "windows.system",
    "Windows System log, shipped by Winlogbeat",
    {
        "service.installed": document(_SERVICES, SERVICE_INSTALLED_IN_SYSTEM),
        "audit_log.cleared": Record(document(_CLEARED_SYSTEM, LOG_CLEARED_IN_SYSTEM), "channel != 'Security'"),
    },
    _source(service="system"),
)
_SYSMON_DOCUMENTS = _documents(SYSMON, {**PROCESS_EVENTS, **OBJECT_EVENTS})
_SYSMON_RENDERER = _winlogbeat(
    "windows.sysmon",
    "Sysmon 15, shipped by Winlogbeat",
    {
        **_SYSMON_DOCUMENTS,
        # without a program named, nobody on the machine is known to have done it
        **{name: Record(_SYSMON_DOCUMENTS[name], "image") for name in ("network.connection", "dns.query")},
    },
    _source(service="sysmon"),
    *(_source(category, ids=ids) for category, ids in _SYSMON_CATEGORIES.items()),
    *(_source(category, ids=("12",), kinds=kinds) for category, kinds in _REGISTRY_CHANGES.items()),
)
_POWERSHELL_RENDERER = _winlogbeat(
    "windows.powershell",
    "PowerShell operational log, shipped by Winlogbeat",
    _documents(POWERSHELL, POWERSHELL_EVENTS),
    _source(service="powershell"),
    _source("ps_module", ids=("4103",)),
    _source("ps_script", ids=("4104",)),
)

WINLOGBEAT_RENDERERS = (_SECURITY_RENDERER, _SYSTEM_RENDERER, _SYSMON_RENDERER, _POWERSHELL_RENDERER)
