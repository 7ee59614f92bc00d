"""Casting: a playbook, a seed, parameters and responses become a plan in which only chance is left to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.events.event_types import EventType
from simulator.places import Complaints
from simulator.playbook.model import CastMember, PlaybookText, WorldText, WorldUse
from simulator.playbook.planning.draw_cast import draw_cast
from simulator.playbook.planning.effects import DescribedSystem, described_systems
from simulator.playbook.planning.parameters import settings
from simulator.playbook.planning.plan_assembly import Assembly, Casting, Decoy, Step
from simulator.playbook.planning.references import filled_in
from simulator.playbook.planning.responses import Response
from simulator.playbook.reading.binding import Binder, Unbound
from simulator.playbook.reading.nodes import Entries, Node
from simulator.playbook.reading.words import Name, Word
from simulator.playbook.world_files import changed, world_of
from simulator.telemetry.renderer import Renderer
from simulator.world.model import Entity, World
from simulator.world.system import System

if TYPE_CHECKING:
    from simulator.playbook.loader import Playbook


def cast_playbook(
    playbook: Playbook, seed: int, given: Mapping[str, object] | None = None, responses: Sequence[Response] = ()
) -> Casting:
    """Cast a playbook with parameters, as ``--set`` gives them, and responses. UsageError says what is wrong."""
    parameters = {str(name): parameter for name, parameter in playbook.text.parameters.items()}
    values = settings(parameters, given or {})
    complaints = Complaints()
    casting = Caster(playbook.sources, seed, values, complaints).casting(responses)
    complaints.settle()
    assert casting is not None, "what is not made has a complaint"
    return casting


@dataclass(frozen=True)
class Sources:
    """What a casting is made of: the playbook's document, the worlds that it can use, and what is installed."""

    document: Entries
    worlds: Mapping[str, WorldText]
    event_types: Mapping[str, EventType]
    renderers: Mapping[str, Renderer]
    systems: Mapping[str, System]


class Caster:
    """Makes a casting. What is wrong is added to the complaints, all of it; then nothing is made."""

    def __init__(self, sources: Sources, seed: int, parameters: Mapping[str, Any], complaints: Complaints) -> None:
        self.sources, self.seed, self.complaints = sources, seed, complaints
        self.parameters = parameters
        self.cast_names = self._keys("cast")
        self.unset = tuple(name for name in self._keys("parameters") if name not in parameters)
        self.text: PlaybookText | None = None

    def casting(self, responses: Sequence[Response]) -> Casting | None:
        """Return the casting, or None after complaints."""
        before = len(self.complaints)
        world_text = self._world_text()
        systems = described_systems(world_text, self.sources.systems, self.complaints) if world_text else ()
        world = self._world(world_text, systems) if world_text else None
        if len(self.complaints) > before:
            world = None  # what is wrong with it would be said again of everything that is in it
        cast = self._cast(world) if world else None
        self.text = self._text(cast)
        if self.text is None or world_text is None or world is None or cast is None:
            return None
        return Assembly(
            text=self.text,
            world=world,
            world_text=world_text,
            systems=systems,
            cast=cast,
            parameters=self.parameters,
            event_types=self.sources.event_types,
            seed=self.seed,
            responses=responses,
            complaints=self.complaints,
        ).casting()

    def _keys(self, section: str) -> tuple[str, ...]:
        node = self.sources.document.get(section)
        return tuple(str(key.value) for key, _ in node.entries) if isinstance(node, Entries) else ()

    def _world_text(self) -> WorldText | None:
        node = self.sources.document.get("world")
        text = None if node is None else self._bound(node, Word | WorldUse | WorldText)
        if isinstance(text, WorldUse):
            found = self.sources.worlds.get(text.use)
            return None if found is None else changed(found, text)
        return self.sources.worlds.get(text) if isinstance(text, Word) else text

    def _world(self, text: WorldText, systems: Sequence[DescribedSystem]) -> World:
        name = str(getattr(self.sources.document.get("name"), "value", "world"))
        machines = [machine for each in systems for machine in each.hosts()]
        return world_of(text, name, self.sources.renderers, self.complaints, machines)

    def _bound(self, node: Node, hint: Any) -> Any:
        filled = filled_in(node, self.parameters, self.complaints, later=(*self.cast_names, *self.unset))
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
        is_cast = cast is not None and len(cast) == len(self.cast_names)
        later = self.unset if is_cast else (*self.cast_names, *self.unset)
        document = self.sources.document
        later_in = {"world": (*self.cast_names, *later), "cast": (*self.cast_names, *later)}
        filled = tuple(
            (key, filled_in(value, names, self.complaints, later=later_in.get(str(key.value), later)))
            if key.value != "parameters"
            else (key, value)
            for key, value in document.entries
        )
        text: PlaybookText | None
        try:
            text = Binder(self.complaints).bind(Entries(filled, document.place), PlaybookText)
        except Unbound:
            text = None
        return text if is_cast and not self.unset else None


__all__ = ["Caster", "Casting", "Decoy", "Sources", "Step", "cast_playbook"]
