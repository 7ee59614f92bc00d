"""Arrival processes: when the events of an emission happen.

To add one, write a dataclass with ``cell_length`` and ``times`` and name it in
``ARRIVALS`` at the end: the playbook language, its schema and ``feint check``
read its fields from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.chance import Streams
from simulator.quantities import SECOND, Nanoseconds, PerSecond, Share
from simulator.timeline.curves import Curve, daily_curve

CELL_ROWS = 16_384  # about how many events a cell should hold
HOUR, DAY = 3600 * SECOND, 86400 * SECOND

OFFICE = (
    0.08, 0.06, 0.05, 0.05, 0.06, 0.10, 0.25, 0.6, 1.2, 1.8, 2.0, 1.9,
    1.5, 1.7, 2.0, 1.9, 1.7, 1.3, 0.8, 0.5, 0.35, 0.25, 0.15, 0.10,
)  # fmt: skip
WEB = (0.55, 0.42, 0.35, 0.32, 0.33, 0.4, 0.55, 0.75, 0.95, 1.1, 1.2, 1.25, 1.3, 1.25, 1.2, 1.2, 1.25, 1.3, 1.4, 1.5, 1.5, 1.35, 1.05, 0.78)  # fmt: skip  # noqa: E501
SHAPES = {"office": (OFFICE, (1.1, 1.05, 1.0, 1.0, 0.9, 0.15, 0.1)), "web": (WEB, (1.0,) * 5 + (1.1, 1.05))}


class Span(NamedTuple):
    """When an emission is active: ``start <= time < end``, nanoseconds since the epoch."""

    start: int
    end: int


class Cell(NamedTuple):
    """A fixed piece of an emission's span. Its number keys the random streams of everything in it."""

    number: int
    start: int
    end: int


class Arrived(NamedTuple):
    """When events happen, ascending, and which member of the emission's ``for_each`` each is of."""

    times: NDArray[np.int64]
    members: NDArray[np.intp]


class Arrivals(Protocol):
    """An arrival process. What it does in a cell depends on that cell and its streams alone."""

    def cell_length(self, span: Span, members: int) -> int:
        """Return how long cells are, so that each holds about ``CELL_ROWS`` events at the busiest time."""

    def times(self, span: Span, cell: Cell, members: int, streams: Streams) -> Arrived:
        """Return the arrivals of a cell; none before its start, none at or after the span's end."""

    def expected(self, span: Span, members: int) -> float:
        """Return about how many events the span will have."""


@dataclass(frozen=True, slots=True)
class Once:
    """A single event, at the start of the emission."""

    def cell_length(self, span: Span, members: int) -> int:
        return span.end - span.start

    def times(self, span: Span, cell: Cell, members: int, streams: Streams) -> Arrived:
        return Arrived(np.full(members, span.start, np.int64), np.arange(members))

    def expected(self, span: Span, members: int) -> float:
        return members


@dataclass(frozen=True, slots=True)
class Offsets:
    """Events at fixed times after the start of the emission."""

    at: tuple[Nanoseconds, ...]

    def cell_length(self, span: Span, members: int) -> int:
        return span.end - span.start

    def times(self, span: Span, cell: Cell, members: int, streams: Streams) -> Arrived:
        times = np.repeat(span.start + np.sort(np.array(self.at, np.int64)), members)
        return _within(span, times, np.tile(np.arange(members), len(self.at)))

    def expected(self, span: Span, members: int) -> float:
        return len(self.at) * members


@dataclass(frozen=True, slots=True)
class Every:
    """A machine's beat: each ``period``, late by up to ``jitter``, sometimes missed, rarely doubled.

    Each member has its own phase, drawn once, unless ``phase`` is given.
    """

    period: Nanoseconds
    jitter: Nanoseconds = Nanoseconds(0)
    misses: Share = Share(0.0)
    duplicates: Share = Share(0.0)
    phase: Nanoseconds | None = None

    def cell_length(self, span: Span, members: int) -> int:
        return max(1, CELL_ROWS // max(1, members)) * self.period

    def times(self, span: Span, cell: Cell, members: int, streams: Streams) -> Arrived:
        phases = np.full(members, self.phase or 0, np.int64)
        if self.phase is None:
            phases = streams.whole("phase").integers(0, self.period, members)
        first = -(-(cell.start - span.start - phases) // self.period)
        beats = np.maximum(0, -(-(cell.end - span.start - phases) // self.period) - np.maximum(first, 0))
        member = np.repeat(np.arange(members), beats)
        number = np.arange(beats.sum()) - np.repeat(np.cumsum(beats) - beats, beats)
        times = span.start + phases[member] + (np.maximum(first, 0)[member] + number) * self.period
        random = streams("beats")
        late = random.integers(0, self.jitter, len(times), endpoint=True)
        luck = random.random(len(times))
        copies = np.where(luck < self.misses, 0, np.where(luck >= 1.0 - self.duplicates, 2, 1))
        return _within(span, np.repeat(times + late, copies), np.repeat(member, copies))

    def expected(self, span: Span, members: int) -> float:
        return (span.end - span.start) / self.period * members


class _Rated:
    """Arrivals that follow a curve of rates: their number in a cell is Poisson's, their times its inverse."""

    __slots__ = ()

    def curve(self, span: Span, streams: Streams | None) -> Curve:
        """Return the rates over the span; without streams, those expected."""
        raise NotImplementedError

    def cell_length(self, span: Span, members: int) -> int:
        busiest = self.curve(span, None).busiest * max(1, members)
        return span.end - span.start if busiest <= 0 else max(SECOND // 1000, int(CELL_ROWS / busiest * SECOND))

    def times(self, span: Span, cell: Cell, members: int, streams: Streams) -> Arrived:
        curve = _curve(self, span, Streams(streams.seed, streams.path, 0))
        low, high = curve.expected_until(cell.start), curve.expected_until(cell.end)
        random = streams("arrivals")
        count = int(random.poisson((high - low) * members))
        marks = np.sort(random.random(count)) * (high - low) + low
        member = random.integers(0, members, count) if members > 1 else np.zeros(count, np.intp)
        return _within(span, curve.time_of(marks), member)

    def expected(self, span: Span, members: int) -> float:
        return self.curve(span, None).expected_until(span.end) * members


@lru_cache(maxsize=512)
def _curve(process: _Rated, span: Span, streams: Streams) -> Curve:
    return process.curve(span, streams)


@dataclass(frozen=True, slots=True)
class Poisson(_Rated):
    """Independent events at a constant rate (for each member)."""

    rate: PerSecond

    def curve(self, span: Span, streams: Streams | None) -> Curve:
        return Curve.of((span.start, span.end), (self.rate,))


@dataclass(frozen=True, slots=True)
class Profile(_Rated):
    """Events at a rate that follows the day and the week; ``rate`` is the mean over a working day.

    ``shape`` names a shipped day and week; ``day`` (24 weights from midnight UTC) and
    ``week`` (7 from Monday) replace them. ``noise`` is the sigma of a log-normal effect of each day.
    """

    rate: PerSecond
    shape: Literal["office", "web"] = "office"
    day: tuple[float, ...] | None = None
    week: tuple[float, ...] | None = None
    noise: float = 0.0

    def curve(self, span: Span, streams: Streams | None) -> Curve:
        day, week = SHAPES[self.shape]
        effects = None
        if self.noise and streams is not None:
            days = (span.end - 1) // DAY - span.start // DAY + 2
            effects = np.exp(streams.whole("days").standard_normal(days) * self.noise)
        return daily_curve(span.start, span.end, self.rate, self.day or day, self.week or week, effects)


@dataclass(frozen=True, slots=True)
class Ramp(_Rated):
    """A rate that changes evenly from ``start`` to ``end`` over the emission."""

    start: PerSecond
    end: PerSecond

    def curve(self, span: Span, streams: Streams | None) -> Curve:
        knots = np.linspace(span.start, span.end, 1025).astype(np.int64)
        return Curve.of(knots, np.linspace(self.start, self.end, 2049)[1::2])


@dataclass(frozen=True, slots=True)
class Step:
    """From ``at`` (after the start of the emission) on, this rate."""

    at: Nanoseconds
    rate: PerSecond


@dataclass(frozen=True, slots=True)
class Steps(_Rated):
    """A rate that jumps at given times; nothing before the first."""

    rates: tuple[Step, ...]

    def curve(self, span: Span, streams: Streams | None) -> Curve:
        steps = sorted((step for step in self.rates if span.start + step.at < span.end), key=lambda step: step.at)
        knots = [span.start, *(span.start + step.at for step in steps), span.end]
        return Curve.of(knots, [0.0, *(step.rate for step in steps)])


@dataclass(frozen=True, slots=True)
class Learned(_Rated):
    """A rate that was counted elsewhere: ``hours`` holds 168 numbers, the hours of a week from Monday midnight UTC."""

    rate: PerSecond
    hours: tuple[float, ...]

    def curve(self, span: Span, streams: Streams | None) -> Curve:
        first = (span.start // HOUR) * HOUR
        knots = np.arange(first, span.end + HOUR, HOUR, dtype=np.int64)
        weights = np.array(self.hours) / (np.mean(self.hours) or 1.0)
        of_week = (knots[:-1] // HOUR + 72) % 168  # 1970-01-01 was a Thursday
        return Curve.of(knots, self.rate * weights[of_week]).clipped(span.start, span.end)


@dataclass(frozen=True, slots=True)
class Burst:
    """Exactly ``count`` events over a stretch of time: evenly, by chance, or crowded towards its start or end."""

    count: int
    over: Nanoseconds
    shape: Literal["even", "random", "front", "back"] = "random"

    def cell_length(self, span: Span, members: int) -> int:
        steepest = 1 if self.shape in ("even", "random") else 2
        return max(1, int(self.over * CELL_ROWS / max(1, self.count * members * steepest)))

    def times(self, span: Span, cell: Cell, members: int, streams: Streams) -> Arrived:
        total = self.count * members
        low, high = (self._share((edge - span.start) / max(1, self.over)) for edge in (cell.start, cell.end))
        first, last = round(low * total), round(high * total)
        random = streams("arrivals")
        places = np.arange(first, last) / max(1, total)
        if self.shape != "even":
            places = np.sort(random.random(last - first)) * (high - low) + low
        times = span.start + (self._place(places) * self.over).astype(np.int64)
        return _within(span, np.maximum(times, cell.start), np.arange(first, last) % max(1, members))

    def _share(self, place: float) -> float:
        place = min(1.0, max(0.0, place))
        return {"front": 1 - (1 - place) ** 2, "back": place**2}.get(self.shape, place)

    def _place(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.shape == "front":
            return np.asarray(1 - np.sqrt(1 - share))
        return np.sqrt(share) if self.shape == "back" else share

    def expected(self, span: Span, members: int) -> float:
        return self.count * members


def _within(span: Span, times: NDArray[np.int64], members: NDArray[np.intp]) -> Arrived:
    order = np.argsort(times, kind="stable")
    order = order[: np.searchsorted(times[order], span.end)]
    return Arrived(times[order], members[order])


ARRIVALS: dict[str, type[Arrivals]] = {
    "once": Once,
    "offsets": Offsets,
    "every": Every,
    "poisson": Poisson,
    "profile": Profile,
    "ramp": Ramp,
    "steps": Steps,
    "learned": Learned,
    "burst": Burst,
}
