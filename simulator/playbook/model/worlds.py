"""Worlds as files write them, and how a playbook uses one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from simulator.places import NOWHERE, Place
from simulator.playbook.model.emissions import RootText
from simulator.playbook.reading.nodes import Node
from simulator.playbook.reading.words import Help, Id, Range, Word
from simulator.quantities import Nanoseconds
from simulator.world.description import HostGroup, OutsiderGroup, UserGroup
from simulator.world.model import Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How late a product's records arrive: log-normal, by median and 99th percentile."""

    noun: ClassVar[str] = "a delay"
    p50: Nanoseconds
    p99: Nanoseconds

    def __post_init__(self) -> None:
        if self.p50 > self.p99:
            raise ValueError("`p50` is more than `p99`; swap them")


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessText:
    """A product that is deployed: on which hosts, how late its records arrive, how far its clocks are off."""

    noun: ClassVar[str] = "a witness"
    renderer: Word
    hosts: Annotated[Selector, Help("all when not given; none for what watches the network")] = Selector()
    delay: Lateness = Lateness(p50=Nanoseconds(0), p99=Nanoseconds(0))
    skew: Annotated[Nanoseconds, Help("standard deviation of the hosts' clock offsets")] = Nanoseconds(0)
    every: Annotated[
        Nanoseconds | None,
        Range(min=1_000_000_000),
        Help("how often it samples metrics, if it does; its own habit if not given"),
    ] = None
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldUse:
    """A world of a file, with changes."""

    noun: ClassVar[str] = "a world"
    use: Annotated[Word, Help("name of a shipped world, or a file")]
    activity: Annotated[float, Range(min=0, max=10_000), Help("scales the rates of the world's own background")] = 1.0
    networks: Mapping[Id, Word] = field(default_factory=dict)
    hosts: tuple[HostGroup, ...] = ()
    users: tuple[UserGroup, ...] = ()
    outsiders: tuple[OutsiderGroup, ...] = ()
    witnesses: Annotated[tuple[WitnessText, ...] | None, Help("in place of the world's own")] = None
    systems: Annotated[Mapping[Word, Node], Help("in place of the world's own of that name")] = field(
        default_factory=dict
    )
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldText:
    """A world: machines, accounts, outsiders, and what watches them."""

    noun: ClassVar[str] = "a world"
    name: Id | None = None
    title: str = ""
    domain: Annotated[Word, Help("ends in .example or .test, which nobody can own")]
    netbios: Annotated[str | None, Help("name of the Windows domain; from `domain` when not given")] = None
    networks: Annotated[Mapping[Id, Word], Help("name: private range, such as 10.1.0.0/24")]
    hosts: tuple[HostGroup, ...] = ()
    users: tuple[UserGroup, ...] = ()
    outsiders: tuple[OutsiderGroup, ...] = ()
    witnesses: tuple[WitnessText, ...]
    systems: Annotated[Mapping[Word, Node], Help("parts that behave by themselves, such as {services: …}")] = field(
        default_factory=dict
    )
    background: Annotated[tuple[RootText, ...], Help("scaled by the playbook's `activity`")] = ()
    place: Place = NOWHERE
