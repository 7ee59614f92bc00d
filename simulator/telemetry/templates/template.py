"""A template, compiled: it renders columns of events into the bytes that Jinja2 would render row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from types import MappingProxyType
from typing import Any, Protocol

import jinja2
import numpy as np
from numpy.typing import NDArray

from simulator.errors import TemplateError
from simulator.events.columns import Coded, Column, Durations, Identifiers, Integers, Lists, Numbers, Texts, Times
from simulator.telemetry.templates.environment import environment
from simulator.telemetry.templates.expressions import FieldKind
from simulator.telemetry.templates.functions import explained, whole
from simulator.telemetry.templates.plan import Plan
from simulator.telemetry.templates.refusals import parsed
from simulator.telemetry.templates.segments import Segment
from simulator.telemetry.templates.tables import LookUp

SMALL_BATCH = 16  # rows; below that no backend repays its preparation
_NOTHING: Mapping[str, Any] = MappingProxyType({})
KINDS: dict[type[Column], FieldKind] = {
    Coded: "coded",
    Integers: "integer",
    Numbers: "number",
    Lists: "list",
    Times: "time",
    Durations: "duration",
    Identifiers: "identifier",
    Texts: "text",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """Records without line ends, one after the other: row i is ``data[ends[i - 1]:ends[i]]``."""

    data: NDArray[np.uint8]
    ends: NDArray[np.int64]

    def rows(self) -> list[bytes]:
        """Return the records one by one. For looking at, not for writing many."""
        data, ends = self.data.tobytes(), self.ends.tolist()
        return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that have the same segments: there is at least one."""

    segments: list[Segment]
    rows: int


class Backend(Protocol):
    """Writes the segments of each row one after the other."""

    @property
    def name(self) -> str: ...

    @property
    def look_up(self) -> LookUp: ...

    def gather(self, segments: list[Segment], rows: int) -> Rendered: ...

    def gather_in_order(self, parts: Sequence[Part], order: NDArray[np.int64]) -> Iterator[Rendered]:
        """Yield the rows of several parts, counted through, in an order: some at once, as memory is worth."""


class Template:
    """See :func:`compile_template`. Safe to use from several threads."""

    def __init__(
        self,
        source: str,
        schema: Mapping[str, FieldKind],
        constants: Mapping[str, object],
        filters: Mapping[str, Callable[..., Any]],
        name: str,
    ) -> None:
        self.name, self.source = name, source
        self._environment = environment(filters)
        self._constants = {key: value for key, value in constants.items() if key not in schema}
        self._schema = dict(schema)
        self._lock = Lock()
        self._tree = parsed(source, self._environment, self._constants.keys() | schema.keys())
        self._plan = Plan(self._tree, self._schema, self._constants, self._environment)
        self._plans = {self._shape(self._schema): self._plan}
        self.warnings = tuple(dict.fromkeys(self._plan.warnings))

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the event that a record says something about."""
        return self._plan.fields

    def render(self, columns: Mapping[str, Column], rows: int, backend: Backend | None = None) -> Rendered:
        """Render all rows. The bytes are the same whatever the backend; they are the caller's to keep."""
        from simulator.telemetry.templates.backends import best_backend, named_backend

        if rows == 0:
            return Rendered(np.zeros(0, np.uint8), np.zeros(0, np.int64))
        backend = named_backend("python") if rows < SMALL_BATCH else backend or best_backend()
        return backend.gather(self.segments(columns, rows, backend.look_up), rows)

    def segments(self, columns: Mapping[str, Column], rows: int, look_up: LookUp) -> list[Segment]:
        """Return what stands in each row, from left to right; there is at least one row."""
        used = {name: columns[name] for name in self._plan.fields if name in columns}
        if len(used) < len(self._plan.fields):
            missing = sorted(self._plan.fields - used.keys())
            raise TemplateError(f"{self.name}: the event has no {' and no '.join(missing)}")
        return self._plan_for(used).segments(used, rows, look_up)

    def render_row(self, values: Mapping[str, object]) -> str:
        """Render one row as plain Jinja2 does: what ``render`` must agree with."""
        template = self._whole
        with explained(template):
            return "".join(template.root_render_func(template.new_context(dict(values))))

    def check(self) -> None:
        """Compile what is otherwise compiled when it is first needed; TemplateError says what is wrong."""
        _ = self._whole, self._plan.functions

    @cached_property
    def _whole(self) -> jinja2.Template:
        return whole(self._environment, self.source, self._constants)

    def _plan_for(self, columns: Mapping[str, Column]) -> Plan:
        """Return the plan for columns of these kinds, which a playbook may have made others than the schema says."""
        kinds = {name: KINDS[type(column)] for name, column in columns.items()}
        if all(self._schema[name] == kind for name, kind in kinds.items()):
            return self._plan
        shape = self._shape(kinds)
        with self._lock:
            if shape not in self._plans:
                self._plans[shape] = Plan(self._tree, {**self._schema, **kinds}, self._constants, self._environment)
            return self._plans[shape]

    @staticmethod
    def _shape(kinds: Mapping[str, FieldKind]) -> tuple[tuple[str, FieldKind], ...]:
        return tuple(sorted(kinds.items()))


def compile_template(
    source: str,
    schema: Mapping[str, FieldKind],
    *,
    constants: Mapping[str, object] = _NOTHING,
    filters: Mapping[str, Callable[..., Any]] = _NOTHING,
    name: str = "template",
) -> Template:
    """Compile a template over fields of the kinds that ``schema`` gives.

    What is never printed is not worked out either: a ``set`` or an ``if`` without effect may
    hide a mistake that Jinja2 would stumble over.

    TemplateError, with the line, says what Jinja2 does not understand, which name, filter or
    test does not exist, and what a template may not do. ``warnings`` of what is returned
    name the expressions that Jinja2 has to write for each distinct value.
    """
    return Template(source, schema, constants, filters, name)
