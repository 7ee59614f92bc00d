"""What the template compiler calls the kinds of an event type's fields."""

from __future__ import annotations

from typing import Literal

from simulator.events.event_types import EventType, Field

CODED_KINDS = ("host", "user", "endpoint", "text", "code", "series")
FieldKind = Literal["coded", "integer", "number", "list", "time", "duration", "identifier", "text"]
_WIDE: dict[str, FieldKind] = {
    "integer": "integer",
    "duration": "duration",
    "identifier": "identifier",
    "number": "number",
    "list": "list",
    "time": "time",
}


def template_kind(field: Field) -> FieldKind:
    """Return the kind of a field's column."""
    return _WIDE.get(field.kind, "coded")


def template_kinds(event: EventType) -> dict[str, FieldKind]:
    """Return the kinds of all fields of an event type, by name."""
    return {field.name: template_kind(field) for field in event.fields}
