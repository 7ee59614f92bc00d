"""Binding: nodes of a file become frozen dataclasses, by their type hints alone.

Every mismatch is a complaint with its place; what can still be bound is, so that
one reading finds them all.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from math import inf
from typing import Any, Literal, Union, get_args, get_origin

from simulator.errors import did_you_mean
from simulator.places import Complaints, Place
from simulator.playbook.reading.hints import QUANTITIES, REGISTRIES, Amount, Slot, has_place, noun, slots_of, unwrapped
from simulator.playbook.reading.limits import disagreement
from simulator.playbook.reading.nodes import Entries, Items, Node, Scalar, is_unknown, shortened, spoken_of
from simulator.playbook.reading.shapes import PLAIN, has_shape, in_unit, listed, named, nearest
from simulator.playbook.reading.words import NUMBER, TIME, Range, Unit, Word
from simulator.quantities import Nanoseconds, duration, spoken

_FAILED = object()


class Unbound(Exception):  # noqa: N818 - it says what became of a node, and never leaves the playbook package
    """A node that could not be bound; the complaint about it was made."""


class Binder:
    """Binds nodes. ``value`` reads what is hinted at as Any; ``unit`` is what a bare Amount is."""

    def __init__(
        self, complaints: Complaints, *, unit: Unit = NUMBER, value: Callable[[Node], Any] | None = None
    ) -> None:
        self.complaints, self.unit, self._value = complaints, unit, value

    def bind(self, node: Node, hint: Any) -> Any:
        """Return what a node is, or raise Unbound after a complaint."""
        hint, extras = unwrapped(hint)
        if Unit in extras:
            return Binder(self.complaints, unit=extras[Unit], value=self._value).bind(node, hint)
        if hint is Any and self._value:
            return self._value(node)
        if hint is Any or hint == Node:
            return node
        if is_unknown(node):
            raise Unbound
        bound = self._of_kind(node, hint)
        if Range in extras:
            self._check_range(node, bound, extras[Range], hint)
        return bound

    def bind_or_none(self, node: Node | None, hint: Any) -> Any:
        """Return what a node is, or None after a complaint."""
        try:
            return None if node is None else self.bind(node, hint)
        except Unbound:
            return None

    def refuse(self, place: Place, message: str) -> Unbound:
        """Make a complaint, and return what to raise."""
        self.complaints.add(place, message)
        return Unbound(message)

    def _of_kind(self, node: Node, hint: Any) -> Any:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            return self._one_of(node, arguments)
        if origin is Literal:
            return self._literal(node, arguments)
        if origin is not None:
            return self._items(node, arguments[0]) if origin is tuple else self._entries(node, *arguments)
        if hint in REGISTRIES:
            return self._registered(node, hint)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self.dataclass(node, hint)
        return self._scalar(node, hint)

    def _scalar(self, node: Node, hint: Any) -> Any:
        if hint in QUANTITIES or hint is Amount:
            return self._quantity(node, hint)
        if isinstance(hint, type) and issubclass(hint, Word):
            return self._word(node, hint)
        accepted, expected = PLAIN[hint]
        value = named(node) if hint is str else getattr(node, "value", None)
        if isinstance(value, accepted) and (hint is bool or not isinstance(value, bool)):
            return value
        raise self._unexpected(node, expected)

    def _word(self, node: Node, hint: type[Word]) -> Word:
        import re

        value = named(node)
        if isinstance(value, str) and (re.fullmatch(hint.pattern, value) if hint.pattern else value):
            return hint(value, node.place)
        raise self._unexpected(node, hint.expected)

    def _quantity(self, node: Node, hint: Any) -> float:
        value: Any = getattr(node, "value", None)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if hint is Amount and self.unit is NUMBER:
            if is_number:
                return float(value) if isinstance(value, float) else int(value)
            raise self._unexpected(node, "a plain number")
        if hint is Amount and isinstance(value, str):
            return self._read(node, value, duration)
        quantity = QUANTITIES.get(hint)
        if quantity and (isinstance(value, str) or (is_number and quantity.takes_numbers)):
            return self._read(node, value, quantity.read)
        expected = quantity.expected if quantity else "a duration such as 90s, 5m or 250ms"
        unit = "; say its unit" if is_number else ""
        raise self._unexpected(node, expected, unit)

    def _read(self, node: Node, value: Any, read: Callable[[Any], float]) -> float:
        try:
            found = read(value)
        except OverflowError:
            found = inf
        except ValueError as error:
            raise self.refuse(node.place, str(error)) from error
        if abs(found) > 2**62:
            raise self.refuse(node.place, f"{shortened(str(value))!r} is too much; nothing here lasts 146 years")
        return found

    def _literal(self, node: Node, known: tuple[Any, ...]) -> Any:
        value = getattr(node, "value", None)
        if any(value == each and type(value) is type(each) for each in known):
            return value
        raise self._unexpected(node, f"one of {', '.join(map(str, known))}", did_you_mean(str(value), map(str, known)))

    def _one_of(self, node: Node, hints: tuple[Any, ...]) -> Any:
        if types.NoneType in hints and isinstance(node, Scalar) and node.value is None:
            return None
        fitting = [hint for hint in hints if hint is not types.NoneType]
        if set(fitting) == set(get_args(Node)):
            return node
        if len(fitting) > 1:
            fitting = [hint for hint in fitting if has_shape(node, hint)] or [nearest(node, fitting)]
        return self.bind(node, fitting[0])

    def _items(self, node: Node, hint: Any) -> tuple[Any, ...]:
        if not isinstance(node, Items):
            example = f"; write [{node.value}]" if isinstance(node, Scalar) and node.value is not None else ""
            raise self._unexpected(node, "a list", example)
        return tuple(each for each in self._all([(each, hint) for each in node.items]) if each is not _FAILED)

    def _entries(self, node: Node, key: Any, hint: Any) -> dict[Any, Any]:
        if not isinstance(node, Entries):
            raise self._unexpected(node, "a mapping")
        keys = self._all([(each, key) for each, _ in node.entries])
        values = self._all([(value, hint) for _, value in node.entries])
        pairs = zip(keys, values, strict=True)
        return {key: value for key, value in pairs if key is not _FAILED and value is not _FAILED}

    def _all(self, pairs: list[tuple[Node, Any]]) -> list[Any]:
        """Bind all, whatever becomes of one: what is around a wrong part is checked too. Nobody plays it after that."""
        bound: list[Any] = []
        for node, hint in pairs:
            try:
                bound.append(self.bind(node, hint))
            except Unbound:
                bound.append(_FAILED)
        return bound

    def _registered(self, node: Node, hint: Any) -> Any:
        """Bind ``{name: …}``, ``name`` where it needs nothing, or a bare amount as a distribution."""
        registry = REGISTRIES[hint]
        if isinstance(node, Scalar) and node.value in registry:
            return self.dataclass(Entries((), node.place), registry[node.value])
        if isinstance(node, Scalar) and "constant" in registry and node.value is not None:
            return self.dataclass(Entries(((Scalar("value", node.place), node),), node.place), registry["constant"])
        sole = node.sole() if isinstance(node, Entries) else None
        if sole is None:
            hint_at = did_you_mean(str(node.value), registry) if isinstance(node, Scalar) else ""
            raise self._unexpected(node, f"{noun(hint)}: {{name: …}} with one of {', '.join(registry)}", hint_at)
        name, inner = sole
        if name.value not in registry:
            known = f"there are {', '.join(registry)}{did_you_mean(str(name.value), registry)}"
            raise self.refuse(name.place, f"no {noun(hint).partition(' ')[2]} is called {name.value!r}; {known}")
        return self.dataclass(self.long_form(inner, registry[name.value]), registry[name.value])

    def long_form(self, node: Node, kind: type) -> Node:
        """Write out the short form of a dataclass: what is not a mapping is its first field."""
        if isinstance(node, Entries) or (isinstance(node, Scalar) and node.value is None):
            return Entries((), node.place) if isinstance(node, Scalar) else node
        slots = slots_of(kind)
        return Entries(((Scalar(slots[0].name, node.place), node),), node.place) if slots else node

    def dataclass(self, node: Node, kind: type) -> Any:
        """Bind a mapping as a dataclass. All of its fields are tried before it fails."""
        if not isinstance(node, Entries):
            raise self._unexpected(
                node, f"{noun(kind)} as a mapping of {listed([each.name for each in slots_of(kind)])}"
            )
        slots = {each.name: each for each in slots_of(kind)}
        failed = self._unknown(node, kind, list(slots))
        values: dict[str, Any] = {"place": node.place} if has_place(kind) else {}
        for key, value in node.entries:
            if key.value in slots:
                try:
                    values[slots[key.value].attribute] = self._slot(value, slots[key.value])
                except Unbound:
                    failed = True
        for slot in slots.values():
            if slot.required and node.get(slot.name) is None:
                self.complaints.add(
                    node.place, f"{noun(kind)} needs {slot.name!r}{f': {slot.help}' if slot.help else ''}"
                )
                failed = True
        if failed:
            raise Unbound(noun(kind))
        return self._made(node, kind, values)

    def _slot(self, node: Node, slot: Slot) -> Any:
        bound = self.bind(node, slot.hint if slot.unit is None else in_unit(slot.hint, slot.unit))
        if slot.range:
            self._check_range(node, bound, slot.range, slot.hint)
        return bound

    def _made(self, node: Node, kind: type, values: dict[str, Any]) -> Any:
        try:
            made = kind(**values)
        except ValueError as error:
            raise self.refuse(node.place, f"{noun(kind)}: {error}") from error
        if said := disagreement(made):
            raise self.refuse(node.place, f"{noun(kind)}: {said}")
        return made

    def _unknown(self, node: Entries, kind: type, known: list[str]) -> bool:
        unknown = [key for key, _ in node.entries if key.value not in known]
        for key in unknown:
            hint = did_you_mean(str(key.value), known) or f"; it has {listed(known)}"
            self.complaints.add(key.place, f"{noun(kind)} has no {key.value!r}{hint}")
        return bool(unknown)

    def _check_range(self, node: Node, bound: Any, limits: Range, hint: Any) -> None:
        if not isinstance(bound, int | float):
            return
        is_time = Nanoseconds in (hint, *get_args(hint)) or (hint is Amount and self.unit is TIME)
        expected = limits.refusal(bound, lambda limit: spoken(int(limit))) if is_time else limits.refusal(bound)
        if expected:
            raise self.refuse(node.place, f"{getattr(node, 'value', bound)} is out of range; it has to be {expected}")

    def _unexpected(self, node: Node, expected: str, hint: str = "") -> Unbound:
        return self.refuse(node.place, f"expected {expected}, not {spoken_of(node)}{hint}")
