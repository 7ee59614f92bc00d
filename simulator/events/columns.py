"""Columns: how the values of many events are held. There is no object per event.

A value that a template sees for one row (``row``) is what Jinja2 would be given
if it rendered that row alone; the vectorised paths must write the same bytes.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.intp]


class Timestamp(int):
    """Nanoseconds since 1970-01-01T00:00:00Z, as a template sees them."""

    __slots__ = ()


class Duration(int):
    """Nanoseconds, as a template sees them."""

    __slots__ = ()


class Identifier(bytes):
    """Raw bytes of an id, as a template sees them; filters turn them into text."""

    __slots__ = ()


class Vocabulary:
    """Distinct values that codes point into. Grows, never shrinks: a code stays valid for the whole run."""

    __slots__ = ("_codes", "values")

    def __init__(self, values: Sequence[Hashable] = ()) -> None:
        self.values: list[Any] = []
        self._codes: dict[Hashable, int] = {}
        for value in values:
            self.code(value)

    def code(self, value: Hashable) -> int:
        """Return the code of a value, adding it when it is new. ``1``, ``1.0`` and ``True`` stay apart."""
        key = (type(value), value)
        found = self._codes.get(key)
        if found is None:
            found = self._codes[key] = len(self.values)
            self.values.append(value)
        return found

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Coded:
    """Codes into a vocabulary of strings, numbers, None or entities (hosts, users, endpoints)."""

    codes: NDArray[np.uint32]
    vocabulary: Vocabulary

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Index) -> Coded:
        return Coded(self.codes[rows], self.vocabulary)

    def part(self, first: int, last: int) -> Coded:
        return Coded(self.codes[first:last], self.vocabulary)

    def row(self, row: int) -> Any:
        return self.vocabulary.values[self.codes[row]]


@dataclass(frozen=True, slots=True)
class Integers:
    """Signed 64-bit numbers that differ from row to row."""

    values: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Index) -> Integers:
        return Integers(self.values[rows])

    def part(self, first: int, last: int) -> Integers:
        return Integers(self.values[first:last])

    def row(self, row: int) -> int:
        return int(self.values[row])


@dataclass(frozen=True, slots=True)
class Numbers:
    """64-bit floating-point numbers that differ from row to row: what samples of metrics measure."""

    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Index) -> Numbers:
        return Numbers(self.values[rows])

    def part(self, first: int, last: int) -> Numbers:
        return Numbers(self.values[first:last])

    def row(self, row: int) -> float:
        return float(self.values[row])


@dataclass(frozen=True, slots=True)
class Lists:
    """As many whole numbers in every row: shape (rows, width)."""

    values: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Index) -> Lists:
        return Lists(self.values[rows])

    def part(self, first: int, last: int) -> Lists:
        return Lists(self.values[first:last])

    def row(self, row: int) -> tuple[int, ...]:
        return tuple(self.values[row].tolist())


@dataclass(frozen=True, slots=True)
class Times:
    """Nanoseconds since the epoch, UTC."""

    values: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Index) -> Times:
        return Times(self.values[rows])

    def part(self, first: int, last: int) -> Times:
        return Times(self.values[first:last])

    def row(self, row: int) -> Timestamp:
        return Timestamp(self.values[row])


@dataclass(frozen=True, slots=True)
class Durations:
    """Nanoseconds."""

    values: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Index) -> Durations:
        return Durations(self.values[rows])

    def part(self, first: int, last: int) -> Durations:
        return Durations(self.values[first:last])

    def row(self, row: int) -> Duration:
        return Duration(self.values[row])


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Raw ids, one row of bytes each: shape (rows, width), uint8."""

    values: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Index) -> Identifiers:
        return Identifiers(self.values[rows])

    def part(self, first: int, last: int) -> Identifiers:
        return Identifiers(self.values[first:last])

    def row(self, row: int) -> Identifier:
        return Identifier(self.values[row].tobytes())


@dataclass(frozen=True, slots=True)
class Texts:
    """UTF-8 texts that differ from row to row: row i is ``data[offsets[i]:offsets[i + 1]]``."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: Index) -> Texts:
        starts, lengths = self.offsets[:-1][rows], np.diff(self.offsets)[rows]
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return Texts(self.data[places], offsets)

    def part(self, first: int, last: int) -> Texts:
        return Texts(self.data, self.offsets[first : last + 1])

    def row(self, row: int) -> str:
        return self.data[self.offsets[row] : self.offsets[row + 1]].tobytes().decode()


Column = Coded | Integers | Numbers | Lists | Times | Durations | Identifiers | Texts


def concatenated(columns: Sequence[Column]) -> Column:
    """Join columns of one field end to end. Coded columns must share their vocabulary."""
    first = columns[0]
    if len(columns) == 1:
        return first
    if isinstance(first, Coded):
        assert all(isinstance(c, Coded) and c.vocabulary is first.vocabulary for c in columns)
        return Coded(np.concatenate([c.codes for c in columns if isinstance(c, Coded)]), first.vocabulary)
    if isinstance(first, Texts):
        texts = [c for c in columns if isinstance(c, Texts)]
        lengths = np.concatenate([np.diff(c.offsets) for c in texts])
        offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return Texts(np.concatenate([c.data[c.offsets[0] : c.offsets[-1]] for c in texts]), offsets)
    values = np.concatenate([c.values for c in columns if not isinstance(c, Coded | Texts)])
    return type(first)(values)
