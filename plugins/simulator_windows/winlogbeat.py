"""A document as Winlogbeat ships it: the envelope, and the pieces that many events share.

Nothing that Windows wrote is left out of ``winlog.event_data``, other than empty
values; the ECS fields are those that Winlogbeat's modules put beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator_windows.json_templates import Json, braced, number, template_of

ECS_VERSION = "8.17.0"
BEAT_VERSION = "8.17.4"
NO_GUID = "{00000000-0000-0000-0000-000000000000}"


@dataclass(frozen=True, slots=True)
class Log:
    """A channel and the provider that writes to it, as Winlogbeat's module ``module`` reads them."""

    channel: str
    provider: str
    guid: str
    module: str
    pid: str
    """Template of the pid of the process that writes the events."""
    user: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""
    """Of an event that says nothing else, as are the keywords."""
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One event id: what Windows writes (``data``), and what Winlogbeat makes of it (the rest)."""

    id: str
    message: str
    data: Mapping[str, Any]
    task: str = ""
    action: str = ""
    category: Sequence[str] = ()
    type: Sequence[str] = ()
    version: int = 0
    outcome: str = ""
    keywords: str = ""
    level: str = "information"
    opcode: str = "Info"
    ecs: Mapping[str, Any] = field(default_factory=dict)
    winlog: Mapping[str, Any] = field(default_factory=dict)
    pid: str = ""
    """Where it is not the log's own: the kernel itself writes of processes."""
    data_name: str = "event_data"


def document(log: Log, event: Event) -> str:
    """Return the template of the record that Winlogbeat ships for an event."""
    return template_of(
        {
            "@timestamp": "{{ time|iso }}",
            "agent": {
                "id": "{{ host|machine_id }}",
                "name": "{{ host|netbios }}",
                "type": "winlogbeat",
                "version": BEAT_VERSION,
            },
            "ecs": {"version": ECS_VERSION},
            "event": _event(log, event),
            "host": {"hostname": Json("{{ host.name|json }}"), "name": Json("{{ host.fqdn|json }}")},
            "log": {"level": event.level},
            "message": event.message,
            **event.ecs,
            "winlog": _winlog(log, event),
        }
    )


def _event(log: Log, event: Event) -> dict[str, Any]:
    return _without_empty(
        {
            "action": event.action,
            "category": event.category,
            "code": event.id,
            "created": "{{ time|shift(211000000)|iso }}",  # Winlogbeat reads what was written a moment ago
            "kind": "event",
            "module": log.module,
            "outcome": event.outcome or log.outcome,
            "provider": log.provider,
            "type": event.type,
        }
    )


def _winlog(log: Log, event: Event) -> dict[str, Any]:
    return _without_empty(
        {
            "api": "wineventlog",
            "channel": log.channel,
            "computer_name": Json("{{ host.fqdn|json }}"),
            event.data_name: event.data,
            "event_id": event.id,
            "keywords": [each for each in (event.keywords or log.keywords,) if each],
            **event.winlog,
            "opcode": event.opcode,
            "process": {"pid": number(event.pid or log.pid), "thread": {"id": number("record % 13 * 4 + 1240")}},
            "provider_guid": log.guid,
            "provider_name": log.provider,
            "record_id": "{{ host|record_prefix }}{{ record }}",
            "task": event.task,
            "user": log.user,
            "version": event.version,
        }
    )


def _without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def name_of(user: str) -> str:
    """Write an account's name as the Security log does: SYSTEM goes by the name of its machine."""
    return (
        f"{{% if {user}|is_system %}}{{{{ host|netbios }}}}${{% else %}}{{{{ {user}|account|escaped }}}}{{% endif %}}"
    )


def domain_of(user: str) -> str:
    return f"{{% if {user}|is_system %}}{{{{ host|netbios_domain }}}}{{% else %}}{plain_domain_of(user)}{{% endif %}}"


def plain_domain_of(user: str) -> str:
    return f"{{% if {user}|has_domain %}}{{{{ {user}|domain|escaped }}}}{{% else %}}{{{{ host|netbios }}}}{{% endif %}}"


def qualified(user: str) -> str:
    """Write ``DOMAIN\\name`` as Sysmon does: SYSTEM is ``NT AUTHORITY\\SYSTEM``."""
    return f"{plain_domain_of(user)}\\{{{{ {user}|account|escaped }}}}"


def logon_id(user: str = "user") -> str:
    return f"{{% if {user}|fixed_logon %}}{{{{ {user}|fixed_logon }}}}{{% else %}}{{{{ logon|hexint }}}}{{% endif %}}"


def subject(user: str = "user") -> dict[str, Any]:
    """Return the four fields that say in whose session something was done."""
    return {
        "SubjectUserSid": f"{{{{ {user}|sid }}}}",
        "SubjectUserName": name_of(user),
        "SubjectDomainName": domain_of(user),
        "SubjectLogonId": logon_id(user),
    }


def ecs_user(user: str = "user", **more: Any) -> dict[str, Any]:
    return {"domain": domain_of(user), "id": f"{{{{ {user}|sid }}}}", "name": name_of(user), **more}


def related(*users: str, **more: Any) -> dict[str, Any]:
    return {**more, "user": [name_of(user) for user in users]}


def windows_pid(field: str) -> str:
    """Return the expression of a pid: Windows gives out multiples of four."""
    return f"{field} // 4 * 4"


def hex_pid(field: str = "pid") -> str:
    return f"{{{{ ({windows_pid(field)})|hexint }}}}"


def guid(field: str) -> str:
    return braced(f"{{{{ {field}|uuid }}}}")
