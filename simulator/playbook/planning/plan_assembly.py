"""Assembly: a bound playbook, its world and its cast are put together to a plan, and to what is known beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.errors import did_you_mean
from simulator.events.event_types import EventType
from simulator.events.ids import MOST_EMISSIONS
from simulator.places import Complaints
from simulator.playbook.model import DecoyText, ExpectationText, PlaybookText, StepText, WorldText, WorldUse
from simulator.playbook.planning.act_times import Times, act_times
from simulator.playbook.planning.effects import DescribedSystem, Effects
from simulator.playbook.planning.emissions import Emitter, Part
from simulator.playbook.planning.objectives import Objective, Objectives
from simulator.playbook.planning.responses import Answers, Response
from simulator.scoring.expectations import Expectation
from simulator.timeline.arrivals import Span
from simulator.timeline.emission import Act, Emission, Plan
from simulator.world.model import Entity, World
from simulator.world.system import Effect


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it is played. ``end`` is when it is over, nominally."""

    id: str
    title: str
    techniques: tuple[str, ...]
    start: int
    end: int
    emissions: tuple[Emission, ...]
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoy:
    """A decoy as it is played."""

    id: str
    title: str
    because: str
    start: int
    end: int
    emissions: tuple[Emission, ...]
    effects: tuple[Effect, ...] = ()


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
    objectives: tuple[Objective, ...] = ()
    responses: tuple[Response, ...] = ()


@dataclass(frozen=True)
class Assembly:
    """What is put together. What is wrong is added to the complaints."""

    text: PlaybookText
    world: World
    world_text: WorldText
    systems: Sequence[DescribedSystem]
    cast: Mapping[str, Entity]
    parameters: Mapping[str, Any]
    event_types: Mapping[str, EventType]
    seed: int
    responses: Sequence[Response]
    complaints: Complaints

    def casting(self) -> Casting:
        text, span = self.text, self.span
        known = {str(verb): response for verb, response in text.responses.items()}
        targets = tuple(target for each in self.systems for target in each.targets())
        answers = Answers(known, self.cast, targets, self.responses, span.start, self.complaints)
        answers.check()
        emitter = Emitter(
            self.event_types,
            self.world,
            {**self.parameters, **self.cast},
            answers.cut,
            self.complaints,
        )
        times = act_times([*text.storyline, *text.decoys], span, self.seed, self.complaints)
        background = self._background(emitter)
        effects = Effects(self.systems, answers.cut, self.complaints)
        steps = tuple(self._step(each, times[each.id], emitter, effects) for each in text.storyline if each.id in times)
        decoys = tuple(self._decoy(each, times[each.id], emitter, effects) for each in text.decoys if each.id in times)
        roots = background + tuple(root for step in steps for root in step.emissions)
        roots += tuple(root for decoy in decoys for root in decoy.emissions)
        systems = effects.planned(self.event_types, self._activity, self.complaints)
        plan = Plan(self.seed, span, self.world, roots, systems)
        if len(plan.emissions()) > MOST_EMISSIONS:
            self.complaints.add(text.place, f"a playbook has at most {MOST_EMISSIONS:,} emissions; use fewer")
        return Casting(
            name=text.name,
            title=text.title,
            plan=plan,
            cast=self.cast,
            parameters=self.parameters,
            steps=steps,
            decoys=decoys,
            expectations=tuple(self._expectation(each) for each in text.expectations),
            interval=text.detection.interval,
            look_back=text.detection.look_back,
            objectives=self._objectives(plan, steps),
            responses=tuple(self.responses),
        )

    def _objectives(self, plan: Plan, steps: Sequence[Step]) -> tuple[Objective, ...]:
        own = {
            step.id: (
                frozenset(each.event.name for root in step.emissions for each in root.family()),
                bool(step.effects),
            )
            for step in steps
        }
        names = {**self.parameters, **self.cast}
        return Objectives(self.event_types, plan, names, own, self.complaints).made(self.text.objectives)

    @property
    def span(self) -> Span:
        return Span(self.text.start, self.text.start + self.text.duration)

    @property
    def _activity(self) -> float:
        return self.text.world.activity if isinstance(self.text.world, WorldUse) else 1.0

    def _background(self, emitter: Emitter) -> tuple[Emission, ...]:
        act, span = Act("background"), self.span
        plain = Emitter(emitter.event_types, self.world, {}, emitter.cuts, emitter.complaints)
        of_world = plain.roots(self.world_text.background, Part("world", act, span, span.end, self._activity))
        return of_world + emitter.roots(self.text.background, Part("background", act, span, span.end))

    def _part(self, kind: Any, act: StepText | DecoyText, times: Times) -> Part:
        end = min(times.start + act.for_, self.span.end) if act.for_ is not None else self.span.end
        mine = Act(kind, act.id)
        return Part(f"{mine.folder}/{act.id}", mine, Span(times.start, end), self.span.end)

    def _step(self, text: StepText, times: Times, emitter: Emitter, effects: Effects) -> Step:
        part = self._part("step", text, times)
        emissions, acting = emitter.roots(text.emissions or (), part), effects.of(text.effects, part.act, part.span)
        return Step(text.id, text.title, text.techniques, times.start, self._over(times), emissions, acting)

    def _decoy(self, text: DecoyText, times: Times, emitter: Emitter, effects: Effects) -> Decoy:
        part = self._part("decoy", text, times)
        emissions, acting = emitter.roots(text.emissions or (), part), effects.of(text.effects, part.act, part.span)
        return Decoy(text.id, text.title, text.because, times.start, self._over(times), emissions, acting)

    def _over(self, times: Times) -> int:
        return self.span.end if times.over is None else min(times.over, self.span.end)

    def _expectation(self, text: ExpectationText) -> Expectation:
        known = [step.id for step in self.text.storyline]
        for step in text.steps:
            if step not in known:
                hint = did_you_mean(step, known) or f"; there are {', '.join(known)}"
                self.complaints.add(step.place, f"no step is called {str(step)!r}{hint}")
        return Expectation(
            rule=str(text.rule),
            steps=tuple(map(str, text.steps)),
            within=text.within,
            at_least=text.at_least,
            at_most=text.at_most,
            exactly=text.exactly,
            because=text.because,
        )
