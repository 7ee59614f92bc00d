"""Event types: what can happen, and the typed fields it has. Plugins provide them.

An event type says what happened, in no product's words: ``ssh.login_failed``,
``process.started``, ``http.request``. Renderers say how products tell it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "host", "user", "endpoint", "text", "code", "integer", "duration", "identifier", "series", "number", "list", "time"
]
"""What a field holds, and so what a template may do with it.

host, user, endpoint   an entity of the world, coded: ``{{ host.name }}``, ``{{ source.ip }}``
text                   a string, coded (or row by row when a playbook builds it from other fields)
code                   an integer from a small set (status, port, signal), coded
integer                int64, row by row
duration               nanoseconds, row by row: ``{{ duration|seconds(6) }}``
identifier             ``width`` random bytes: ``{{ trace_id|hex }}``

Only samples of metrics have these:

series                 of a metric, coded: ``{{ series.metric.name }}``
number                 float64, row by row: ``{{ value|number }}``
list                   as many int64 in each row: ``{{ buckets|join(",") }}``
time                   nanoseconds since the epoch, row by row
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event type.

    ``default`` is what a playbook could have written after the field's name (a
    constant or a generator such as ``{integer: {min: 1024, max: 65535}}``). Without one
    an identifier is random, a number is 0, and everything else is None, unless the
    field is ``required``: then a playbook must give it.

    A follow-up that is not given a field takes it from its parent event: from the
    parent's field ``inherits``. When that is None, entities and identifiers (who, where,
    which session) come from the field of their own name and everything else from the
    default; when it is empty, nothing is taken (a new process has an id of its own).
    """

    name: str
    kind: Kind
    default: Any = None
    required: bool = False
    width: int = 8
    help: str = ""
    inherits: str | None = None


@dataclass(frozen=True, slots=True)
class EventType:
    """Something that can happen. ``fields`` come on top of ``time``, which every event has."""

    name: str
    title: str
    fields: tuple[Field, ...]
    by_name: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.fields})
