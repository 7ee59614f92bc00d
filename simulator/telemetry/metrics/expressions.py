"""What a measure's expressions are of many events at once: the numbers that count, which events do, the labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jinja2 import TemplateError as JinjaError
from jinja2 import nodes
from numpy.typing import NDArray

from simulator.errors import TemplateError, UsageError
from simulator.events.columns import Coded, Column, Durations, Integers, Times, Vocabulary
from simulator.events.event_types import EventType
from simulator.telemetry.conditions import holding
from simulator.telemetry.kinds import template_kinds
from simulator.telemetry.templates import Template, compile_template, environment
from simulator.telemetry.templates.expressions import ConstantNumber, Unfit, Vectors
from simulator.telemetry.templates.tables import Tables, take

Numbers = NDArray[np.int64]
_NANOSECONDS = 1_000_000_000
_MOST_COMBINATIONS = 200_000  # of values that labels come from; beyond that their table starts anew
_SEPARATOR = "\x1f"


class Value:
    """A whole number of each event; ``unit`` of it make one of what is measured."""

    def __init__(self, text: str, event: EventType, name: str) -> None:
        kinds = {field: "integer" if kind == "coded" else kind for field, kind in template_kinds(event).items()}
        jinja = environment({})
        self._name, self._text = name, text
        try:
            tree = jinja.parse("{{ " + (text or "1") + " }}")
        except JinjaError as error:
            raise UsageError(f"metric {name!r}: {text!r} is no expression: {error}") from error
        printed = tree.body[0].nodes if tree.body and isinstance(tree.body[0], nodes.Output) else []
        number = Vectors(kinds, {}, jinja.filters, ()).number(printed[0]) if len(printed) == 1 else None
        if number is None:
            raise UsageError(f"metric {name!r}: {text!r} is no whole number of the fields of {event.name}")
        self._number = number
        self.fields = sorted({node.name for node in tree.find_all(nodes.Name)})
        self.constant = number.number if isinstance(number, ConstantNumber) else None
        self.unit = _NANOSECONDS if any(kinds.get(field) == "duration" for field in self.fields) else 1

    def of(self, columns: Mapping[str, Column], rows: int) -> Numbers:
        if self.constant is not None:
            return np.full(rows, self.constant, np.int64)
        whole = {field: Integers(whole_numbers(columns[field])) for field in self.fields}
        try:
            return self._number.values(whole)[0]
        except Unfit as error:
            raise UsageError(f"metric {self._name!r}: {self._text!r} needs more than 64 bits") from error


def whole_numbers(column: Column) -> Numbers:
    """Return a column's numbers, whether they differ from row to row or are coded."""
    if isinstance(column, Coded):
        return np.array([int(value or 0) for value in column.vocabulary.values], np.int64)[column.codes]
    assert isinstance(column, Integers | Durations | Times)
    return column.values


class Condition:
    """Says which events an expression holds for."""

    def __init__(self, text: str, event: EventType, name: str) -> None:
        self._template = _compiled(f"{{% if {text} %}}1{{% endif %}}", event, name)
        self.fields = self._template.fields

    def of(self, columns: Mapping[str, Column], rows: int) -> NDArray[np.bool_]:
        return holding(self._template, columns, rows)


class LabelTable:
    """Labels of each event, as the number that ``known`` has for a set of them.

    Jinja2 writes them once for each combination of values that the expressions depend on.
    """

    def __init__(
        self, labels: Mapping[str, str], event: EventType, name: str, known: Callable[[dict[str, str]], int]
    ) -> None:
        self._names, self._known = list(labels), known
        source = _SEPARATOR.join("{{ " + expression + " }}" for expression in labels.values())
        self._template = _compiled(source, event, name)
        self.fields = sorted(self._template.fields)
        self._sets: list[int] = []
        self._tables: Tables | None = None
        self._held: list[Any] = []
        self._texts = {field: Vocabulary() for field in self.fields}

    def of(self, columns: Mapping[str, Column], rows: int) -> Numbers:
        coded = [self._coded(field, columns[field]) for field in self.fields]
        values = [column.vocabulary.values for column in coded]
        same = len(values) == len(self._held) and all(map(_is, values, self._held))
        if self._tables is None or not same or len(self._sets) > _MOST_COMBINATIONS:
            self._sets, self._held = [], values
            self._tables = Tables(self.fields, values, 1, self._write)
        index = self._tables.index([column.codes for column in coded], None, rows, take)
        return np.array(self._sets, np.int64)[index - 1]

    def _write(self, values: dict[str, Any]) -> list[bytes]:
        texts = self._template.render_row(values).split(_SEPARATOR) if self._names else []
        given = {name: text for name, text in zip(self._names, texts, strict=True) if text not in ("", "None")}
        self._sets.append(self._known(given))
        return [b""]

    def _coded(self, field: str, column: Column) -> Coded:
        if isinstance(column, Coded):
            return column
        vocabulary = self._texts[field]  # a playbook made a text of it that differs from row to row
        codes = [vocabulary.code(column.row(row)) for row in range(len(column))]
        return Coded(np.array(codes, np.uint32), vocabulary)


def _is(one: object, other: object) -> bool:
    return one is other


def _compiled(source: str, event: EventType, name: str) -> Template:
    try:
        return compile_template(source, template_kinds(event), name=f"metric {name!r}, {event.name}")
    except TemplateError as error:
        raise UsageError(f"metric {name!r}, {event.name}: {error}") from error
