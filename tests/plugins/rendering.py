"""A jig for tests of renderers: one event, written in plain Python values, as the lines that a product leaves.

    lines = rendered_records(AUTH_LOG, Rfc3164Format(), "ssh.login_failed", {"user": ALICE, "source": ATTACKER})

Values that are not given get the event type's defaults, the same ones each time.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

from simulator import EventType, Field, Format, Host, Outsider, Renderer, Tag, User
from simulator.events.columns import Duration, Identifier, Timestamp
from simulator.telemetry.templates import FieldKind, compile_template

TAG = Tag("r1a2b3c4d", "ssh-brute-force")
TIME = 1_772_438_401_123_456_789  # 2026-03-02T08:00:01.123456789Z, a Monday
WEB1 = Host("web1", "10.20.0.11", "linux", "web1.example.test", "00:00:5e:00:53:0b", "Debian 12", ("web",), "dmz")
DB1 = Host("db1", "10.20.0.21", "linux", "db1.example.test", "00:00:5e:00:53:15", "Debian 12", ("database",), "lan")
ROOT = User("root", "root", uid=0, admin=True)
ALICE = User("alice", "Alice Ames", "EXAMPLE", "alice@example.test", 1000, "S-1-5-21-1-2-3-1104", admin=True)
BOB = User("bob", "Bob Bell", "EXAMPLE", "bob@example.test", 1001, "S-1-5-21-1-2-3-1105")
NOBODY = User("oracle", known=False)
ATTACKER = Outsider("attacker", "203.0.113.66", 64500, "NL", "scan.example.net")
_KINDS: dict[type, FieldKind] = {int: "integer", Timestamp: "time", Duration: "duration", Identifier: "identifier"}
_QUANTITIES = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


def rendered_records(
    renderer: Renderer,
    record_format: Format,
    event: str | EventType,
    values: Mapping[str, Any] | None = None,
    tag: Tag = TAG,
    *,
    time: int = TIME,
    counters: Mapping[str, int] | None = None,
) -> list[str]:
    """Return the records a renderer writes of one event, tagged.

    Counters start where the renderer says, or at ``counters``, and rise with each record.
    """
    event_type = event if isinstance(event, EventType) else event_types().get(event)
    name = event_type.name if event_type else str(event)
    row = row_of(event_type, values or {})
    numbers = {key: (counters or {}).get(key, counter.start) for key, counter in renderer.counters.items()}
    lines = []
    for record in renderer.records(name):
        context = {**row, **numbers, "time": Timestamp(time)}
        if record.when and not _rendered(renderer, name, f"{{% if {record.when} %}}1{{% endif %}}", context):
            continue
        lines.append(_rendered(renderer, name, record_format.wrapped(record.template, tag), context))
        numbers = {key: number + 1 for key, number in numbers.items()}
    return lines


def _rendered(renderer: Renderer, event: str, source: str, context: Mapping[str, Any]) -> str:
    schema = {name: _KINDS.get(type(value), "coded") for name, value in context.items()}
    template = compile_template(
        source, schema, constants=renderer.constants, filters=renderer.filters, name=f"{renderer.name}, {event}"
    )
    return template.render_row(context)


def fields_of(renderer: Renderer, record_format: Format, event: str, values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the records as a detector sees them: without the tag, taken apart."""
    lines = rendered_records(renderer, record_format, event, values)
    return [record_format.layout.parse(line.replace(record_format.tag_text(TAG), "", 1)) for line in lines]


@cache
def event_types() -> Mapping[str, EventType]:
    """Return all event types of the plugins that can be imported."""
    plugins = sorted(module.name for module in pkgutil.iter_modules() if module.name.startswith("simulator_"))
    found: dict[str, EventType] = {}
    for plugin in plugins:
        with suppress(ImportError):
            found |= {each.name: each for each in getattr(import_module(plugin), "simulator_event_types", tuple)()}
    return found


def row_of(event_type: EventType | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value for each field of an event type, as a template sees it."""
    if event_type is None:
        return dict(values)
    unknown = set(values) - set(event_type.by_name)
    assert not unknown, f"{event_type.name} has no fields {sorted(unknown)}"
    row: dict[str, Any] = {}
    for field in event_type.fields:
        given = values[field.name] if field.name in values else _default(field, row)
        row[field.name] = _typed(field, given)
    return row


def _default(field: Field, row: Mapping[str, Any]) -> Any:
    if field.default is None:
        everyday = {"host": WEB1, "user": ALICE, "endpoint": ATTACKER} if field.required else {}
        numbers = {"integer": 0, "duration": 0, "identifier": bytes(range(0xA1, 0xA1 + field.width))}
        return (everyday | numbers).get(field.kind)
    if not isinstance(field.default, Mapping):
        return field.default
    ((kind, settings),) = field.default.items()
    if kind == "same":
        return row[settings]
    if isinstance(settings, Mapping):
        return next(settings[key] for key in ("p50", "median", "min", "start", "mean") if key in settings)
    return settings[0] if isinstance(settings, list) else settings


def _typed(field: Field, value: Any) -> Any:
    if field.kind == "duration":
        amount = re.fullmatch(r"([\d.]+)\s*(\D+)", str(value))
        return Duration(float(amount[1]) * _QUANTITIES[amount[2]]) if amount else Duration(value)
    return Identifier(value) if field.kind == "identifier" else value
