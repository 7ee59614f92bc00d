"""Sysmon's events about files, the registry, pipes and the network, in the order of its schema (4.81 and later)."""

from __future__ import annotations

from typing import Any

from simulator_windows.json_templates import Json, OnlyIf, number, text
from simulator_windows.sysmon import (
    ECS_USER,
    HEAD,
    IMAGE,
    PROCESS,
    USER,
    UTC_TIME,
    ecs_file,
    ecs_hash,
    ecs_process,
)
from simulator_windows.winlogbeat import Event

_NET_USER = f"{{% if user %}}{USER}{{% else %}}-{{% endif %}}"
_NETWORK_ECS = {"process": ecs_process(), "user": OnlyIf("user", ECS_USER["user"])}


def _end_of(name: str, end: str, port: str) -> dict[str, Any]:
    return {
        f"{name}IsIpv6": f"{{{{ 'true' if ':' in {end}.ip else 'false' }}}}",
        f"{name}Ip": f"{{{{ {end}.ip }}}}",
        f"{name}Hostname": text(f"{end}.fqdn or '-'"),
        f"{name}Port": f"{{{{ {port} }}}}",
        f"{name}PortName": f"{{{{ {port}|port_name }}}}" if end == "destination" else "-",
    }


_CONNECTED = Event(
    "3",
    "Network connection detected:",
    {
        **HEAD,
        **PROCESS,
        "Image": IMAGE,
        "User": _NET_USER,
        "Protocol": "{{ protocol }}",
        "Initiated": "{{ initiated }}",
        **_end_of("Source", "source", "source_port"),
        **_end_of("Destination", "destination", "destination_port"),
    },
    "Network connection detected (rule: NetworkConnect)",
    "Network connection",
    ("network",),
    ("start", "connection", "protocol"),
    version=5,
    ecs={
        "destination": {
            "domain": OnlyIf("destination.fqdn", text("destination.fqdn")),
            "ip": "{{ destination.ip }}",
            "port": number("destination_port"),
        },
        "network": {
            "direction": "{{ 'egress' if initiated == 'true' else 'ingress' }}",
            "protocol": OnlyIf("destination_port|port_name != '-'", "{{ destination_port|port_name }}"),
            "transport": "{{ protocol }}",
            "type": "{{ 'ipv6' if ':' in source.ip else 'ipv4' }}",
        },
        **_NETWORK_ECS,
        "related": {"ip": ["{{ source.ip }}", "{{ destination.ip }}"]},
        "source": {
            "domain": OnlyIf("source.fqdn", text("source.fqdn")),
            "ip": "{{ source.ip }}",
            "port": number("source_port"),
        },
    },
)


_DNS_ADDRESS = "answer and query_type in ('A', 'AAAA')"
_ASKED = Event(
    "22",
    "Dns query:",
    {
        **HEAD,
        **PROCESS,
        "QueryName": text("query"),
        "QueryStatus": "{{ rcode|dns_status }}",
        "QueryResults": text("answer|dns_results(query_type)"),
        "Image": IMAGE,
        "User": _NET_USER,
    },
    "Dns query (rule: DnsQuery)",
    "DNSEvent (DNS query)",
    ("network",),
    ("connection", "protocol", "info"),
    version=5,
    ecs={
        "dns": {
            "answers": OnlyIf("answer", [{"data": text("answer"), "type": "{{ query_type }}"}]),
            "resolved_ip": OnlyIf(_DNS_ADDRESS, ["{{ answer }}"]),
            "question": {"name": text("query")},
        },
        "network": {"protocol": "dns"},
        **_NETWORK_ECS,
        "related": {"hosts": [text("query")]},
    },
)

_FILE_CREATED = Event(
    "11",
    "File created:",
    {
        **HEAD,
        **PROCESS,
        "Image": IMAGE,
        "TargetFilename": text("path"),
        "CreationUtcTime": UTC_TIME,
        "User": USER,
    },
    "File created (rule: FileCreate)",
    "FileCreate",
    ("file",),
    ("creation",),
    version=2,
    ecs={"file": ecs_file("path"), "process": ecs_process(), **ECS_USER},
)

_FILE_DELETED = Event(
    "23",
    "File Delete archived:",
    {
        **HEAD,
        **PROCESS,
        "User": USER,
        "Image": IMAGE,
        "TargetFilename": text("path"),
        "Hashes": "{{ path|hashes }}",
        "IsExecutable": "{{ 'true' if path|is_executable else 'false' }}",
        "Archived": "true",
    },
    "File Delete archived (rule: FileDelete)",
    "FileDelete (File Delete archived)",
    ("file",),
    ("deletion",),
    version=5,
    ecs={"file": ecs_file("path", hash=ecs_hash("path")), "process": ecs_process(), **ECS_USER},
)


def _registry_event(code: str, message: str, kind: str, action: str, details: bool) -> Event:
    value = {"Details": text("details")} if details else {}
    data = {
        "strings": Json("{{ details|registry_strings|json }}"),
        "type": "{{ details|registry_type }}",
    }
    return Event(
        code,
        f"{message}:",
        {
            "RuleName": "-",
            "EventType": kind,
            "UtcTime": UTC_TIME,
            **PROCESS,
            "Image": IMAGE,
            "TargetObject": text("key"),
            **value,
            "User": USER,
        },
        f"{message} (rule: RegistryEvent)",
        action,
        ("configuration", "registry"),
        ("change",),
        version=2,
        ecs={
            "process": ecs_process(),
            "registry": {
                **({"data": data} if details else {}),
                "hive": text("key|registry_hive"),
                "key": text("key|registry_path"),
                "path": text("key"),
                **({"value": text("key|file_name")} if details else {}),
            },
            **ECS_USER,
        },
    )


def _pipe_event(code: str, message: str, kind: str, action: str, change: str) -> Event:
    return Event(
        code,
        f"{message}:",
        {
            "RuleName": "-",
            "EventType": kind,
            "UtcTime": UTC_TIME,
            **PROCESS,
            "PipeName": text("pipe"),
            "Image": IMAGE,
            "User": USER,
        },
        f"{message} (rule: PipeEvent)",
        action,
        ("file",),
        (change,),
        version=1,
        ecs={"file": {"name": text("pipe")}, "process": ecs_process(), **ECS_USER},
    )


OBJECT_EVENTS = {
    "network.connection": _CONNECTED,
    "dns.query": _ASKED,
    "file.created": _FILE_CREATED,
    "file.deleted": _FILE_DELETED,
    "registry.key_changed": _registry_event(
        "12",
        "Registry object added or deleted",
        "{{ change }}",
        "RegistryEvent (Object create and delete)",
        details=False,
    ),
    "registry.value_set": _registry_event(
        "13", "Registry value set", "SetValue", "RegistryEvent (Value Set)", details=True
    ),
    "pipe.created": _pipe_event("17", "Pipe Created", "CreatePipe", "PipeEvent (Pipe Created)", "creation"),
    "pipe.connected": _pipe_event("18", "Pipe Connected", "ConnectPipe", "PipeEvent (Pipe Connected)", "access"),
}
