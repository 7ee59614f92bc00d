"""Pieces: what a template is taken apart into. Each depends on few fields, so that it can be written on its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from jinja2 import nodes

from simulator.telemetry.templates.trees import Names, assigned_names
from simulator.telemetry.templates.writers import Writer

_SHORT_TEXT = 48  # bytes of text that join the piece before or after them
_TEXT_BETWEEN = 512  # bytes of text between two pieces of the same fields that join both


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A test (or its contrary) within another condition. ``order`` counts the statements before it."""

    test: nodes.Expr
    negated: bool
    fields: frozenset[str]
    order: int
    parent: Condition | None


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """What stands in a row after the piece before it, where its condition holds.

    ``body`` says it in Jinja2, each node with the number of statements before it; ``text`` is
    set when that is nothing but text, ``writer`` when it can be written without Jinja2.
    """

    body: tuple[tuple[nodes.Node, int], ...]
    fields: frozenset[str]
    condition: Condition | None
    text: str | None = None
    writer: Writer | None = None

    @property
    def line(self) -> int:
        return self.body[0][0].lineno or 1


class Statements:
    """The statements of a template that print nothing but give values to names, in their order."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._all: list[tuple[nodes.Node, frozenset[str], frozenset[str]]] = []

    def __len__(self) -> int:
        return len(self._all)

    def add(self, node: nodes.Node) -> None:
        self._all.append((node, frozenset(assigned_names(node)), self._names.read(node)))

    def behind(self, names: Iterable[str], order: int) -> tuple[list[int], frozenset[str]]:
        """Return which of the first statements have a say in what these names are, and all names they read."""
        needed, chosen = set(names), set[int]()
        before = -1
        while before != len(chosen):
            before = len(chosen)
            for number, (_, assigned, read) in enumerate(self._all[:order]):
                if number not in chosen and assigned & needed:
                    chosen.add(number)
                    needed |= read
        return sorted(chosen), frozenset(needed)

    def runnable(self, body: Sequence[tuple[nodes.Node, int]], names: Names) -> list[nodes.Node]:
        """Return nodes that run on their own: the statements that they need stand before them."""
        whole: list[nodes.Node] = []
        done = set[int]()
        for node, order in body:
            needed, _ = self.behind(names.read(node), order)
            whole.extend(self._all[number][0] for number in needed if number not in done)
            done.update(needed)
            whole.append(node)
        return whole


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Join neighbours that depend on the same coded fields, with the short texts around them."""
    found: list[Piece] = []
    for piece in pieces:
        found.append(piece)
        while len(found) > 1 and (both := _joined(*found[-2:])) is not None:
            found[-2:] = [both]
        if len(found) > 2 and (both := _joined_over_text(*found[-3:])) is not None:
            found[-3:] = [both]
    return found


def _joined(one: Piece, other: Piece) -> Piece | None:
    if one.condition is not other.condition or one.writer or other.writer:
        return None
    if one.text is not None and other.text is not None:
        return replace(one, body=one.body + other.body, text=one.text + other.text)
    if one.fields == other.fields or _is_short(one, _SHORT_TEXT) or _is_short(other, _SHORT_TEXT):
        return replace(one, body=one.body + other.body, fields=one.fields | other.fields, text=None)
    return None


def _joined_over_text(one: Piece, text: Piece, other: Piece) -> Piece | None:
    if text.condition is not one.condition or not _is_short(text, _TEXT_BETWEEN):
        return None
    both = _joined(one, other)
    return both and replace(both, body=one.body + text.body + other.body)


def _is_short(piece: Piece, most: int) -> bool:
    """Say whether a piece is the same in every row, and not long."""
    return not piece.fields and (piece.text is None or len(piece.text) <= most)
