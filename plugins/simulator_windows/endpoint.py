"""Windows events as plain ECS documents, the way Elastic's endpoint agent writes them: no event ids, no winlog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator import Record
from simulator_windows.json_templates import Json, OnlyIf, number, template_of, text
from simulator_windows.winlogbeat import ECS_VERSION, guid, plain_domain_of, windows_pid

_AGENT_VERSION = "8.17.4"
_SIGNED = Json("{% if loaded|signer %}true{% else %}false{% endif %}")


def _user(user: str = "user", **more: Any) -> dict[str, Any]:
    name = f"{{{{ {user}|account|escaped }}}}"
    return {"domain": plain_domain_of(user), "id": f"{{{{ {user}|sid }}}}", "name": name, **more}


def _hash(path: str) -> dict[str, str]:
    return {"md5": f"{{{{ {path}|md5_of }}}}", "sha256": f"{{{{ {path}|sha256_of }}}}"}


def _pe(path: str) -> dict[str, Any]:
    return {
        "company": text(f"{path}|company"),
        "description": text(f"{path}|description"),
        "file_version": text(f"{path}|file_version"),
        "original_file_name": text(f"{path}|original_file_name"),
        "product": text(f"{path}|product"),
    }


_PROCESS_NAME = {
    "executable": OnlyIf("image", text("image")),
    "name": OnlyIf("image", text("image|file_name")),
}
_PROCESS = {**_PROCESS_NAME, "entity_id": guid("process"), "pid": number(windows_pid("pid"))}
_FILE = {
    "directory": text("path|folder"),
    "extension": text("path|extension"),
    "name": text("path|file_name"),
    "path": text("path"),
}


def _document(
    dataset: str,
    category: str | Sequence[str],
    kind: str | Sequence[str],
    action: str,
    body: Mapping[str, Any],
    outcome: str = "",
) -> str:
    """Return the template of one document. ``body`` holds the field sets that only this event has."""
    data = {"dataset": f"endpoint.events.{dataset}", "namespace": "default", "type": "logs"}
    return template_of(
        {
            "@timestamp": "{{ time|iso }}",
            "agent": {"id": "{{ host|machine_id }}", "type": "endpoint", "version": _AGENT_VERSION},
            "data_stream": data,
            "ecs": {"version": ECS_VERSION},
            **body,
            "event": {
                "action": action,
                "category": [category] if isinstance(category, str) else category,
                "created": "{{ time|iso }}",
                "dataset": data["dataset"],
                "kind": "event",
                "module": "endpoint",
                **({"outcome": outcome} if outcome else {}),
                "sequence": number("record"),
                "type": [kind] if isinstance(kind, str) else kind,
            },
            "host": {
                "hostname": Json("{{ host.name|json }}"),
                "id": "{{ host|machine_id }}",
                "ip": ["{{ host.ip }}"],
                "mac": ["{{ host.mac|upper|replace(':', '-') }}"],
                "name": Json("{{ host.name|json }}"),
                "os": {
                    "family": "windows",
                    "full": OnlyIf("host.os_version", text("host.os_version")),
                    "name": "Windows",
                    "platform": "windows",
                    "type": "windows",
                },
            },
        }
    )


_STARTED = _document(
    "process",
    "process",
    "start",
    "start",
    {
        "process": {
            "args": Json("{{ command_line|arguments|json }}"),
            "args_count": number("command_line|arguments|length"),
            "command_line": text("command_line"),
            "hash": _hash("image"),
            "parent": OnlyIf(
                "parent_image",
                {
                    "command_line": text("parent_command_line or parent_image"),
                    "entity_id": guid("parent_process"),
                    "executable": text("parent_image"),
                    "name": text("parent_image|file_name"),
                    "pid": number(windows_pid("parent_pid")),
                },
            ),
            "pe": _pe("image"),
            "working_directory": text("working_directory|directory"),
            **_PROCESS,
        },
        "user": _user(),
    },
)
_ENDED = _document(
    "process",
    "process",
    "end",
    "end",
    {"process": {"exit_code": number("exit_code"), **_PROCESS}, "user": _user()},
)


def _file(kind: str, action: str) -> str:
    file = {"size": number("size"), **_FILE}
    return _document("file", "file", kind, action, {"file": file, "process": _PROCESS, "user": _user()})


def _registry(action: str, data: Mapping[str, Any]) -> str:
    registry = {"hive": text("key|registry_hive"), **data, "path": text("key")}
    body = {"process": _PROCESS, "registry": registry, "user": _user()}
    return _document("registry", ("configuration", "registry"), "change", action, body)


_VALUE_SET = _registry(
    "modification",
    {
        "data": {"strings": Json("{{ details|registry_strings|json }}"), "type": "{{ details|registry_type }}"},
        "key": text("key|registry_key"),
        "value": text("key|file_name"),
    },
)
_KEY_CHANGED = _registry(
    "{{ 'creation' if change == 'CreateKey' else 'deletion' }}", {"key": text("key|registry_path")}
)

_LOADED = _document(
    "library",
    "library",
    "start",
    "load",
    {
        "dll": {
            "code_signature": {
                "exists": _SIGNED,
                "subject_name": OnlyIf("loaded|signer", text("loaded|signer")),
                "status": "{{ 'trusted' if loaded|signer else 'noSignature' }}",
                "trusted": _SIGNED,
                "valid": _SIGNED,
            },
            "hash": _hash("loaded"),
            "name": text("loaded|file_name"),
            "path": text("loaded"),
            "pe": _pe("loaded"),
        },
        "process": _PROCESS,
        "user": _user(),
    },
)

_WHO = {"process": OnlyIf("image", _PROCESS), "user": OnlyIf("user", _user())}
_CONNECTED = _document(
    "network",
    "network",
    ("start", "connection"),
    "{{ 'connection_attempted' if initiated == 'true' else 'connection_accepted' }}",
    {
        "destination": {"ip": "{{ destination.ip }}", "port": number("destination_port")},
        "network": {
            "direction": "{{ 'egress' if initiated == 'true' else 'ingress' }}",
            "transport": "{{ protocol }}",
            "type": "{{ 'ipv6' if ':' in source.ip else 'ipv4' }}",
        },
        **_WHO,
        "source": {"ip": "{{ source.ip }}", "port": number("source_port")},
    },
)
_ASKED = _document(
    "network",
    "network",
    ("connection", "protocol", "info"),
    "lookup_requested",
    {
        "dns": {
            "answers": OnlyIf("answer", [{"data": text("answer"), "type": "{{ query_type }}"}]),
            "question": {"name": text("query"), "type": "{{ query_type }}"},
            "response_code": "{{ rcode }}",
        },
        "network": {"protocol": "dns"},
        **_WHO,
    },
)

_LOGON_SOURCE = OnlyIf("source", {"ip": "{{ source.ip }}", "port": number("source_port")})


def _logon(action: str, kind: str, outcome: str, body: Mapping[str, Any]) -> str:
    return _document("security", ("authentication", "session"), kind, action, {**body, "user": _user()}, outcome)


def _account(kind: str, action: str, body: Mapping[str, Any] | None = None) -> str:
    more = {"related": {"user": ["{{ user|account|escaped }}", "{{ target|account|escaped }}"]}, **(body or {})}
    category = ("user", kind) if kind != "group" else ("group", "change")
    return _document(
        "security", "iam", category, action, {**more, "user": _user(target=_user("target"))}, outcome="success"
    )


_GROUP = {"group": {"name": text("group")}}
_LOCKED = _document("security", "iam", ("user", "change"), "locked-out-user-account", {"user": _user()}, "success")
_SERVICE = {"process": {"command_line": text("image")}, "service": {"name": text("service")}, "user": _user()}

ENDPOINT_DOCUMENTS: Mapping[str, str | Record] = {
    "process.started": _STARTED,
    "process.ended": _ENDED,
    "file.created": _file("creation", "creation"),
    "file.modified": _file("change", "modification"),
    "file.deleted": _file("deletion", "deletion"),
    "registry.key_changed": _KEY_CHANGED,
    "registry.value_set": _VALUE_SET,
    "image.loaded": _LOADED,
    "network.connection": _CONNECTED,
    "dns.query": _ASKED,
    "logon.succeeded": _logon("log_on", "start", "success", {"source": _LOGON_SOURCE}),
    "logon.failed": _logon("log_on", "start", "failure", {"source": _LOGON_SOURCE}),
    "logon.ended": _logon("log_off", "end", "success", {}),
    "account.created": _account("creation", "added-user-account"),
    "account.deleted": _account("deletion", "deleted-user-account"),
    "account.password_reset": _account("change", "reset-password"),
    "account.locked_out": _LOCKED,
    "group.member_added": _account("group", "added-member-to-group", _GROUP),
    "service.installed": _document("security", "configuration", "creation", "service-installed", _SERVICE, "success"),
}
