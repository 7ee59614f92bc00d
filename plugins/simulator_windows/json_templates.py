"""Documents written as Python literals, turned into the text of a Jinja2 template.

Strings may hold ``{{ … }}`` and ``{% … %}`` whose output needs no escaping: numbers, hex, SIDs, codes. Free text
goes through ``text("expression")``, which escapes it. Inside expressions, quotes are single ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class Json(str):
    """A piece of template that writes a whole JSON value, quotes and all."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """A member that is only there when a Jinja2 condition holds. It cannot be the last of its object."""

    condition: str
    value: Any


def text(expression: str) -> Json:
    """Write what an expression gives as a JSON string."""
    return Json(f"{{{{ ({expression})|json }}}}")


def present(expression: str) -> OnlyIf:
    """Write free text, and leave the member out when there is none: Winlogbeat drops empty values."""
    return OnlyIf(expression, text(expression))


def number(expression: str) -> Json:
    return Json(f"{{{{ {expression} }}}}")


def braced(template: str) -> str:
    """Put braces around an id. Written bare, they would read as Jinja2's own."""
    return "{{ '{' }}" + template + "}"


def template_of(value: Any) -> str:
    """Return the template that writes a document."""
    if isinstance(value, Json):
        return str(value)
    if isinstance(value, Mapping):
        members = _members(value)
        return braced(members) if members.startswith("{") else "{" + members + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(template_of, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _members(members: Mapping[str, Any]) -> str:
    written = []
    for position, (name, value) in enumerate(members.items(), 1):
        comma = "," if position < len(members) else ""
        if isinstance(value, OnlyIf):
            assert comma, f"optional member {name!r} stands last: its comma would dangle"
            written.append(f'{{% if {value.condition} %}}"{name}":{template_of(value.value)},{{% endif %}}')
        else:
            written.append(f'"{name}":{template_of(value)}{comma}')
    return "".join(written)
