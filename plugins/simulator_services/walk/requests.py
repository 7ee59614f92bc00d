"""Requests that are walked together, and the spans that are collected of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator_services.walk import luck

Bits = NDArray[np.uint64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]
Small = NDArray[np.int16]

CLIENT = 1 << 24
"""Sources from here on are clients outside: less this, their number."""


@dataclass(frozen=True)
class Links:
    """What sent the messages that some requests are: the ids of trace and span."""

    high: Bits
    low: Bits
    spans: Bits


@dataclass(frozen=True)
class Requests:
    """Requests of one entry, or messages of one queue: each becomes a trace."""

    keys: Bits
    high: Bits
    low: Bits
    regions: Index
    seed: int
    links: Links | None = None

    @classmethod
    def of(cls, keys: Bits, regions: Index, seed: int, links: Links | None = None) -> Requests:
        high, low = (np.maximum(luck.bits(keys, seed, f"trace/{part}"), 1) for part in ("high", "low"))
        return cls(keys, high, low, regions, seed, links)

    def bits(self, rows: Index, path: str) -> Bits:
        return luck.bits(self.keys[rows], self.seed, path)


@dataclass(frozen=True)
class Published:
    """Messages that went to a queue: when they were there, which spans and instances sent them, and from where."""

    queue: int
    requests: Requests
    rows: Index
    times: Times
    spans: Bits
    instances: Index
    regions: Index
    path: str


@dataclass(frozen=True)
class Asked:
    """Which requests come to a route, where, when, from whom, and how long there is. Arrays of one length.

    ``parents`` are the spans that asked; None where the trace begins. ``sources`` are instances, or clients outside.
    """

    rows: Index
    instances: Index
    starts: Times
    deadlines: Times
    parents: Bits | None
    sources: Index

    def take(self, chosen: Index) -> Asked:
        return Asked(
            self.rows[chosen],
            self.instances[chosen],
            self.starts[chosen],
            self.deadlines[chosen],
            None if self.parents is None else self.parents[chosen],
            self.sources[chosen],
        )

    def origin(self, requests: Requests) -> dict[str, NDArray[Any] | int]:
        """Return the columns that say where spans come from."""
        none = np.zeros(len(self.rows), np.uint64)
        parents = none if self.parents is None else self.parents
        links = requests.links if self.parents is None else None
        linked = (none, none, none) if links is None else (links.high, links.low, links.spans)
        high, low, spans = (each if each is none else each[self.rows] for each in linked)
        return {
            "parents": parents,
            "roots": int(self.parents is None),
            "link_high": high,
            "link_low": low,
            "link_spans": spans,
        }


@dataclass
class Answered:
    """How requests ended. ``guilt`` is the act that a failure is due to, ``cause`` that of ``excess`` nanoseconds."""

    ends: Times
    outcomes: NDArray[np.uint8]
    guilt: Small
    cause: Small
    excess: Times

    @classmethod
    def at(cls, ends: Times) -> Answered:
        rows = len(ends)
        none = np.zeros(rows, np.int16)
        return cls(ends.copy(), np.zeros(rows, np.uint8), none, none.copy(), np.zeros(rows, np.int64))

    def put(self, chosen: Index, other: Answered) -> None:
        """Take over how others ended."""
        self.ends[chosen] = other.ends
        self.outcomes[chosen] = other.outcomes
        self.guilt[chosen] = other.guilt
        self.cause[chosen] = other.cause
        self.excess[chosen] = other.excess

    def fail(self, chosen: NDArray[np.bool_], outcome: int, guilt: int | Small) -> None:
        """Let those fail that did not yet."""
        fresh = chosen & (self.outcomes == 0)
        self.outcomes[fresh] = outcome
        self.guilt[fresh] = guilt if isinstance(guilt, int) else guilt[fresh]

    def slow(self, nanoseconds: Times, act: int | Small) -> None:
        """Note what is over the usual, and whom it is due to."""
        late = nanoseconds > 0
        self.excess += np.where(late, nanoseconds, 0)
        self.cause = np.where(late & (np.asarray(act) > 0), act, self.cause).astype(np.int16)

    def acts(self, durations: Times) -> Small:
        """Return which act harmed each: it failed for it, or took half as long again as it would have."""
        slowed = self.excess > (durations - self.excess) * 0.5
        return np.where(self.outcomes > 0, self.guilt, np.where(slowed, self.cause, 0)).astype(np.int16)


@dataclass
class Spans:
    """Spans of one event type in a cell: lists of arrays by name, one for each node."""

    parts: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    rows: int = 0

    def add(self, rows: int, **columns: NDArray[Any] | int) -> None:
        """Add spans; what is the same for all is given once."""
        if rows:
            for name, column in columns.items():
                whole = np.full(rows, column, np.int32) if isinstance(column, int) else column
                self.parts.setdefault(name, []).append(whole)
            self.rows += rows

    def joined(self) -> dict[str, NDArray[Any]]:
        """Return the columns, ascending by ``starts``."""
        order = np.argsort(np.concatenate(self.parts["starts"]), kind="stable")
        return {name: np.concatenate(arrays)[order] for name, arrays in self.parts.items()}
