"""Texts that are templates over the fields of their event: ``/item/{{ number }}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.errors import TemplateError
from simulator.events.event_types import EventType
from simulator.places import Complaints, Place
from simulator.playbook.reading.binding import Unbound
from simulator.playbook.reading.nodes import Scalar, shortened
from simulator.timeline.field_generators import Text


def is_template(value: object) -> bool:
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def text_of(node: Scalar, event: EventType, names: Mapping[str, Any], complaints: Complaints) -> Text:
    """Compile a template, or raise Unbound after a complaint. A field goes before a name of the playbook."""
    from jinja2 import meta

    from simulator.telemetry.kinds import template_kind
    from simulator.telemetry.templates import compile_template, environment
    from simulator.telemetry.templates.refusals import parsed

    try:
        used = meta.find_undeclared_variables(parsed(node.value, environment({}), [*event.by_name, *names]))
        fields = tuple(each.name for each in event.fields if each.name in used)
        constants = {name: names[name] for name in sorted(used) if name in names and name not in fields}
        kinds = {name: template_kind(event.by_name[name]) for name in fields}
        compile_template(node.value, kinds, constants=constants, name=shortened(node.value, 30))
    except TemplateError as error:
        line = node.place.line + node.block + (error.line or 1) - 1
        column = node.place.column if line == node.place.line else 1
        complaints.add(Place(node.place.file, line, column), f"this template does not compile: {error}")
        raise Unbound from error
    return Text(node.value, fields, constants)
