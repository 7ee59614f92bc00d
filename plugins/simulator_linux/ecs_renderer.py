"""The renderer ``linux.ecs``: what Elastic Agent sends with its integrations "system" and "endpoint"."""

from __future__ import annotations

from simulator import LogSource, Renderer
from simulator_linux.accounts import ACCOUNTS
from simulator_linux.auditd_encoding import arguments
from simulator_linux.ecs_endpoint import ENDPOINT, address_type, file_extension, file_name
from simulator_linux.ecs_parts import escaped
from simulator_linux.ecs_system import documents
from simulator_linux.logins import LOGINS
from simulator_linux.privileges import PRIVILEGES
from simulator_linux.services import SERVICES, exit_name
from simulator_linux.syslog_renderers import CRON_PROGRAMS, fingerprint


def _endpoint(category: str, *actions: str) -> LogSource:
    return LogSource(product="linux", category=category, where={"event.action": actions})


def _system(service: str, field: str, *values: str) -> LogSource:
    return LogSource(product="linux", service=service, where={field: values})


ECS = Renderer(
    name="linux.ecs",
    title="Linux machines through Elastic Agent: system logs and Elastic Defend",
    format="ecs",
    templates={**dict(documents((LOGINS, PRIVILEGES, ACCOUNTS, SERVICES))), **ENDPOINT},
    log_sources=(
        _endpoint("process_creation", "exec"),
        _endpoint("process_termination", "end"),
        _endpoint("file_event", "creation"),
        _endpoint("file_change", "modification"),
        _endpoint("file_delete", "deletion"),
        _endpoint("file_access", "open"),
        _endpoint("network_connection", "connection_attempted", "connection_accepted"),
        _system("auth", "event.dataset", "system.auth"),
        _system("syslog", "event.dataset", "system.syslog"),
        _system("sshd", "process.name", "sshd"),
        _system("sudo", "process.name", "sudo"),
        _system("cron", "process.name", *CRON_PROGRAMS),
    ),
    fields={
        "Image": "process.executable",
        "CommandLine": "process.command_line",
        "ParentImage": "process.parent.executable",
        "ParentCommandLine": "process.parent.command_line",
        "CurrentDirectory": "process.working_directory",
        "ProcessId": "process.pid",
        "ParentProcessId": "process.parent.pid",
        "ProcessGuid": "process.entity_id",
        "ParentProcessGuid": "process.parent.entity_id",
        "User": "user.name",
        "TargetFilename": "file.path",
        "SourceIp": "source.ip",
        "SourcePort": "source.port",
        "DestinationIp": "destination.ip",
        "DestinationPort": "destination.port",
        "DestinationHostname": "destination.domain",
        "Protocol": "network.transport",
    },
    entities={"host": "host.name", "user": "user.name", "source": "source.ip"},
    filters={
        each.__name__: each
        for each in (arguments, escaped, exit_name, fingerprint, file_name, file_extension, address_type)
    },
)
