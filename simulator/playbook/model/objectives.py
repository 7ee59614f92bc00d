"""Objectives as a playbook writes them: what users are promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from simulator.places import NOWHERE, Place
from simulator.playbook.reading.nodes import Node
from simulator.playbook.reading.words import Help, Id, Range, Word
from simulator.quantities import Nanoseconds, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedText:
    """Which events an objective counts."""

    noun: ClassVar[str] = "an `of`"
    event: Annotated[Word | tuple[Word, ...], Help("an event type, or several that have all fields below")]
    when: Annotated[Mapping[Word, Node], Help("only where the field has one of these values")] = field(
        default_factory=dict
    )

    @property
    def events(self) -> tuple[Word, ...]:
        return (self.event,) if isinstance(self.event, Word) else self.event


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodText:
    """When an event that an objective counts is a good one: all of this has to hold."""

    noun: ClassVar[str] = "a `good`"
    when: Annotated[Mapping[Word, Node], Help("the field has one of these values")] = field(default_factory=dict)
    faster: Annotated[
        Nanoseconds | Mapping[Word, Nanoseconds] | None,
        Range(above=0),
        Help("its `duration`, or another field of that kind, is less: 800ms, or {cold_duration: 2s}"),
    ] = None

    def __post_init__(self) -> None:
        if not self.when and self.faster is None:
            raise ValueError("say what a good event is: `when: {failed: 0}`, `faster: 800ms` or both")
        if isinstance(self.faster, Mapping) and len(self.faster) != 1:
            raise ValueError("`faster` takes one field, such as {duration: 800ms}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveText:
    """What users are promised: a share of events that has to be good."""

    noun: ClassVar[str] = "an objective"
    objective: Annotated[Id, Help("its id")]
    title: str
    of: Annotated[CountedText, Help("which events count")]
    good: Annotated[GoodText, Help("which of them are good")]
    target: Annotated[Share, Range(above=0, max=0.99999), Help("the share that has to be good: 99.5%")]
    window: Annotated[
        Nanoseconds,
        Range(min=10_000_000_000),
        Help("it is violated when less than the target was good in such a time"),
    ] = Nanoseconds(300_000_000_000)
    least: Annotated[int, Range(min=1, max=1_000_000_000), Help("fewer events in a window say nothing")] = 20
    period: Annotated[Nanoseconds, Help("of the error budget")] = Nanoseconds(30 * 86_400_000_000_000)
    expect: Annotated[Literal["violated", "kept"] | None, Help("what should become of it; nothing when not given")] = (
        None
    )
    burnt_before_page: Annotated[
        Share | None, Help("how much of the error budget may be burnt by the first page about what violated it")
    ] = None
    place: Place = NOWHERE

    def __post_init__(self) -> None:
        if self.period < self.window:
            raise ValueError("`period` is less than `window`; an error budget is of many windows, such as 30d")

    @property
    def id(self) -> Id:
        return self.objective
