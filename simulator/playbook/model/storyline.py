"""Acts as a playbook writes them: steps and decoys, their effects on systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from simulator.places import NOWHERE, Place
from simulator.playbook.model.emissions import RootText
from simulator.playbook.reading.nodes import Node
from simulator.playbook.reading.words import Help, Id, Technique, Word
from simulator.quantities import Nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectText:
    """What a step does to a system of the world, such as making a service slow."""

    noun: ClassVar[str] = "an effect"
    effect: Annotated[Word, Help("its kind, such as latency; `feint plugins` lists them")]
    with_: Annotated[Node | None, Help("what it needs, such as {service: checkout, factor: 6}")] = None
    after: Annotated[Nanoseconds, Help("begins this much after its step")] = Nanoseconds(0)
    for_: Annotated[Nanoseconds | None, Help("how long it is there; as long as its step when not given")] = None
    ramp: Annotated[Nanoseconds, Help("grows to its full strength in this time")] = Nanoseconds(0)
    until: Annotated[Mapping[Word, Node], Help("it ends when this response is given: {roll_back: checkout}")] = field(
        default_factory=dict
    )
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """When another step is over, nominally."""

    noun: ClassVar[str] = "an `after`"
    step: Id
    delay: Nanoseconds = Nanoseconds(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepText:
    """One act of the storyline."""

    noun: ClassVar[str] = "a step"
    step: Annotated[Id, Help("its id")]
    title: str
    technique: Annotated[Technique | tuple[Technique, ...], Help("ATT&CK technique, or several")] = ()
    at: Annotated[Nanoseconds | None, Help("when it begins, from the start: +1h")] = None
    after: Annotated[After | None, Help("or: when another step is over")] = None
    jitter: Annotated[Nanoseconds, Help("begins later by up to this much, drawn by the seed")] = Nanoseconds(0)
    for_: Annotated[Nanoseconds | None, Help("how long its emissions are active; to the end when not given")] = None
    emissions: tuple[RootText, ...] | None = None
    effects: Annotated[tuple[EffectText, ...], Help("what it does to the world's systems")] = ()
    place: Place = NOWHERE

    def __post_init__(self) -> None:
        if (self.at is None) == (self.after is None):
            raise ValueError("give one of `at: +1h` and `after: {step: …, delay: 5m}`")
        if self.emissions is None and not self.effects:
            raise ValueError("give it `emissions`, `effects` or both: nothing would happen")

    @property
    def id(self) -> Id:
        return self.step

    @property
    def techniques(self) -> tuple[str, ...]:
        return (self.technique,) if isinstance(self.technique, str) else self.technique


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoyText:
    """Something harmless that looks like the attack."""

    noun: ClassVar[str] = "a decoy"
    decoy: Annotated[Id, Help("its id")]
    title: str
    because: Annotated[str, Help("why it is harmless")]
    at: Annotated[Nanoseconds, Help("when it begins, from the start: +2h")]
    jitter: Nanoseconds = Nanoseconds(0)
    for_: Annotated[Nanoseconds | None, Help("how long its emissions are active; to the end when not given")] = None
    emissions: tuple[RootText, ...] | None = None
    effects: Annotated[tuple[EffectText, ...], Help("what it does to the world's systems")] = ()
    place: Place = NOWHERE

    def __post_init__(self) -> None:
        if self.emissions is None and not self.effects:
            raise ValueError("give it `emissions`, `effects` or both: nothing would happen")

    @property
    def id(self) -> Id:
        return self.decoy
