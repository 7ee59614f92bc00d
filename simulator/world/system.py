"""Systems: parts of a world that behave by themselves, such as a graph of services. Plugins provide them.

A playbook's steps act on a system by effects; what comes of them, the system works out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.chance import Streams
from simulator.events.columns import Column, Vocabulary
from simulator.places import Complaints, Place
from simulator.world.description import HostGroup
from simulator.world.model import World


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step does to a system. Times are nanoseconds since the epoch.

    ``arguments`` is what the system's dataclass for effects of this name was filled with.
    ``act`` numbers the step it is part of, from 1. It is there from ``start`` to ``end``
    (that of the step, or a response), and has its full strength after ``ramp``.
    """

    name: str
    arguments: Any
    act: int
    start: int
    end: int
    ramp: int
    place: Place

    def strength(self, times: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how strong it is at some times, from 0 to 1."""
        there = (times >= self.start) & (times < self.end)
        grown = (times - self.start) / self.ramp if self.ramp else np.ones(len(times))
        return np.where(there, np.clip(grown, 0.0, 1.0), 0.0)


@dataclass(frozen=True, slots=True)
class Outlet:
    """A stream of events that a system has: a path that is unique in it, and the event type's name."""

    path: str
    event: str


@dataclass(frozen=True, slots=True)
class Happened:
    """Events of one outlet, ascending in time, with a column for each field of their type.

    ``acts`` says of each which step it is due to: the ``act`` of an effect, or 0.
    """

    outlet: int
    times: NDArray[np.int64]
    columns: Mapping[str, Column]
    acts: NDArray[np.int64] | None = None


def _joined(one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(sorted({*one.get(kind, ()), *other.get(kind, ())})) for kind in sorted({*one, *other})}


@dataclass(frozen=True, slots=True)
class Touched:
    """Whom an effect touches: the entities that are its cause, and those that show its symptoms, by kind."""

    cause: Mapping[str, tuple[str, ...]]
    symptoms: Mapping[str, tuple[str, ...]]

    def joined(self, other: Touched) -> Touched:
        """Return whom the two touch together."""
        return Touched(_joined(self.cause, other.cause), _joined(self.symptoms, other.symptoms))


class Behaviour(Protocol):
    """A system that is played, from ``start`` to ``end`` of a run.

    Chance is spent by cell: what begins in a cell, and all that follows from it, depends
    on that cell alone. Cells are handed in ascending order, each once.
    """

    @property
    def outlets(self) -> Sequence[Outlet]: ...

    @property
    def cell_length(self) -> int:
        """Nanoseconds; decided by what is described, never by how it is played."""

    @property
    def reach(self) -> int:
        """How long after the end of a cell, in nanoseconds, the last of what began in it can come."""

    @property
    def expected(self) -> float:
        """About how many events there will be."""

    def touched(self, effect: Effect) -> Touched:
        """Say whom an effect touches."""

    def happened(self, start: int, end: int, streams: Streams) -> Iterable[Happened]:
        """Return what begins in a cell, and what follows from it: nothing of it is earlier than ``start``."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a system is played in.

    ``described`` is what the world's file says of it. ``vocabulary`` gives the vocabulary
    of a coded field, by event type and field: all columns of the field share it.
    ``streams`` are for what is drawn once for the run (``streams.whole("name")``).
    """

    described: Any
    world: World
    effects: tuple[Effect, ...]
    start: int
    end: int
    activity: float
    vocabulary: Callable[[str, str], Vocabulary]
    streams: Streams


class System(Protocol):
    """A kind of system. ``described`` is always an instance of ``description``."""

    @property
    def name(self) -> str:
        """The key that a world's ``systems`` has for it."""

    @property
    def description(self) -> type:
        """A dataclass in the playbook language's hints: what a world's file may say of it."""

    @property
    def effects(self) -> Mapping[str, type]:
        """The effects that steps may have on it: the dataclass of what stands under ``with``, by name."""

    @property
    def events(self) -> Sequence[str]:
        """The names of the event types that it has outlets of."""

    def hosts(self, described: Any) -> Sequence[HostGroup]:
        """Return the machines that it adds to the world; their names have to be new in it."""

    def targets(self, described: Any) -> Sequence[str]:
        """Return the names that a response can be given to, beside those of the cast: services, say."""

    def varieties(self, described: Any, event: str) -> Sequence[Mapping[str, Any]]:
        """Return which values fields of its events can have together, as far as that is known before it is played.

        Fields that are left out may have any; an empty answer says that nothing is known. Asked only of a
        description that ``check`` had nothing against.
        """

    def check(self, described: Any, effects: Sequence[Effect], complaints: Complaints) -> None:
        """Complain about what cannot be, in the description and in the effects that a playbook has on it."""

    def behaviour(self, setting: Setting) -> Behaviour:
        """Return it, ready to be played."""
