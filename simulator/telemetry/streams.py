"""What a product records of the events of a window: rows chosen, put in order, counted, rendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.errors import TemplateError
from simulator.events.batch import Batch
from simulator.events.columns import Coded, Column, Durations, Index, Integers, Lists, Times, concatenated
from simulator.events.event_types import EventType
from simulator.telemetry.conditions import holding
from simulator.telemetry.counters import Counting
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.kinds import FieldKind, template_kinds
from simulator.telemetry.layouts import ProtobufLayout
from simulator.telemetry.messages.compiled import CompiledMessage, compile_message
from simulator.telemetry.messages.message import Message
from simulator.telemetry.renderer import Format, Record, Renderer
from simulator.telemetry.tag import Tag
from simulator.telemetry.templates import (
    Backend,
    Part,
    Rendered,
    Template,
    best_backend,
    compile_template,
    named_backend,
)
from simulator.telemetry.templates.template import SMALL_BATCH


@dataclass(frozen=True, slots=True)
class RenderedBatch:
    """Records of one stream, in order: row i ends before ``ends[i]``, with its line end.

    A binary one has none: it starts with its length.

    ``ids`` and ``times`` are those of the events, ``delivered`` when the record arrives.
    """

    stream: str
    data: NDArray[np.uint8]
    ends: NDArray[np.int64]
    ids: NDArray[np.uint64]
    times: NDArray[np.int64]
    delivered: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that one template renders."""

    record: Record
    event: EventType
    times: NDArray[np.int64]
    ids: NDArray[np.uint64]
    columns: dict[str, Column]


class StreamRecorder:
    """Renders what one renderer's product sees, window after window: counters run on between them."""

    def __init__(
        self, renderer: Renderer, form: Format, tag: Tag, deployment: Deployment, backend: Backend | None = None
    ) -> None:
        self.renderer, self.format, self.tag = renderer, form, tag
        self._deployment, self._backend = deployment, backend
        self._templates: dict[tuple[str, str], Template] = {}
        self._records: dict[tuple[str, str | Message], Template | CompiledMessage] = {}
        self._counting = {name: Counting(counter, name) for name, counter in renderer.counters.items()}

    heading = ""  # behind the format's header

    def records(self, batches: Sequence[tuple[EventType, Batch]], end: int = 0) -> Iterator[RenderedBatch]:
        """Yield the records of a window's events, in the order of (time, emission, serial), some at once."""
        del end
        try:
            yield from self._recorded(batches)
        except TemplateError as error:
            raise TemplateError(f"renderer {self.renderer.name!r}: {error}", error.line) from error

    def _recorded(self, batches: Sequence[tuple[EventType, Batch]]) -> Iterator[RenderedBatch]:
        groups = list(self._groups(batches))
        if not groups:
            return
        times = np.concatenate([group.times for group in groups])
        ids = np.concatenate([group.ids for group in groups])
        order = np.lexsort((ids, times))  # stable: records of one event stay in the renderer's order
        self._count(groups, order, ids)
        delivered = times + np.concatenate([self._lasted(group) for group in groups]) + self._deployment.delays(ids)
        first = 0
        for found in self._rendered(groups, order):
            rows = order[first : first + len(found.ends)]
            yield RenderedBatch(self.renderer.name, found.data, found.ends, ids[rows], times[rows], delivered[rows])
            first += len(rows)

    def _groups(self, batches: Sequence[tuple[EventType, Batch]]) -> Iterable[_Group]:
        by_type: dict[tuple[str, tuple[int, ...]], list[tuple[EventType, Batch]]] = {}
        for event, batch in batches:
            if event.name in self.renderer.templates:
                widths = tuple(each.values.shape[1] for each in batch.columns.values() if isinstance(each, Lists))
                by_type.setdefault((event.name, widths), []).append((event, batch))
        for (name, _), found in by_type.items():
            event = found[0][0]
            seen = [batch for _, batch in found]
            columns: dict[str, Column] = {
                field.name: concatenated([batch.columns[field.name] for batch in seen]) for field in event.fields
            }
            times, ids = np.concatenate([b.times for b in seen]), np.concatenate([b.ids for b in seen])
            for record in self.renderer.records(name):
                rows = self._seen_rows(event, record, columns, len(times))
                if len(rows):
                    yield self._group(event, record, times, ids, columns, rows)

    def _group(
        self,
        event: EventType,
        record: Record,
        times: NDArray[np.int64],
        ids: NDArray[np.uint64],
        columns: Mapping[str, Column],
        rows: Index,
    ) -> _Group:
        whole = len(rows) == len(times)
        mine = {name: column if whole else column.take(rows) for name, column in columns.items()}
        shown = times if whole else times[rows]
        mine["time"] = Times(shown + self._deployment.clock_offsets(mine.get(self.renderer.witness)))
        return _Group(record, event, shown, ids if whole else ids[rows], mine)

    def _lasted(self, group: _Group) -> NDArray[np.int64]:
        """Return how long after each event its record is written."""
        lasted = group.columns.get(self.renderer.lasts)
        return lasted.values if isinstance(lasted, Durations) else np.zeros(len(group.times), np.int64)

    def _seen_rows(self, event: EventType, record: Record, columns: Mapping[str, Column], rows: int) -> Index:
        seen = self._deployment.sees(columns.get(self.renderer.witness), rows)
        if record.when:
            seen &= holding(self._template(event, record.condition), columns, rows)
        return np.flatnonzero(seen)

    def _count(self, groups: Sequence[_Group], order: Index, ids: NDArray[np.uint64]) -> None:
        """Number the records, in their order; every group gets its part as a column."""
        edges = np.cumsum([0, *(len(group.times) for group in groups)])
        for name, counting in self._counting.items():
            keys = [group.columns.get(counting.counter.per) for group in groups]
            codes = [
                key.codes if isinstance(key, Coded) else np.zeros(len(g.times), np.uint32)
                for key, g in zip(keys, groups, strict=True)
            ]
            vocabulary = next((key.vocabulary for key in keys if isinstance(key, Coded)), None)
            numbers = np.empty(len(order), np.int64)
            numbers[order] = counting.numbered(np.concatenate(codes)[order], ids[order], vocabulary)
            for group, low, high in zip(groups, edges, edges[1:], strict=False):
                group.columns[name] = Integers(numbers[low:high])

    def _rendered(self, groups: Sequence[_Group], order: Index) -> Iterator[Rendered]:
        backend = named_backend("python") if len(order) < SMALL_BATCH else self._backend or best_backend()
        parts = []
        for group in groups:
            rows = len(group.times)
            segments = self._record_template(group).segments(group.columns, rows, backend.look_up)
            parts.append(Part(segments, rows))
        return backend.gather_in_order(parts, order)

    def _record_template(self, group: _Group) -> Template | CompiledMessage:
        key = (group.event.name, group.record.template)
        if key not in self._records:
            self._records[key] = compiled_record(self.renderer, group.event, group.record, self.format, self.tag)
        return self._records[key]

    def _template(self, event: EventType, source: str) -> Template:
        key = (event.name, source)
        if key not in self._templates:
            self._templates[key] = compiled_template(self.renderer, event, source)
        return self._templates[key]


def compiled_record(
    renderer: Renderer, event: EventType, record: Record, form: Format, tag: Tag
) -> Template | CompiledMessage:
    """Compile a whole record of a renderer: with the tag in its place, and with its line end or its length."""
    if isinstance(record.template, Message) != isinstance(form.layout, ProtobufLayout):
        wanted = "a Message" if isinstance(form.layout, ProtobufLayout) else "a template"
        raise TemplateError(f"{renderer.name}, {event.name}: a record of format {form.name!r} is {wanted}")
    whole = form.wrapped(record.template, tag)
    if isinstance(whole, str):
        return compiled_template(renderer, event, whole + "\n")
    return compile_message(
        whole,
        _kinds(renderer, event),
        constants=renderer.constants,
        filters=renderer.filters,
        name=f"{renderer.name}, {event.name}",
    )


def compiled_template(renderer: Renderer, event: EventType, source: str) -> Template:
    """Compile a template of a renderer over the fields of an event type, its counters and constants."""
    return compile_template(
        source,
        _kinds(renderer, event),
        constants=renderer.constants,
        filters=renderer.filters,
        name=f"{renderer.name}, {event.name}",
    )


def _kinds(renderer: Renderer, event: EventType) -> dict[str, FieldKind]:
    counters: dict[str, FieldKind] = dict.fromkeys(renderer.counters, "integer")
    return {**template_kinds(event), "time": "time", **counters}
