"""What responders did: a file of responses, and when they end an emission."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from simulator.errors import did_you_mean
from simulator.places import NOWHERE, Complaints, Place
from simulator.playbook.model import ResponseText
from simulator.playbook.reading.binding import Binder
from simulator.playbook.reading.nodes import Node, is_unknown, spoken_of
from simulator.playbook.reading.strict_yaml import read_yaml
from simulator.playbook.reading.words import Help, Word
from simulator.quantities import Nanoseconds
from simulator.world.model import Host, Outsider, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a responder did, when and to whom."""

    noun: ClassVar[str] = "a response"
    at: Annotated[Nanoseconds, Help("from the start: +12m")]
    do: Annotated[Word, Help("one of the playbook's `responses`")]
    what: Annotated[Word, Help("a name of the cast, or the name or address of one")]
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponsesText:
    """A file of responses."""

    noun: ClassVar[str] = "a file of responses"
    responses: tuple[Response, ...]


def load_responses(path: Path) -> tuple[Response, ...]:
    """Read a file of responses. Whether a playbook knows them, ``Answers`` checks."""
    complaints = Complaints()
    text: ResponsesText | None = Binder(complaints).bind_or_none(read_yaml(path, complaints), ResponsesText)
    complaints.settle()
    assert text is not None, "what cannot be bound has a complaint"
    return text.responses


@dataclass(frozen=True)
class Answers:
    """How a playbook answers to the responses that were given. ``parts`` are those of the world's systems."""

    known: Mapping[str, ResponseText]
    cast: Mapping[str, Any]
    parts: Collection[str]
    given: Sequence[Response]
    start: int
    complaints: Complaints

    def check(self) -> None:
        """Complain about responses that the playbook does not answer to."""
        for verb, response in self.known.items():
            for target in response.targets:
                if target not in self.cast and target not in self.parts:
                    hint = did_you_mean(target, [*self.cast, *self.parts])
                    beside = " and no part of the world's systems" if self.parts else ""
                    self.complaints.add(
                        target.place, f"response {verb!r}: nobody of the cast{beside} is called {target!r}{hint}"
                    )
        for each in self.given:
            if each.do not in self.known:
                hint = did_you_mean(each.do, self.known) or f"; it answers to {', '.join(self.known) or 'none'}"
                self.complaints.add(each.do.place, f"the playbook answers to no response {each.do!r}{hint}")
            elif self._named(each.what) not in self.known[each.do].targets:
                targets = ", ".join(self.known[each.do].targets)
                self.complaints.add(
                    each.what.place, f"{each.do!r} cannot be done to {each.what!r}; it can be done to {targets}"
                )

    def cut(self, verb: Word, target: Node) -> int | None:
        """Return when a response is first given to somebody, if it is."""
        name = self._target(target)
        if is_unknown(target):
            return None
        if verb not in self.known:
            hint = did_you_mean(verb, self.known) or f"; there are {', '.join(self.known) or 'none'}"
            self.complaints.add(verb.place, f"`until`: the playbook has no response {verb!r} in `responses`{hint}")
        elif name not in self.known[verb].targets:
            targets = " or ".join(f"${each}" if each in self.cast else each for each in self.known[verb].targets)
            self.complaints.add(target.place, f"`until`: {verb!r} is done to {targets}, not {spoken_of(target)}")
        times = [each.at for each in self.given if each.do == verb and self._named(each.what) == name]
        return self.start + min(times) if times else None

    def _target(self, node: Node) -> str | None:
        value = getattr(node, "value", None)
        if isinstance(value, Host | User | Outsider):
            return next((name for name, each in self.cast.items() if each is value), None)
        return self._named(value) if isinstance(value, str) else None

    def _named(self, text: str) -> str | None:
        """Return the cast name that a text means: that name, ``name.ip``, or the entity's own name or address."""
        if text in self.parts:
            return text
        name = text.removeprefix("$").partition(".")[0]
        if name in self.cast:
            return name
        own = ((name, (each.name, getattr(each, "ip", None))) for name, each in self.cast.items())
        return next((name for name, texts in own if text in texts), None)
