"""Where something is written, and what is to be said about it: all complaints about a file, not only the first."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Self

from simulator.errors import Complaint, PlaybookError


class Place(NamedTuple):
    """Where something is written. Lines and columns count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Place("", 1, 1)


class Word(str):
    """A text that remembers where it was written, so that a later check can say so."""

    __slots__ = ("place",)
    place: Place
    pattern: ClassVar[str] = ""
    expected: ClassVar[str] = "a text"

    def __new__(cls, text: str, place: Place = NOWHERE) -> Self:
        word = super().__new__(cls, text)
        word.place = place
        return word


class Complaints:
    """What was found wrong so far. Checking goes on as far as it makes sense, and ends with ``settle``.

    After ``most`` it ends at once: a file with more is not what it was thought to be.
    """

    most = 100

    def __init__(self) -> None:
        self._found: dict[Complaint, None] = {}

    def add(self, place: Place, message: str) -> None:
        self._found[Complaint(*place, message)] = None
        if len(self._found) >= self.most:
            self.settle()

    def __len__(self) -> int:
        return len(self._found)

    def messages(self) -> list[str]:
        return [each.message for each in self._found]

    def settle(self) -> None:
        """Raise what was found, if anything was."""
        if self._found:
            raise PlaybookError(tuple(self._found))
