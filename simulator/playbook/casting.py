"""Casting: a playbook, a seed, parameters and responses become a plan in which only chance is left to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.errors import did_you_mean
from simulator.events.ids import MOST_EMISSIONS
from simulator.events.types import EventType
from simulator.places import Complaints
from simulator.playbook.binding import Binder, Unbound
from simulator.playbook.cast import draw_cast
from simulator.playbook.emissions import Emitter, Part
from simulator.playbook.model import CastMember, DecoyText, ExpectationText, PlaybookText, StepText, WorldText, WorldUse
from simulator.playbook.nodes import Entries, Node
from simulator.playbook.references import filled_in
from simulator.playbook.responses import Answers, Response
from simulator.playbook.steps import Times, act_times
from simulator.playbook.words import Name, Word
from simulator.playbook.worlds import changed, world_of
from simulator.scoring.expectations import Expectation
from simulator.telemetry.renderer import Renderer
from simulator.timeline.arrivals import Span
from simulator.timeline.emission import Act, Emission, Plan
from simulator.world.model import Entity, World


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it is played. ``end`` is when it is over, nominally."""

    id: str
    title: str
    techniques: tuple[str, ...]
    start: int
    end: int
    emissions: tuple[Emission, ...]


@dataclass(frozen=True, slots=True)
class Decoy:
    """A decoy as it is played."""

    id: str
    title: str
    because: str
    start: int
    end: int
    emissions: tuple[Emission, ...]


@dataclass(frozen=True, slots=True)
class Casting:
    """A playbook, ready to be played: its plan, and what is known of it before it is."""

    name: str
    title: str
    plan: Plan
    cast: Mapping[str, Entity]
    parameters: Mapping[str, Any]
    steps: tuple[Step, ...]
    decoys: tuple[Decoy, ...]
    expectations: tuple[Expectation, ...]
    interval: int
    look_back: int


@dataclass(frozen=True)
class Sources:
    """What a casting is made of: the playbook's document, the worlds that it can use, and what is installed."""

    document: Entries
    worlds: Mapping[str, WorldText]
    event_types: Mapping[str, EventType]
    renderers: Mapping[str, Renderer]


class Caster:
    """Makes a casting. What is wrong is added to the complaints, all of it; then nothing is made."""

    def __init__(self, sources: Sources, seed: int, parameters: Mapping[str, Any], complaints: Complaints) -> None:
        self.sources, self.seed, self.complaints = sources, seed, complaints
        self.parameters = parameters
        self.cast_names = self._keys("cast")
        self.text: PlaybookText | None = None

    def casting(self, responses: Sequence[Response]) -> Casting | None:
        """Return the casting, or None after complaints."""
        world = self._world()
        cast = self._cast(world) if world else None
        self.text = self._text(cast)
        if self.text is None or world is None or cast is None or len(cast) < len(self.cast_names):
            return None
        return _Assembly(self, self.text, world, cast, responses).casting()

    def _keys(self, section: str) -> tuple[str, ...]:
        node = self.sources.document.get(section)
        return tuple(str(key.value) for key, _ in node.entries) if isinstance(node, Entries) else ()

    def _world(self) -> World | None:
        node = self.sources.document.get("world")
        if node is None:
            return None  # binding the whole complains
        text = self._bound(node, Word | WorldUse | WorldText)
        before = len(self.complaints)
        if isinstance(text, Word | WorldUse):
            text = self._used(text)
        if text is None:
            return None
        world = world_of(text, self._name(), self.sources.renderers, self.complaints)
        return world if len(self.complaints) == before else None

    def _name(self) -> str:
        return str(getattr(self.sources.document.get("name"), "value", "world"))

    def _used(self, use: Word | WorldUse) -> WorldText | None:
        name = use.use if isinstance(use, WorldUse) else use
        found = self.sources.worlds.get(name)
        if found is not None and isinstance(use, WorldUse):
            return changed(found, use)
        return found

    def _bound(self, node: Node, hint: Any) -> Any:
        filled = filled_in(node, self.parameters, self.complaints, later=self.cast_names)
        return Binder(self.complaints).bind_or_none(filled, hint)

    def _cast(self, world: World) -> dict[str, Entity] | None:
        node = self.sources.document.get("cast")
        if node is None:
            return {}
        for name in self.cast_names:
            if name in self.parameters or name == "parent":
                key = next(key for key, _ in node.entries if key.value == name) if isinstance(node, Entries) else node
                self.complaints.add(
                    key.place, f"{name!r} is taken by {'a parameter' if name != 'parent' else '$parent'}"
                )
        members = self._bound(node, Mapping[Name, CastMember])
        return None if members is None else draw_cast(members, world, self.seed, self.complaints)

    def _text(self, cast: Mapping[str, Entity] | None) -> PlaybookText | None:
        """Bind the whole, with the names filled in; without a cast, as far as it goes without."""
        names = {**self.parameters, **(cast or {})}
        later = self.cast_names if cast is None or len(cast) < len(self.cast_names) else ()
        document = self.sources.document
        kept = ("parameters", "cast", "world")
        filled = tuple(
            (key, value if key.value in kept else filled_in(value, names, self.complaints, later=later))
            for key, value in document.entries
        )
        text: PlaybookText | None
        try:
            text = Binder(self.complaints).bind(Entries(filled, document.place), PlaybookText)
        except Unbound:
            text = None
        return None if later else text


@dataclass(frozen=True)
class _Assembly:
    """The last part: everything is known, and put together."""

    caster: Caster
    text: PlaybookText
    world: World
    cast: Mapping[str, Entity]
    responses: Sequence[Response]

    def casting(self) -> Casting:
        text, span = self.text, self.span
        known = {str(verb): response for verb, response in text.responses.items()}
        answers = Answers(known, self.cast, self.responses, span.start, self.caster.complaints)
        answers.check()
        emitter = Emitter(
            self.caster.sources.event_types,
            self.world,
            {**self.caster.parameters, **self.cast},
            answers.cut,
            self.caster.complaints,
        )
        times = act_times([*text.storyline, *text.decoys], span, self.caster.seed, self.caster.complaints)
        background = self._background(emitter)
        steps = tuple(self._step(each, times[each.id], emitter) for each in text.storyline if each.id in times)
        decoys = tuple(self._decoy(each, times[each.id], emitter) for each in text.decoys if each.id in times)
        roots = background + tuple(root for step in steps for root in step.emissions)
        roots += tuple(root for decoy in decoys for root in decoy.emissions)
        plan = Plan(self.caster.seed, span, self.world, roots)
        if len(plan.emissions()) > MOST_EMISSIONS:
            self.caster.complaints.add(text.place, f"a playbook has at most {MOST_EMISSIONS:,} emissions; use fewer")
        return Casting(
            name=text.name,
            title=text.title,
            plan=plan,
            cast=self.cast,
            parameters=self.caster.parameters,
            steps=steps,
            decoys=decoys,
            expectations=tuple(self._expectation(each) for each in text.expectations),
            interval=text.detection.interval,
            look_back=text.detection.look_back,
        )

    @property
    def span(self) -> Span:
        return Span(self.text.start, self.text.start + self.text.duration)

    def _background(self, emitter: Emitter) -> tuple[Emission, ...]:
        act, span = Act("background"), self.span
        of_world: tuple[Emission, ...] = ()
        if (world := self._world_text()) is not None:
            activity = self.text.world.activity if isinstance(self.text.world, WorldUse) else 1.0
            plain = Emitter(emitter.event_types, self.world, {}, emitter.cuts, emitter.complaints)
            of_world = plain.roots(world.background, Part("world", act, span, span.end, activity))
        return of_world + emitter.roots(self.text.background, Part("background", act, span, span.end))

    def _world_text(self) -> WorldText | None:
        world = self.text.world
        if isinstance(world, WorldText):
            return world
        return self.caster.sources.worlds.get(world.use if isinstance(world, WorldUse) else world)

    def _part(self, kind: Any, act: StepText | DecoyText, times: Times) -> Part:
        folder = "storyline" if kind == "step" else "decoys"
        end = min(times.start + act.for_, self.span.end) if act.for_ is not None else self.span.end
        return Part(f"{folder}/{act.id}", Act(kind, act.id), Span(times.start, end), self.span.end)

    def _step(self, text: StepText, times: Times, emitter: Emitter) -> Step:
        emissions = emitter.roots(text.emissions, self._part("step", text, times))
        return Step(text.id, text.title, text.techniques, times.start, self._over(times), emissions)

    def _decoy(self, text: DecoyText, times: Times, emitter: Emitter) -> Decoy:
        emissions = emitter.roots(text.emissions, self._part("decoy", text, times))
        return Decoy(text.id, text.title, text.because, times.start, self._over(times), emissions)

    def _over(self, times: Times) -> int:
        return self.span.end if times.over is None else min(times.over, self.span.end)

    def _expectation(self, text: ExpectationText) -> Expectation:
        known = [step.id for step in self.text.storyline]
        for step in text.steps:
            if step not in known:
                hint = did_you_mean(step, known) or f"; there are {', '.join(known)}"
                self.caster.complaints.add(step.place, f"no step is called {str(step)!r}{hint}")
        return Expectation(
            rule=str(text.rule),
            steps=tuple(map(str, text.steps)),
            within=text.within,
            at_least=text.at_least,
            at_most=text.at_most,
            exactly=text.exactly,
            because=text.because,
        )
