"""A playbook as a whole: parameters, cast, expectations, responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from simulator.places import NOWHERE, Place
from simulator.playbook.model.emissions import RootText
from simulator.playbook.model.objectives import ObjectiveText
from simulator.playbook.model.storyline import DecoyText, StepText
from simulator.playbook.model.worlds import WorldText, WorldUse
from simulator.playbook.reading.nodes import Node
from simulator.playbook.reading.words import Help, Id, Instant, Name, Range, Word
from simulator.quantities import Nanoseconds
from simulator.world.model import Selector

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
