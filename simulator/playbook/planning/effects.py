"""Systems of a world, as a playbook describes them, and the effects that its acts have on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.errors import did_you_mean
from simulator.events.event_types import EventType
from simulator.places import Complaints, Place
from simulator.playbook.model import EffectText, WorldText
from simulator.playbook.planning.emissions import Cuts
from simulator.playbook.reading.binding import Binder
from simulator.playbook.reading.nodes import Entries
from simulator.timeline.arrivals import Span
from simulator.timeline.emission import Act, PlannedSystem
from simulator.world.description import HostGroup
from simulator.world.system import Effect, System


@dataclass(frozen=True, slots=True)
class DescribedSystem:
    """A system, and what the world's file says of it."""

    system: System
    described: Any

    @property
    def name(self) -> str:
        return self.system.name

    def hosts(self) -> Sequence[HostGroup]:
        return self.system.hosts(self.described)

    def targets(self) -> Sequence[str]:
        return self.system.targets(self.described)


def described_systems(
    text: WorldText, installed: Mapping[str, System], complaints: Complaints
) -> tuple[DescribedSystem, ...]:
    """Return the systems of a world. What is wrong with them is added to the complaints."""
    found: list[DescribedSystem] = []
    for name, node in text.systems.items():
        system = installed.get(name)
        if system is None:
            hint = did_you_mean(name, installed) or f"; installed: {', '.join(installed) or 'none'}"
            complaints.add(name.place, f"no system is called {str(name)!r}{hint}")
            continue
        described = Binder(complaints).bind_or_none(node, system.description)
        if described is not None:
            found.append(DescribedSystem(system, described))
    return tuple(found)


@dataclass
class Effects:
    """Collects the effects of a playbook's acts, in their order. What is wrong is added to the complaints."""

    systems: Sequence[DescribedSystem]
    cut: Cuts
    complaints: Complaints
    acts: list[Act] = field(default_factory=lambda: [Act("background")])
    found: dict[str, list[Effect]] = field(default_factory=dict)

    def of(self, texts: Sequence[EffectText], act: Act, span: Span) -> tuple[Effect, ...]:
        """Return the effects of an act that is active over a span."""
        if not texts:
            return ()
        self.acts.append(act)
        return tuple(effect for text in texts if (effect := self._effect(text, span)) is not None)

    def planned(
        self, event_types: Mapping[str, EventType], activity: float, complaints: Complaints
    ) -> tuple[PlannedSystem, ...]:
        """Return the systems with all effects that were found on them."""
        planned = []
        for each in self.systems:
            effects = tuple(self.found.get(each.name, ()))
            each.system.check(each.described, effects, complaints)
            types = {name: event_types[name] for name in each.system.events}
            planned.append(PlannedSystem(each.system, each.described, effects, tuple(self.acts), types, activity))
        return tuple(planned)

    def _effect(self, text: EffectText, span: Span) -> Effect | None:
        owners = [each for each in self.systems if text.effect in each.system.effects]
        if len(owners) != 1:
            self._complain_of_owners(text, owners)
            return None
        (owner,) = owners
        node = text.with_ if text.with_ is not None else Entries((), text.place)
        arguments = Binder(self.complaints).bind_or_none(node, owner.system.effects[text.effect])
        start = min(span.start + text.after, span.end)
        end = span.end if text.for_ is None else min(start + text.for_, span.end)
        cuts = [cut for verb, target in text.until.items() if (cut := self.cut(verb, target)) is not None]
        if arguments is None:
            return None
        place: Place = text.place
        effect = Effect(
            name=str(text.effect),
            arguments=arguments,
            act=len(self.acts) - 1,
            start=start,
            end=max(start, min([end, *cuts])),
            ramp=text.ramp,
            place=place,
        )
        self.found.setdefault(owner.name, []).append(effect)
        return effect

    def _complain_of_owners(self, text: EffectText, owners: Sequence[DescribedSystem]) -> None:
        if owners:
            names = " and ".join(repr(each.name) for each in owners)
            self.complaints.add(
                text.effect.place, f"{names} both have an effect {str(text.effect)!r}; leave one of these systems out"
            )
            return
        known = sorted({name for each in self.systems for name in each.system.effects})
        if known:
            hint = did_you_mean(text.effect, known) or f"; there are {', '.join(known)}"
            self.complaints.add(text.effect.place, f"no effect is called {str(text.effect)!r}{hint}")
        else:
            self.complaints.add(
                text.effect.place,
                f"the effect {str(text.effect)!r} needs a world with `systems`, such as {{services: …}}; "
                "this one has none",
            )
