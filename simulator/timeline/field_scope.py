"""What a field generator works with: the scope it is prepared in, and the draw it fills a column for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.chance import Streams
from simulator.errors import UsageError, did_you_mean
from simulator.events.columns import Coded, Column, Durations, Identifiers, Index, Integers, Texts, Times, Vocabulary
from simulator.events.event_types import EventType, Field
from simulator.telemetry.kinds import CODED_KINDS, template_kind
from simulator.world.model import Host, Outsider, User, World

if TYPE_CHECKING:
    from simulator.telemetry.templates import Backend, Template

_ENTITY_KINDS = ("host", "user", "endpoint")
_UNMAPPED = np.uint32(2**32 - 1)


@dataclass(frozen=True, slots=True)
class Draw:
    """Some events of one emission whose fields are being filled, in the order of their times.

    ``before`` counts the emission's events in earlier cells. ``parent_rows`` says which
    row of ``parents`` (the parent events' columns) each follows from, ``ordinals``
    the how-manieth it is of that parent (from 0).
    """

    rows: int
    streams: Streams
    columns: dict[str, Column]
    before: int
    members: NDArray[np.intp]
    variants: NDArray[np.intp]
    parents: Mapping[str, Column]
    parent_rows: Index
    ordinals: NDArray[np.int64]


@dataclass
class Vocabularies:
    """The vocabularies of a run: one for each kind of entity, and one for each other coded field of a type."""

    shared: dict[tuple[str, ...], Vocabulary] = field(default_factory=dict)
    remaps: dict[tuple[int, int, str], NDArray[np.uint32]] = field(default_factory=dict)
    prints: dict[int, NDArray[np.uint64]] = field(default_factory=dict)

    def of(self, event: EventType, each: Field) -> Vocabulary:
        key = (each.kind,) if each.kind in _ENTITY_KINDS else (event.name, each.name)
        return self.shared.setdefault(key, Vocabulary())


@dataclass(frozen=True)
class Scope:
    """Where a generator is prepared: one field of one emission."""

    world: World
    event: EventType
    field: Field
    streams: Streams  # of the emission; its cell is of no meaning here
    vocabularies: Vocabularies

    @property
    def place(self) -> str:
        return f"{self.streams.path}: {self.field.name}"

    @property
    def vocabulary(self) -> Vocabulary:
        return self.vocabularies.of(self.event, self.field)

    @property
    def is_wide(self) -> bool:
        return self.field.kind not in CODED_KINDS

    @property
    def backend(self) -> Backend:
        """Return what renders texts: only distinct ones are, so the backend that is there at once will do."""
        from simulator.telemetry.templates import named_backend

        return named_backend("pyarrow")

    def coerced(self, value: Any) -> Any:
        """Return a value as the field's kind holds it: names become entities."""
        if self.field.kind == "host" and isinstance(value, str):
            return self._named(self.world.hosts, value)
        if self.field.kind == "user" and isinstance(value, str):
            return next((user for user in self.world.users if user.name == value), User(value, known=False))
        if self.field.kind == "endpoint" and isinstance(value, str):
            return self._endpoint(value)
        fits = {"host": Host, "user": User, "endpoint": Host | Outsider, "text": str, "code": int}[self.field.kind]
        if value is not None and not isinstance(value, fits):
            raise UsageError(f"{self.place}: {value!r} is not a {self.field.kind}")
        return value

    def _named(self, hosts: Sequence[Host], name: str) -> Host:
        for host in hosts:
            if host.name == name:
                return host
        hint = did_you_mean(name, [host.name for host in hosts])
        raise UsageError(f"{self.place}: the world {self.world.name!r} has no host {name!r}{hint}")

    def _endpoint(self, value: str) -> Host | Outsider:
        known: list[Host | Outsider] = [*self.world.hosts, *self.world.outsiders]
        for each in known:
            if each.name == value:
                return each
        try:
            return Outsider(value, str(ip_address(value)))
        except ValueError:
            return self._named(self.world.hosts, value)

    def number(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise UsageError(f"{self.place}: {value!r} is not a whole number")
        return value

    def codes(self, values: Sequence[Any]) -> NDArray[np.uint32]:
        return np.array([self.vocabulary.code(self.coerced(value)) for value in values], np.uint32)

    def coded(self, codes: NDArray[np.uint32]) -> Coded:
        return Coded(codes, self.vocabulary)

    def constant(self, value: Any) -> Callable[[Draw], Column]:
        if self.field.kind == "identifier":
            raw = np.frombuffer(bytes.fromhex(value or "00" * self.field.width), np.uint8)
            if len(raw) != self.field.width:
                raise UsageError(f"{self.place}: {value!r} is not {self.field.width} bytes in hexadecimal")
            return lambda draw: Identifiers(np.tile(raw, (draw.rows, 1)))
        if self.is_wide:
            number = self.number(0 if value is None else value)
            return lambda draw: self.numbers(np.full(draw.rows, number, np.int64))
        code = self.codes([value])[0]
        return lambda draw: self.coded(np.full(draw.rows, code, np.uint32))

    def numbers(self, values: NDArray[np.int64]) -> Column:
        """Return numbers as the column that the field's kind has."""
        if self.field.kind == "integer":
            return Integers(values)
        if self.field.kind == "duration":
            return Durations(values)
        if self.field.kind != "code":
            raise UsageError(f"{self.place}: a {self.field.kind} cannot be filled with numbers")
        distinct, places = np.unique(values, return_inverse=True)
        return self.coded(self.codes([int(each) for each in distinct])[places])

    def converted(self, column: Column) -> Column:
        """Return another field's column as this field's: codes are carried over between vocabularies."""
        if not self.is_wide and isinstance(column, Coded):
            return column if column.vocabulary is self.vocabulary else self.mapped(column, lambda value: value)
        if isinstance(column, Integers | Durations | Times):
            return self.numbers(column.values)
        if isinstance(column, Coded) and self.field.kind in ("integer", "duration"):
            values = np.array([self.number(value) for value in column.vocabulary.values], np.int64)
            return self.numbers(values[column.codes])
        wanted = self.field.kind == "identifier" and isinstance(column, Identifiers)
        if wanted and isinstance(column, Identifiers) and column.values.shape[1] == self.field.width:
            return column
        raise UsageError(f"{self.place}: a {self.field.kind} cannot hold what is copied into it")

    def mapped(self, column: Column, value_of: Callable[[Any], Any]) -> Column:
        """Return a coded column with each value replaced; worked out once for each value that occurs."""
        if not isinstance(column, Coded):
            raise UsageError(f"{self.place}: only entities and texts have attributes")
        key = (id(column.vocabulary), id(self.vocabulary), self.place)
        known = self.vocabularies.remaps.get(key, np.zeros(0, np.uint32))
        if len(known) < len(column.vocabulary):
            unknown = np.full(len(column.vocabulary) - len(known), _UNMAPPED)
            known = self.vocabularies.remaps[key] = np.concatenate([known, unknown])
        used = np.unique(column.codes)
        new = used[known[used] == _UNMAPPED]  # the vocabulary is shared: values of other emissions may not fit here
        if len(new):
            known[new] = self.codes([value_of(column.vocabulary.values[code]) for code in new])
        return self.coded(known[column.codes])

    def fingerprints(self, column: Column) -> NDArray[np.uint64]:
        """Return 64 bits for each row that depend on its value alone, not on its code or place."""
        if not isinstance(column, Coded):
            if isinstance(column, Identifiers | Texts):
                raise UsageError(f"{self.place}: only entities, texts and numbers can be hashed")
            return column.values.astype(np.uint64)
        known = self.vocabularies.prints.get(id(column.vocabulary), np.zeros(0, np.uint64))
        if len(known) < len(column.vocabulary):
            texts = [str(getattr(value, "name", value)) for value in column.vocabulary.values[len(known) :]]
            new = [int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") for text in texts]
            known = np.concatenate([known, np.array(new, np.uint64)])
            self.vocabularies.prints[id(column.vocabulary)] = known
        return known[column.codes]

    def compiled(self, source: str, names: Sequence[str], constants: Mapping[str, Any]) -> Template:
        from simulator.telemetry.templates import compile_template

        kinds = {name: template_kind(self.event.by_name[name]) for name in names}
        return compile_template(source, kinds, constants=constants, name=self.place)

    def distinct_rows(self, columns: Sequence[Column], rows: int) -> tuple[Index, Index]:
        """Return one row of each distinct combination of values, and which of them each row is like."""
        places = np.zeros(rows, np.intp)
        for column in columns:
            if isinstance(column, Coded):
                values: NDArray[Any] = column.codes
            elif isinstance(column, Identifiers):
                values = column.values.copy().view(f"V{column.values.shape[1]}").ravel()
            elif isinstance(column, Texts):
                raise UsageError(f"{self.place}: a text that is built row by row cannot be part of another")
            else:
                values = column.values
            inner = np.unique(values, return_inverse=True)[1]
            places = np.unique(places * (int(inner.max(initial=0)) + 1) + inner, return_inverse=True)[1]
        firsts = np.unique(places, return_index=True)[1]
        return firsts, places


Fill = Callable[[Draw], Column]


class Generator(Protocol):
    """Something a field's values come from."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields of the same event that must be there first."""

    def prepared(self, scope: Scope) -> Fill:
        """Return what fills the column of many events; whatever can be done once is done here."""
