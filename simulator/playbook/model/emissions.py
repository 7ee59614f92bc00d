"""Emissions as a playbook writes them: streams of events, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from simulator.places import NOWHERE, Place
from simulator.playbook.reading.nodes import Node
from simulator.playbook.reading.words import NUMBER, TIME, Filler, Help, Id, Range, Word
from simulator.quantities import Nanoseconds, Share
from simulator.timeline.arrivals import Arrivals
from simulator.timeline.distributions import Distribution

Filled = Mapping[Word, Annotated[Node, Filler()]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Fields that are filled together, by chance in proportion to `weight`."""

    noun: ClassVar[str] = "a variant"
    weight: Annotated[float, Range(min=0, max=1e12)] = 1.0
    with_: Filled
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """How often a follow-up comes for each parent event, and how far apart."""

    noun: ClassVar[str] = "a repeat"
    count: Annotated[Distribution, NUMBER]
    gap: Annotated[Distribution, TIME]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excited:
    """Self-excitation: each event brings `branching` more on average, after exponential times of mean `decay`."""

    noun: ClassVar[str] = "an excitement"
    branching: Annotated[Share, Range(min=0, max=0.95)]
    decay: Nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionText:
    """What roots and follow-ups have in common."""

    event: Annotated[Word, Help("what happens: an event type")]
    id: Annotated[Id | None, Help("the event's name when not given; unique among siblings")] = None
    with_: Annotated[Filled, Help("field: value, $name or generator")] = field(default_factory=dict)
    one_of: Annotated[tuple[Variant, ...], Help("variants that fill several fields together")] = ()
    until: Annotated[Mapping[Word, Node], Help("it ends when this response is given: {block: $attacker}")] = field(
        default_factory=dict
    )
    then: Annotated[tuple[FollowUpText, ...], Help("what follows from each of its events")] = ()
    place: Place = NOWHERE

    @property
    def name(self) -> str:
        return self.id or self.event


@dataclass(frozen=True, slots=True, kw_only=True)
class RootText(EmissionText):
    """A stream of events of one type."""

    noun: ClassVar[str] = "an emission"
    arrivals: Annotated[Arrivals | None, Help("when its events happen; once, in steps and decoys, when not given")] = (
        None
    )
    for_each: Annotated[
        Mapping[Word, Node], Help("field: selector; one such emission for each entity that it picks")
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpText(EmissionText):
    """Events that follow from each event of their parent emission, and keep what they have in common."""

    noun: ClassVar[str] = "a follow-up"
    after: Annotated[Distribution | None, TIME, Help("the time from the parent event; none when not given")] = None
    probability: Share = Share(1.0)
    when: Annotated[Mapping[Word, Node], Help("only where the parent's field has one of these values")] = field(
        default_factory=dict
    )
    repeat: Repeated | None = None
    excite: Excited | None = None
