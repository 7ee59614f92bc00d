"""The tree of routes: which of them take an alert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulator_prometheus.alertmanager.matchers import Matcher, all_match

_SECOND = 1_000_000_000
Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a group waits, in nanoseconds: before it is told of, before news are told, before it is told again."""

    wait: int = 30 * _SECOND
    interval: int = 300 * _SECOND
    repeat: int = 4 * 3600 * _SECOND


@dataclass(frozen=True, slots=True)
class Route:
    """A route with what it has from its parents. ``group_by`` is None for ``...``: every label."""

    receiver: str
    key: str  # of the matchers down to here: routes of the same key share what was told already
    matchers: tuple[Matcher, ...] = ()
    group_by: frozenset[str] | None = frozenset()
    timing: Timing = Timing()
    goes_on: bool = False  # ``continue``
    muted: tuple[str, ...] = ()
    active: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()

    def matching(self, labels: Labels) -> Iterator[Route]:
        """Yield the routes that take an alert: the deepest, the first of siblings unless it goes on; self if none."""
        if all_match(self.matchers, labels):
            yield from self._below(labels)

    def _below(self, labels: Labels) -> Iterator[Route]:
        taken = False
        for route in self.routes:
            found = list(route.matching(labels))
            yield from found
            taken = taken or bool(found)
            if found and not route.goes_on:
                break
        if not taken:
            yield self

    def group_of(self, labels: Labels) -> dict[str, str]:
        """Return the labels that alerts of one group share."""
        return {name: labels[name] for name in sorted(labels) if self.group_by is None or name in self.group_by}

    def walk(self) -> Iterator[Route]:
        yield self
        for route in self.routes:
            yield from route.walk()
