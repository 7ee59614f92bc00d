"""Hits: the records that a rule matched, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Integers = NDArray[np.int64]
_LINE_BITS = 40


@dataclass(frozen=True, slots=True)
class Words:
    """Text of many rows: codes into distinct values; -1 where there is none."""

    codes: Integers
    values: tuple[str, ...]

    def take(self, rows: NDArray[Any]) -> Words:
        return Words(self.codes[rows], self.values)

    def row(self, row: int) -> str | None:
        code = int(self.codes[row])
        return self.values[code] if code >= 0 else None


@dataclass(frozen=True, slots=True)
class Hits:
    """Records that matched, in the order of streams and lines.

    ``records`` are numbers that hold stream and line. ``fields`` has what correlations
    ask for, by the names that rules use; ``entities`` has who the records are about,
    the most telling kind first.
    """

    records: Integers
    times: Integers
    arrived: Integers
    fields: Mapping[str, Words]
    entities: Mapping[str, Words]

    def __len__(self) -> int:
        return len(self.records)


def record_numbers(stream: int, lines: Integers) -> Integers:
    return lines | np.int64(stream << _LINE_BITS)


def streams_and_lines(records: Integers) -> tuple[Integers, Integers]:
    return records >> _LINE_BITS, records & ((1 << _LINE_BITS) - 1)


def hits_of(stream: int, rows: pa.Table, fields: Sequence[str], entities: Sequence[str]) -> Hits:
    """Make hits of a query's answer: line, time, arrived, f0, f1, …, e0, e1, …"""
    return Hits(
        record_numbers(stream, _integers(rows["line"])),
        _integers(rows["time"]),
        _integers(rows["arrived"]),
        {name: _column(rows[f"f{number}"]) for number, name in enumerate(fields)},
        {name: _column(rows[f"e{number}"]) for number, name in enumerate(entities)},
    )


def united(parts: Sequence[Hits]) -> Hits:
    """Return all hits, each record once: a stream may answer a rule's log source in more than one way."""
    fields = list(dict.fromkeys(name for part in parts for name in part.fields))
    entities = list(dict.fromkeys(name for part in parts for name in part.entities))
    everything = Hits(
        _joined([part.records for part in parts]),
        _joined([part.times for part in parts]),
        _joined([part.arrived for part in parts]),
        {name: all_words([(part.fields.get(name), len(part)) for part in parts]) for name in fields},
        {name: all_words([(part.entities.get(name), len(part)) for part in parts]) for name in entities},
    )
    _, first = np.unique(everything.records, return_index=True)
    return taken(everything, first)


def taken(hits: Hits, rows: NDArray[Any]) -> Hits:
    return Hits(
        hits.records[rows],
        hits.times[rows],
        hits.arrived[rows],
        {name: words.take(rows) for name, words in hits.fields.items()},
        {name: words.take(rows) for name, words in hits.entities.items()},
    )


def _joined(parts: Sequence[Integers]) -> Integers:
    return np.concatenate([np.empty(0, np.int64), *parts])


def _integers(column: Any) -> Integers:
    return np.asarray(column.to_numpy(), np.int64)


def _column(column: Any) -> Words:
    encoded = pc.dictionary_encode(column.combine_chunks())
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Words(codes, tuple(encoded.dictionary.to_pylist()))


def all_words(parts: Sequence[tuple[Words | None, int]]) -> Words:
    places: dict[str, int] = {}
    codes = []
    for words, rows in parts:
        if words is None:
            codes.append(np.full(rows, -1, np.int64))
            continue
        moved = [places.setdefault(value, len(places)) for value in words.values]
        codes.append(np.array([*moved, -1], np.int64)[words.codes])
    return Words(_joined(codes), tuple(places))


def absent(rows: int) -> Words:
    return Words(np.full(rows, -1, np.int64), ())


def words_of(values: Sequence[str | None]) -> Words:
    places: dict[str, int] = {}
    codes = [-1 if value is None else places.setdefault(value, len(places)) for value in values]
    return Words(np.array(codes, np.int64), tuple(places))
