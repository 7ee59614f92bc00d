"""A message, compiled: it renders columns of events into records, each preceded by its length."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from types import MappingProxyType
from typing import Any

import numpy as np

from simulator.errors import TemplateError
from simulator.events.columns import Column
from simulator.telemetry.messages.layer import Layer
from simulator.telemetry.messages.message import Message
from simulator.telemetry.messages.nodes import headed, laid_together
from simulator.telemetry.templates import Backend, FieldKind, Rendered, best_backend, named_backend
from simulator.telemetry.templates.plan import Batch
from simulator.telemetry.templates.segments import Segment
from simulator.telemetry.templates.tables import LookUp
from simulator.telemetry.templates.template import KINDS, SMALL_BATCH

Make = Callable[[Message, Mapping[str, FieldKind]], Layer]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class CompiledMessage:
    """See :func:`compile_message`. Safe to use from several threads."""

    def __init__(
        self, message: Message, schema: Mapping[str, FieldKind], make: Callable[..., Layer], name: str
    ) -> None:
        self.name, self._message, self._schema, self._make = name, message, dict(schema), make
        self._lock = Lock()
        self._layer = make(message, self._schema)
        self._layers = {_shape(self._schema, self._layer.fields): self._layer}
        self.warnings = tuple(dict.fromkeys(self._layer.warnings))

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the event that a record says something about."""
        return self._layer.fields

    def render(self, columns: Mapping[str, Column], rows: int, backend: Backend | None = None) -> Rendered:
        """Render all rows. The bytes are the same whatever the backend; they are the caller's to keep."""
        if rows == 0:
            return Rendered(np.zeros(0, np.uint8), np.zeros(0, np.int64))
        backend = named_backend("python") if rows < SMALL_BATCH else backend or best_backend()
        return backend.gather(self.segments(columns, rows, backend.look_up), rows)

    def segments(self, columns: Mapping[str, Column], rows: int, look_up: LookUp) -> list[Segment]:
        """Return what stands in each record, from its length on; there is at least one row."""
        missing = sorted(self.fields - columns.keys())
        if missing:
            raise TemplateError(f"{self.name}: the event has no {' and no '.join(missing)}")
        used = {name: columns[name] for name in self.fields}
        batch = Batch(used, rows, look_up)
        inner = laid_together(self._layer_for(used).nodes, batch, None)
        return headed(b"", inner, None).segments

    def check(self) -> None:
        """Do nothing: what is wrong with a message was said when it was compiled."""

    def _layer_for(self, columns: Mapping[str, Column]) -> Layer:
        """Return the layer for columns of these kinds, which a playbook may have made others than the schema says."""
        kinds = {**self._schema, **{name: KINDS[type(column)] for name, column in columns.items()}}
        shape = _shape(kinds, self.fields)
        with self._lock:
            if shape not in self._layers:
                self._layers[shape] = self._make(self._message, kinds)
            return self._layers[shape]


def _shape(kinds: Mapping[str, FieldKind], fields: Sequence[str] | frozenset[str]) -> tuple[tuple[str, FieldKind], ...]:
    return tuple((name, kinds[name]) for name in sorted(fields))


def compile_message(
    message: Message,
    schema: Mapping[str, FieldKind],
    *,
    constants: Mapping[str, object] = _NOTHING,
    filters: Mapping[str, Callable[..., Any]] = _NOTHING,
    name: str = "message",
) -> CompiledMessage:
    """Compile a message over fields of the kinds that ``schema`` gives.

    TemplateError says what is wrong with one of its expressions. ``warnings`` of what is
    returned name those that are worked out once for each distinct value.
    """

    def make(message: Message, kinds: Mapping[str, FieldKind]) -> Layer:
        return Layer(message, kinds, constants, filters, name)

    return CompiledMessage(message, schema, make, name)
