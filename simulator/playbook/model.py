"""The playbook language: what may be written where. Each dataclass is a mapping of a playbook file.

The loader, ``feint schema`` and the reference read their hints; nothing else says
what the language is. A ``_`` at the end of a field's name is not written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from simulator.places import NOWHERE, Place
from simulator.playbook.reading.nodes import Node
from simulator.playbook.reading.words import NUMBER, TIME, Filler, Help, Id, Instant, Name, Range, Technique, Word
from simulator.quantities import Nanoseconds, Share
from simulator.timeline.arrivals import Arrivals
from simulator.timeline.distributions import Distribution
from simulator.world.description import HostGroup, OutsiderGroup, UserGroup
from simulator.world.model import Selector

Filled = Mapping[Word, Annotated[Node, Filler()]]
Count = Annotated[int, Range(min=0, max=1_000_000_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that `--set` can change. `$name` stands for it anywhere below, and `{{ name }}` in texts."""

    noun: ClassVar[str] = "a parameter"
    type: Literal["integer", "number", "text", "duration", "rate", "share", "choice"]
    default: Node
    min: Annotated[Node | None, Help("the least it may be")] = None
    max: Annotated[Node | None, Help("the most it may be")] = None
    values: Annotated[tuple[str, ...], Help("what a choice is from")] = ()
    help: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class CastSelector(Selector):
    """Who may be drawn. `of` picks the host that a user sits at, or the user who sits at a host."""

    noun: ClassVar[str] = "a selector"
    of: Annotated[Any, Help("a user (for their host) or a host (for its user) of the cast")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CastMember:
    """One host, user or outsider of the world, drawn by the seed and distinct from the others of the cast."""

    noun: ClassVar[str] = "a member of the cast"
    host: CastSelector | None = None
    user: CastSelector | None = None
    outsider: CastSelector | None = None
    place: Place = NOWHERE

    def __post_init__(self) -> None:
        if len(self.kinds) != 1:
            raise ValueError("give one of host, user, outsider, such as {host: {role: web}}")

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in ("host", "user", "outsider") if getattr(self, kind) is not None)

    @property
    def selector(self) -> CastSelector:
        found: CastSelector = getattr(self, self.kinds[0])
        return found


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationText:
    """What a rule should notice."""

    noun: ClassVar[str] = "an expectation"
    rule: Annotated[Word, Help("id, title or file name (without ending) of a rule")]
    steps: Annotated[tuple[Word, ...], Help("steps it should notice; any when not given")] = ()
    within: Annotated[Nanoseconds | None, Help("from the onset of the step to the alert")] = None
    at_least: Annotated[Count | None, Help("alert groups")] = None
    at_most: Annotated[Count | None, Help("alert groups; 0 expects a miss")] = None
    exactly: Annotated[Count | None, Help("alert groups")] = None
    because: str = ""
    place: Place = NOWHERE

    def __post_init__(self) -> None:
        if self.exactly is not None and (self.at_least is not None or self.at_most is not None):
            raise ValueError("give `exactly` alone, without `at_least` and `at_most`")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("`at_least` is more than `at_most`; swap them")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionText:
    """How often rules run, and how far they look back."""

    noun: ClassVar[str] = "a detection"
    interval: Annotated[Nanoseconds, Range(min=1_000_000_000)] = Nanoseconds(300_000_000_000)
    look_back: Annotated[Nanoseconds, Range(min=1_000_000_000)] = Nanoseconds(540_000_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseText:
    """What a responder can do that the playbook answers to."""

    noun: ClassVar[str] = "a response"
    what: Annotated[
        Id | tuple[Id, ...], Help("the member of the cast, or the part of a system, it can be done to, or several")
    ]
    title: str
    place: Place = NOWHERE

    @property
    def targets(self) -> tuple[Id, ...]:
        return (self.what,) if isinstance(self.what, str) else self.what


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookText:
    """A playbook file."""

    noun: ClassVar[str] = "a playbook"
    name: Annotated[Id, Help("as the file is called")]
    title: str
    kind: Literal["attack", "incident"]
    description: str = ""
    start: Annotated[Instant, Help("event time of the first moment, never the wall clock's")]
    duration: Annotated[Nanoseconds, Range(min=1_000_000_000, max=400 * 86_400e9)]
    runbook: Annotated[Word | None, Help("what a responder should do: a file in the same folder of playbooks")] = None
    parameters: Mapping[Name, Parameter] = field(default_factory=dict)
    world: Word | WorldUse | WorldText
    cast: Mapping[Name, CastMember] = field(default_factory=dict)
    background: Annotated[tuple[RootText, ...], Help("comes on top of the world's own")] = ()
    storyline: tuple[StepText, ...]
    decoys: tuple[DecoyText, ...] = ()
    objectives: Annotated[tuple[ObjectiveText, ...], Help("what users are promised, and outages break")] = ()
    expectations: tuple[ExpectationText, ...] = ()
    rules: Annotated[
        tuple[Word, ...], Help("files of rules beside those that are expected: names as in expectations")
    ] = ()
    detection: DetectionText = DetectionText()
    responses: Mapping[Id, ResponseText] = field(default_factory=dict)
    place: Place = NOWHERE
