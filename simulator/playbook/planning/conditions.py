"""Conditions over an event's fields, as ``when`` writes them: a value, or one of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.errors import did_you_mean
from simulator.places import Word
from simulator.playbook.planning.filling import Filling
from simulator.playbook.reading.binding import Unbound
from simulator.playbook.reading.nodes import Items, Node


def conditions(when: Mapping[Word, Node], filling: Filling, called: str) -> dict[str, tuple[Any, ...]]:
    """Return the values that each field may have. ``called`` is the event, as a complaint calls it."""
    wanted: dict[str, tuple[Any, ...]] = {}
    event = filling.event
    for name, node in when.items():
        field = event.by_name.get(name)
        if field is None or field.kind == "identifier":
            known = [each.name for each in event.fields if each.kind != "identifier"]
            hint = did_you_mean(name, known) or f"; it can depend on {', '.join(known)}"
            filling.complaints.add(name.place, f"`when`: {called} has no field {str(name)!r}{hint}")
            continue
        values = node.items if isinstance(node, Items) else (node,)
        try:
            wanted[str(name)] = tuple(filling.constant(field, each) for each in values)
        except Unbound:
            continue
    return wanted
