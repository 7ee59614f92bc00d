"""Requests from outside: how many are expected when, and when they come."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import Arrivals, Cell, Effect, Span, Streams
from simulator_services.language.effects import RetryStorm, Surge
from simulator_services.language.words import Target

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
SECOND = 1_000_000_000
_RATES = ("rate", "start", "end")


@dataclass(frozen=True)
class Entry:
    """Traffic to a route. ``surges`` make it more or less, ``storms`` repeat what failed."""

    number: int
    route: int
    arrivals: Arrivals
    timeout: int
    retries: int
    surges: tuple[Effect, ...]
    storms: tuple[Effect, ...]
    span: Span
    streams: Streams

    @property
    def most(self) -> int:
        """How often a client tries again at most."""
        return max([self.retries, *(int(each.arguments.attempts) - 1 for each in self.storms)])

    def attempts(self, times: Times) -> NDArray[np.int64]:
        """Return how often clients try whose request failed."""
        allowed = np.full(len(times), self.retries + 1, np.int64)
        for each in self.storms:
            more = np.round(1 + (each.arguments.attempts - 1) * each.strength(times)).astype(np.int64)
            allowed = np.maximum(allowed, more)
        return allowed

    def rates(self, edges: Times, *, surging: bool = True) -> Floats:
        """Return how many requests a second are expected between edges."""
        expected = self._expected(edges)
        rates = np.diff(expected) / (np.diff(edges) / SECOND)
        return np.asarray(rates * self._factor(edges[:-1])) if surging else rates

    def times(self, cell: Cell) -> Times:
        """Return when requests come in a cell."""
        streams = Streams(self.streams.seed, f"{self.streams.path}/traffic/{self.number}", cell.number)
        times = self.arrivals.times(self.span, cell, 1, streams).times
        times = times[(times >= cell.start) & (times < cell.end)]
        if not any(each.start < cell.end and each.end > cell.start for each in self.surges):
            return times
        return self._surged(times, cell, streams)

    def _surged(self, times: Times, cell: Cell, streams: Streams) -> Times:
        """Thin what is too much, and add what is missing."""
        kept = times[streams("thinned").random(len(times)) < self._factor(times)]
        edges = np.linspace(cell.start, cell.end, 65).astype(np.int64)
        more = np.maximum(self._factor(edges[:-1]) - 1.0, 0.0) * np.diff(self._expected(edges))
        upto = np.concatenate([[0.0], np.cumsum(more)])
        random = streams("surge")
        marks = np.sort(random.random(int(random.poisson(upto[-1])))) * upto[-1]
        return np.sort(np.concatenate([kept, np.interp(marks, upto, edges - cell.start).astype(np.int64) + cell.start]))

    def _factor(self, times: Times) -> Floats:
        factor = np.ones(len(times))
        for each in self.surges:
            factor *= 1.0 + (each.arguments.factor - 1.0) * each.strength(times)
        return factor

    def _expected(self, edges: Times) -> Floats:
        curve = getattr(self.arrivals, "curve", None)
        streams = Streams(self.streams.seed, f"{self.streams.path}/traffic/{self.number}", 0)
        if curve is not None:
            found = curve(self.span, streams)
            return np.asarray(np.interp(edges, found.knots, found.expected))
        whole = Cell(0, self.span.start, self.span.end)
        times = self.arrivals.times(self.span, whole, 1, streams).times
        return np.searchsorted(times, edges).astype(np.float64)


def storms_on(effects: tuple[Effect, ...], target: Target) -> tuple[Effect, ...]:
    """Return the effects that make clients of a route try again."""
    found = [each for each in effects if isinstance(each.arguments, RetryStorm)]
    return tuple(each for each in found if each.arguments.service == target.service)


def surges_on(effects: tuple[Effect, ...], target: Target) -> tuple[Effect, ...]:
    """Return the effects that change the traffic to a route."""
    found = [each for each in effects if isinstance(each.arguments, Surge)]
    return tuple(each for each in found if each.arguments.to is None or each.arguments.to == target)


def scaled(arrivals: Any, factor: float) -> Any:
    """Return an arrival process with its rates and counts multiplied; a machine's beat stays as it is."""
    changed: dict[str, Any] = {}
    for each in dataclasses.fields(arrivals) if factor != 1 else ():
        value = getattr(arrivals, each.name)
        if each.name in _RATES:
            changed[each.name] = value * factor
        elif each.name == "count":
            changed[each.name] = round(value * factor)
        elif each.name == "rates":
            changed[each.name] = tuple(scaled(one, factor) for one in value)
    return dataclasses.replace(arrivals, **changed) if changed else arrivals
