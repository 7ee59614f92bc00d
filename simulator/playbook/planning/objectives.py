"""Objectives: what a playbook's users are promised, and whether anything of it could ever break the promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.errors import did_you_mean
from simulator.events.event_types import EventType
from simulator.places import Complaints
from simulator.playbook.model import ObjectiveText
from simulator.playbook.planning.conditions import conditions
from simulator.playbook.planning.filling import Filling
from simulator.playbook.planning.varieties import check_varieties
from simulator.playbook.reading.words import Word
from simulator.quantities import spoken
from simulator.scoring.windows import Goal, bin_length
from simulator.timeline.emission import Emission, Plan
from simulator.timeline.field_generators import Choice, Drawn, Generator, Member, Value, Varied, Zipf

Values = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Objective:
    """What is counted, and how much of it has to be good.

    An event of a type among ``events`` counts where all fields of ``of`` have one of their values, once it is
    over: after its field ``lasts``, if it has any. It is good where all of ``good`` does so too, and the field
    ``measured`` is less than ``faster`` nanoseconds. ``steps`` are those that can have a share in it;
    ``expect`` and ``burnt_before_page`` are what should become of it.
    """

    id: str
    title: str
    events: tuple[str, ...]
    of: Values
    good: Values
    measured: str
    faster: int
    lasts: str
    goal: Goal
    steps: tuple[str, ...] = ()
    expect: str | None = None
    burnt_before_page: float | None = None


@dataclass(frozen=True)
class Objectives:
    """Makes objectives. What is wrong is added to the complaints, and left out of what is made.

    ``steps`` says of each step which events it has itself, and whether it has effects.
    """

    event_types: Mapping[str, EventType]
    plan: Plan
    names: Mapping[str, Any]
    steps: Mapping[str, tuple[frozenset[str], bool]]
    complaints: Complaints

    def made(self, texts: Sequence[ObjectiveText]) -> tuple[Objective, ...]:
        """Return the objectives that can be counted."""
        seen: set[str] = set()
        for text in texts:
            if text.id in seen:
                self.complaints.add(text.id.place, f"two objectives are called {str(text.id)!r}; rename one")
            seen.add(text.id)
        return tuple(made for text in texts if (made := self._made(text)) is not None)

    def _made(self, text: ObjectiveText) -> Objective | None:
        before = len(self.complaints)
        found = [self._event(name) for name in text.of.events]
        events = [each for each in found if each is not None]
        if not events or len(events) < len(found):
            return None
        event = events[0]
        filling = Filling(event, None, self.plan.world, self.names, self.complaints)
        measured, faster = self._faster(text, event)
        for other in events[1:]:
            self._check_alike(text, measured, event, other)
        duration = self.plan.span.end - self.plan.span.start
        names = {each.name for each in events}
        objective = Objective(
            id=str(text.id),
            title=text.title,
            events=tuple(dict.fromkeys(each.name for each in events)),
            of=conditions(text.of.when, filling, event.name),
            good=conditions(text.good.when, filling, event.name),
            measured=measured,
            faster=faster,
            lasts=_lasts(event) or measured,
            goal=Goal(text.target, text.window, text.least, text.period, bin_length(text.window, duration)),
            steps=tuple(name for name, (own, acts) in self.steps.items() if acts or own & names),
            expect=text.expect,
            burnt_before_page=text.burnt_before_page,
        )
        if len(self.complaints) == before:
            self._check(objective, text, duration)
        return objective if len(self.complaints) == before else None

    def _event(self, name: Word) -> EventType | None:
        event = self.event_types.get(name)
        if event is None:
            hint = did_you_mean(name, self.event_types) or "; `feint plugins` lists those that are installed"
            self.complaints.add(name.place, f"no event type is called {str(name)!r}{hint}")
        return event

    def _check_alike(self, text: ObjectiveText, measured: str, event: EventType, other: EventType) -> None:
        """Complain about fields that an objective names, and that only one of two event types has."""
        named = {str(name): name.place for each in (text.of.when, text.good.when) for name in each}
        if measured:
            named.setdefault(measured, text.place)
        for name, place in named.items():
            one, two = event.by_name.get(name), other.by_name.get(name)
            if one is not None and (two is None or two.kind != one.kind):
                has = "no field" if two is None else "another kind of"
                self.complaints.add(
                    place, f"{event.name} has a field {name!r}, and {other.name} has {has}; count them apart"
                )

    def _faster(self, text: ObjectiveText, event: EventType) -> tuple[str, int]:
        """Return which field is measured and what it has to be less than; no field where it is not asked for."""
        faster = text.good.faster
        if faster is None:
            return "", 0
        known = [each.name for each in event.fields if each.kind == "duration"]
        name, place = "duration", text.place
        most: int
        if isinstance(faster, Mapping):
            word, most = next(iter(faster.items()))
            name, place = str(word), word.place
        else:
            most = faster
        if name not in known:
            hint = did_you_mean(name, known) or f"; it has {', '.join(known) or 'none'}"
            self.complaints.add(place, f"`faster`: {event.name} has no field {name!r} that is a length of time{hint}")
        return name, most

    def _check(self, objective: Objective, text: ObjectiveText, duration: int) -> None:
        """Complain about what no run of the playbook could violate, or keep."""
        goal, add, place = objective.goal, self.complaints.add, text.place
        if goal.window > duration:
            lasts = f"{spoken(goal.window)} is longer than the run, which lasts {spoken(duration)}"
            add(place, f"the window of {lasts}; shorten it, or play longer")
        elif objective.measured and objective.faster >= duration:
            add(place, f"it can never be violated: nothing takes {spoken(objective.faster)} in a run; lower `faster`")
        elif useless := [name for name, each in objective.good.items() if _apart(objective.of.get(name), each)]:
            add(place, f"no event that counts can be good: `of` and `good` ask for other values of {useless[0]!r}")
        else:
            self._check_sources(objective, text)

    def _check_sources(self, objective: Objective, text: ObjectiveText) -> None:
        before = len(self.complaints)
        bad = [self._can_be_bad(name, objective, text) for name in text.of.events]
        if len(self.complaints) == before and not any(bad):
            self.complaints.add(text.place, f"it can never be violated: {_ALWAYS}; {_NEXT}")

    def _can_be_bad(self, name: Word, objective: Objective, text: ObjectiveText) -> bool:
        """Say whether an event of a type can be bad; complain if there can be none that counts."""
        owner = next((each for each in self.plan.systems if name in each.event_types), None)
        if owner is not None:
            if not self.complaints:  # a system that something is wrong with cannot say what it does
                varieties = owner.system.varieties(owner.described, str(name))
                check_varieties(varieties, objective.of, str(name), text.of.when, self.complaints)
            return bool(objective.measured) or _narrower(objective, objective.of)
        sources = [each for each in self.plan.emissions() if each.event.name == name]
        counted = [each for each in sources if _can(each, objective.of)]
        if not sources:
            known = ", ".join(sorted({each.event.name for each in self.plan.emissions()})) or "none"
            made = f"it can never be violated: nothing in this playbook or its world makes {name} events"
            self.complaints.add(name.place, f"{made}; count another of {known}")
        elif not counted:
            asked = ", ".join(f"{key} {' or '.join(map(_said, values))}" for key, values in objective.of.items())
            hint = _meant(sources, objective.of) or "; change `when`, or emit such events"
            self.complaints.add(name.place, f"it can never be violated: no {name} here can have {asked}{hint}")
        return any(_can_be_bad(each, objective) for each in counted)


_ALWAYS = "every event that counts is good"
_NEXT = "ask more of a `good` event, or emit such that are not"


def _lasts(event: EventType) -> str:
    field = event.by_name.get("duration")
    return "duration" if field is not None and field.kind == "duration" else ""


def _apart(one: tuple[Any, ...] | None, other: tuple[Any, ...]) -> bool:
    return one is not None and not set(one) & set(other)


def _narrower(objective: Objective, known: Values) -> bool:
    """Say whether being good asks for more than what is known of an event."""
    return any(
        name not in known or any(not is_one_of_these(value, wanted) for value in known[name])
        for name, wanted in objective.good.items()
    )


def is_one_of_these(value: Any, wanted: Sequence[Any]) -> bool:
    """Say whether a field's value is among some: an entity goes by its name too."""
    return value in wanted or getattr(value, "name", None) in wanted


def _can(emission: Emission, wanted: Values) -> bool:
    """Say whether an emission may have events whose fields have these values."""
    return all(
        (known := possible_values(emission.fields.get(name))) is None
        or any(is_one_of_these(value, values) for value in known)
        for name, values in wanted.items()
    )


def _meant(emissions: Sequence[Emission], wanted: Values) -> str:
    for name, values in wanted.items():
        known = {_said(value) for each in emissions for value in possible_values(each.fields.get(name)) or ()}
        if not known & set(map(_said, values)) and (hint := did_you_mean(_said(values[0]), known)):
            return hint
    return ""


def _can_be_bad(emission: Emission, objective: Objective) -> bool:
    if objective.measured and _longest(emission.fields.get(objective.measured)) >= objective.faster:
        return True
    for name, wanted in objective.good.items():
        known = possible_values(emission.fields.get(name))
        counted = objective.of.get(name)
        if known is None:
            known = counted
        elif counted is not None:
            known = tuple(value for value in known if is_one_of_these(value, counted))
        if known is None or not all(is_one_of_these(value, wanted) for value in known):
            return True
    return False


def possible_values(generator: Generator | None) -> tuple[Any, ...] | None:
    """Return all values that a field can have, or None where that is not known before it is played."""
    if isinstance(generator, Value):
        return (generator.value,)
    if isinstance(generator, Choice | Zipf):
        return generator.values
    if isinstance(generator, Member):
        return generator.entities
    if isinstance(generator, Varied):
        found = [possible_values(each) for each in generator.variants]
        return None if None in found else tuple(value for each in found if each is not None for value in each)
    return None


def _longest(generator: Generator | None) -> float:
    if isinstance(generator, Drawn):
        return generator.distribution.most
    known = possible_values(generator)
    return float("inf") if known is None else max((value for value in known if isinstance(value, int)), default=0)


def _said(value: Any) -> str:
    return str(getattr(value, "name", value))
