"""The renderer of plain ECS documents, and how detection rules find their fields in them."""

from __future__ import annotations

from simulator import Counter, LogSource, Renderer
from simulator_windows.endpoint import ENDPOINT_DOCUMENTS
from simulator_windows.filters import FILTERS

_FIELDS = {
    "CommandLine": "process.command_line",
    "Computer": "host.name",
    "CurrentDirectory": "process.working_directory",
    "DestinationIp": "destination.ip",
    "DestinationPort": "destination.port",
    "Details": "registry.data.strings",
    "Image": "process.executable",
    "ParentCommandLine": "process.parent.command_line",
    "ParentImage": "process.parent.executable",
    "ParentProcessGuid": "process.parent.entity_id",
    "ParentProcessId": "process.parent.pid",
    "ProcessGuid": "process.entity_id",
    "ProcessId": "process.pid",
    "Protocol": "network.transport",
    "QueryName": "dns.question.name",
    "SourceIp": "source.ip",
    "SourcePort": "source.port",
    "TargetFilename": "file.path",
    "TargetObject": "registry.path",
    "User": "user.name",
}
_IN_PROGRAMS = {
    "Company": "company",
    "Description": "description",
    "FileVersion": "file_version",
    "OriginalFileName": "original_file_name",
    "Product": "product",
}
_OF_THE_PROCESS = {rule: f"process.pe.{field}" for rule, field in _IN_PROGRAMS.items()}
_OF_THE_MODULE = {
    **{rule: f"dll.pe.{field}" for rule, field in _IN_PROGRAMS.items()},
    "ImageLoaded": "dll.path",
    "Signature": "dll.code_signature.subject_name",
    "Signed": "dll.code_signature.exists",
}


def _source(category: str, dataset: str, *actions: str, fields: dict[str, str] | None = None) -> LogSource:
    where = {"event.dataset": (f"endpoint.events.{dataset}",), "event.action": actions}
    return LogSource("windows", category, None, where, fields or {})


ENDPOINT = Renderer(
    "windows.ecs",
    "Windows events as ECS documents, from Elastic's endpoint agent",
    "ecs",
    ENDPOINT_DOCUMENTS,
    log_sources=(
        _source("process_creation", "process", "start", fields=_OF_THE_PROCESS),
        _source("process_termination", "process", "end"),
        _source("file_event", "file", "creation"),
        _source("file_delete", "file", "deletion"),
        _source("registry_set", "registry", "modification"),
        _source("registry_add", "registry", "creation"),
        _source("registry_delete", "registry", "deletion"),
        _source("registry_event", "registry", "modification", "creation", "deletion"),
        _source("image_load", "library", "load", fields=_OF_THE_MODULE),
        _source("network_connection", "network", "connection_attempted", "connection_accepted"),
        _source("dns_query", "network", "lookup_requested"),
    ),
    fields=_FIELDS,
    entities={"host": "host.name", "user": "user.name", "source": "source.ip"},
    counters={"record": Counter(per="host", start=1, step=2)},
    filters=FILTERS,
)
