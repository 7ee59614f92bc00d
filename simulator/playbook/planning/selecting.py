"""Selecting from a world: who is picked, and what to say when nobody is."""

from __future__ import annotations

from simulator.errors import did_you_mean
from simulator.places import Complaints, Place
from simulator.world.model import Entity, Selector, World


def select(kind: str, selector: Selector, world: World, place: Place, complaints: Complaints) -> tuple[Entity, ...]:
    """Return the ``hosts``, ``users`` or ``outsiders`` that a selector picks; nobody is worth a complaint."""
    entities: tuple[Entity, ...] = getattr(world, kind)
    found = tuple(each for each in entities if selector.picks(each))
    if not found:
        complaints.add(place, f"the world {world.name!r} has no {kind} that this picks{_nearest(entities, selector)}")
    return found


def _nearest(entities: tuple[Entity, ...], selector: Selector) -> str:
    """Say which attribute of a selector no entity has, and what they have instead."""
    for attribute in ("os", "role", "network", "department", "country"):
        wanted = getattr(selector, attribute)
        if wanted is None:
            continue
        if attribute == "role":
            known = {role for each in entities for role in each.roles}
        else:
            known = {getattr(each, attribute, "") for each in entities} - {""}
        if wanted not in known:
            return f"; their {attribute} is {', '.join(sorted(known)) or 'never given'}{did_you_mean(wanted, known)}"
    names = {each.name for each in entities}
    missing = next((name for name in selector.names if name not in names), None)
    return f": there is no {missing!r}{did_you_mean(missing, names)}" if missing else "; loosen it"
