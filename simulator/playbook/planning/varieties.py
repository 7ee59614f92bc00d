"""Whether a system can have the events that an objective counts: what is misspelt is found before it is played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.errors import did_you_mean
from simulator.places import Complaints
from simulator.playbook.reading.nodes import Node
from simulator.playbook.reading.words import Word

_MOST_SAID = 8


def check_varieties(
    varieties: Sequence[Mapping[str, Any]],
    wanted: Mapping[str, tuple[Any, ...]],
    event: str,
    when: Mapping[Word, Node],
    complaints: Complaints,
) -> None:
    """Complain about values that no event of a system has, or that none has together. ``when`` is how it is written."""
    asked: dict[str, tuple[Any, ...]] = {key: wanted[key] for key in when if any(key in each for each in varieties)}
    before = len(complaints)
    for key in when:
        values = asked.get(key, ())
        known = list(dict.fromkeys(each[key] for each in varieties if key in each))
        for value in values:
            if value not in known:
                hint = did_you_mean(str(value), map(str, known)) or _among(known)
                complaints.add(key.place, f"no {event} of this world has the {key} {str(value)!r}{hint}")
    if len(complaints) == before and asked and not any(_fits(each, asked) for each in varieties):
        told = " and ".join(f"the {key} {' or '.join(map(str, values))}" for key, values in asked.items())
        complaints.add(
            next(key.place for key in when if key in asked),
            f"it can never be violated: no {event} of this world has {told} at once; change `when`",
        )


def _fits(variety: Mapping[str, Any], wanted: Mapping[str, tuple[Any, ...]]) -> bool:
    return all(variety.get(key, values[0]) in values for key, values in wanted.items())


def _among(known: Sequence[Any]) -> str:
    more = ", …" if len(known) > _MOST_SAID else ""
    return f"; there are {', '.join(map(str, known[:_MOST_SAID]))}{more}"
