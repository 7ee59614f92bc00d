"""What the timeline plays: emissions, bound to a world, as a forest of roots and follow-ups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.events.event_types import EventType
from simulator.quantities import Amount, Share
from simulator.timeline.arrivals import Arrivals, Span
from simulator.timeline.distributions import Constant, Distribution
from simulator.timeline.field_generators import Generator
from simulator.world.model import Entity, World
from simulator.world.system import Effect, System

_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Act:
    """What an emission is part of: the background, a step of the storyline, or a decoy."""

    kind: Literal["background", "step", "decoy"]
    id: str = ""

    @property
    def folder(self) -> str:
        """Where the emissions of such an act are, in their paths."""
        return {"background": "background", "step": "storyline", "decoy": "decoys"}[self.kind]

    @property
    def label(self) -> str:
        """The act as the truth ledger writes it: empty for background."""
        return f"{self.kind}:{self.id}" if self.id else ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """How often a follow-up comes for each parent event, and how far apart."""

    count: Distribution
    gap: Distribution


@dataclass(frozen=True, slots=True)
class Excite:
    """Self-excitation: every event brings ``branching`` more on average, after exponential times of mean ``decay``.

    A Hawkes process with an exponential kernel, as its clusters (Hawkes and Oakes 1974).
    """

    branching: Share
    decay: Amount


@dataclass(frozen=True, slots=True)
class FollowUp:
    """How a follow-up comes from its parent events.

    ``when`` thins the parents to those whose field has one of the values, then
    ``probability`` thins by chance. ``delay`` is the time from the parent to the first.
    """

    delay: Distribution = Constant(Amount(0))
    probability: Share = Share(1.0)
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    repeat: Repeat | None = None
    excite: Excite | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several ways to fill fields together, chosen by weight."""

    weight: float
    fields: Mapping[str, Generator]


@dataclass(frozen=True, slots=True)
class Emission:
    """A stream of events of one type.

    ``path`` is unique in a plan and keys all chance in it. A root has ``arrivals`` and is
    active over ``span``; a follow-up has ``follow``; what a system emits has neither.
    ``members`` are the entities of its ``for_each``, bound to the field of that name.
    From ``cut`` on (a response), there is none.
    """

    path: str
    event: EventType
    act: Act
    span: Span
    fields: Mapping[str, Generator]
    arrivals: Arrivals | None = None
    follow: FollowUp | None = None
    variants: tuple[Variant, ...] = ()
    members: tuple[str, tuple[Entity, ...]] | None = None
    cut: int | None = None
    children: tuple[Emission, ...] = ()

    @property
    def of_system(self) -> bool:
        """Say whether a system of the world emits it."""
        return self.arrivals is None and self.follow is None

    def family(self) -> Iterator[Emission]:
        """Yield this emission and all that follows from it, parents first."""
        yield self
        for child in self.children:
            yield from child.family()


@dataclass(frozen=True, slots=True)
class PlannedSystem:
    """A system of the world, and the effects that the playbook has on it.

    The ``act`` of an effect is a place in ``acts``; what is due to none is of the first: the background.
    """

    system: System
    described: Any
    effects: tuple[Effect, ...]
    acts: tuple[Act, ...]
    event_types: Mapping[str, EventType]
    activity: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the timeline needs: nothing in it is left to be decided but chance."""

    seed: int
    span: Span
    world: World
    roots: tuple[Emission, ...]
    systems: tuple[PlannedSystem, ...] = ()

    def emissions(self) -> tuple[Emission, ...]:
        """Return all emissions; the place of one here is its number, which decides ties of time."""
        return tuple(each for root in self.roots for each in root.family())

    def event_types(self) -> dict[str, EventType]:
        """Return the types of all events that may happen, by name."""
        found = {emission.event.name: emission.event for emission in self.emissions()}
        for each in self.systems:
            found |= each.event_types
        return found
