"""Tables: what pieces of a template print for each value, or combination of values, of coded columns.

Jinja2 itself writes the entries, each when it is first needed. Vocabularies only grow, so
an entry once written stays right, and a table costs the same however many rows there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.templates.segments import SLACK, Lookup, Mask

Codes = NDArray[np.integer[Any]]
Index = NDArray[np.int32]
DENSE_BITS = 16
MOST_COMBINATIONS = 262_144  # kept; beyond that a table of combinations starts anew, so that memory stays flat
Write = Callable[[dict[str, Any]], list[bytes]]
LookUp = Callable[[NDArray[np.int32], Codes], NDArray[np.int32]]  # order[codes], as fast as a backend can


def take(order: NDArray[np.int32], codes: Codes) -> Index:
    """Return the entry of each code."""
    return order[codes]


class Table:
    """Texts one after the other; entry 0 is empty. Arrays that were handed out stay as they are."""

    __slots__ = ("_bounds", "_data", "entries", "longest")

    def __init__(self) -> None:
        self._data = np.zeros(1024 + SLACK, np.uint8)
        self._bounds = np.zeros(64, np.int64)
        self.entries = 1
        self.longest = 0

    def extend(self, texts: Sequence[bytes]) -> None:
        added = np.frombuffer(b"".join(texts), np.uint8)
        start, after = int(self._bounds[self.entries]), self.entries + len(texts)
        if start + len(added) + SLACK > len(self._data):
            self._data = _grown(self._data, start, 2 * (start + len(added)) + SLACK)
        if after >= len(self._bounds):
            self._bounds = _grown(self._bounds, self.entries + 1, 2 * after)
        self._data[start : start + len(added)] = added
        lengths = [len(text) for text in texts]
        self._bounds[self.entries + 1 : after + 1] = start + np.cumsum(lengths)
        self.longest = max(self.longest, *lengths)
        self.entries = after

    def at(self, index: Index) -> Lookup:
        return Lookup(self._data, self._bounds, self.entries, self.longest, index)

    def written(self, index: Index) -> NDArray[np.bool_]:
        """Say where an entry is not empty."""
        bounds = self._bounds[: self.entries + 1]
        if len(bounds) > len(index):  # rather ask these rows than the whole table
            return np.asarray(bounds[index + 1] > bounds[index])
        return np.asarray((bounds[1:] > bounds[:-1])[index])


def _grown(array: NDArray[Any], used: int, room: int) -> NDArray[Any]:
    grown = np.zeros(room, array.dtype)
    grown[:used] = array[:used]
    return grown


class Tables:
    """Tables of several pieces that depend on the same columns; one index serves them all.

    Not safe for threads that look up at the same time: the caller holds a lock.
    """

    def __init__(self, names: Sequence[str], values: Sequence[Sequence[Any]], pieces: int, write: Write) -> None:
        self.tables = [Table() for _ in range(pieces)]
        self._names = names
        self._values = values
        self._write = write
        self._entries = 1
        self._order = np.zeros(0, np.int32)  # by code, or by combined codes: the entry, 0 if there is none yet
        self._bits: tuple[int, ...] = ()
        self._seen: dict[tuple[int, ...], int] = {}

    def index(self, codes: Sequence[Codes], mask: Mask, rows: int, look_up: LookUp) -> Index:
        """Return each row's entry, writing those that are new; 0 in rows outside of the mask."""
        if not codes:
            return self._only(mask, rows)
        if len(codes) == 1:
            return self._by_code(codes[0], mask, look_up)
        bits = tuple(max(1, (len(values) - 1).bit_length()) for values in self._values)
        if sum(bits) <= DENSE_BITS:
            return self._dense(codes, bits, mask)
        return self._sparse(codes, mask, rows)

    def _only(self, mask: Mask, rows: int) -> Index:
        if mask is not None and not mask.any():
            return np.zeros(rows, np.int32)
        if self._entries == 1:
            self._add([()])
        return np.ones(rows, np.int32) if mask is None else mask.astype(np.int32)

    def _by_code(self, codes: Codes, mask: Mask, look_up: LookUp) -> Index:
        if len(self._order) < len(self._values[0]):
            self._order = _grown(self._order, len(self._order), 3 * len(self._values[0]) // 2)
        index = look_up(self._order, codes)
        if self._entries <= len(self._values[0]):  # not all are written
            fresh = self._fresh(index, mask)
            if len(fresh):
                new = np.unique(codes[fresh])
                self._order[new] = self._add([(code,) for code in new.tolist()])
                index = self._order[codes]
        return index if mask is None else index * mask

    def _dense(self, codes: Sequence[Codes], bits: tuple[int, ...], mask: Mask) -> Index:
        if bits != self._bits:
            self._bits = bits
            self._order = np.zeros(1 << sum(bits), np.int32)
            for combination, entry in self._seen.items():
                self._order[_combined(combination, bits)] = entry
        combined = _combined([each.astype(np.int32) for each in codes], bits)
        index: Index = self._order[combined]
        fresh = self._fresh(index, mask)
        if len(fresh):
            new, first = np.unique(combined[fresh], return_index=True)
            self._order[new] = self._add_combinations(codes, fresh[first])
            index = self._order[combined]
        return index if mask is None else index * mask

    def _sparse(self, codes: Sequence[Codes], mask: Mask, rows: int) -> Index:
        if len(self._seen) > MOST_COMBINATIONS:
            self._forget()
        where = np.arange(rows) if mask is None else np.flatnonzero(mask)
        combined = np.zeros(len(where), np.int64)
        distinct = 1
        first = np.zeros(0, np.intp)
        for each, values in zip(codes, self._values, strict=True):
            if distinct * len(values) >= 1 << 62:
                combined = np.unique(combined, return_inverse=True)[1].astype(np.int64)
                distinct = rows
            combined = combined * len(values) + each[where]
            distinct *= len(values)
        _, first, inverse = np.unique(combined, return_index=True, return_inverse=True)
        index = np.zeros(rows, np.int32)
        index[where] = self._add_combinations(codes, where[first])[inverse]
        return index

    def _forget(self) -> None:
        self.tables = [Table() for _ in self.tables]
        self._entries, self._seen, self._bits = 1, {}, ()

    @staticmethod
    def _fresh(index: Index, mask: Mask) -> NDArray[np.intp]:
        if index.size and index.min() > 0:
            return np.zeros(0, np.intp)
        return np.flatnonzero(index == 0) if mask is None else np.flatnonzero((index == 0) & mask)

    def _add_combinations(self, codes: Sequence[Codes], rows: NDArray[np.intp]) -> Index:
        """Return the entries of the combinations in some rows, writing those that are new."""
        combinations = list(zip(*(each[rows].tolist() for each in codes), strict=True))
        new = [combination for combination in combinations if combination not in self._seen]
        self._seen.update(zip(new, self._add(new).tolist(), strict=True))
        return np.array([self._seen[combination] for combination in combinations], np.int32)

    def _add(self, combinations: Sequence[tuple[int, ...]]) -> Index:
        """Write entries for combinations of codes, and return their numbers."""
        if combinations:
            rows = [
                self._write({n: v[c] for n, v, c in zip(self._names, self._values, codes, strict=True)})
                for codes in combinations
            ]
            for table, texts in zip(self.tables, zip(*rows, strict=True), strict=True):
                table.extend(texts)
        start, self._entries = self._entries, self._entries + len(combinations)
        return np.arange(start, self._entries, dtype=np.int32)


def _combined(codes: Sequence[Any], bits: tuple[int, ...]) -> Any:
    combined = codes[0]
    for code, width in zip(codes[1:], bits[1:], strict=True):
        combined = (combined << width) | code
    return combined
