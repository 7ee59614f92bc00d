"""The JSON Schema of playbooks, worlds and responses, for editors: from the dataclasses that files are bound to."""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from simulator.places import Word
from simulator.playbook.model import EffectText, PlaybookText, WorldText, WorldUse
from simulator.playbook.planning.responses import ResponsesText
from simulator.playbook.reading.hints import QUANTITIES, REGISTRIES, Amount, Slot, noun, slots_of, unwrapped
from simulator.playbook.reading.nodes import Node
from simulator.playbook.reading.words import Filler, Range
from simulator.timeline.field_generators import Generator
from simulator.world.system import System

_FILES: dict[str, type] = {"playbook": PlaybookText, "world": WorldText, "responses": ResponsesText}
_PLAIN: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_REFERENCE = {"type": "string", "pattern": r"^\$[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"}


_WEIGHED = {
    "type": "object",
    "description": "values with their weights",
    "additionalProperties": {"type": "number", "minimum": 0},
}


def file_schema(what: str = "playbook", systems: Mapping[str, System] | None = None) -> dict[str, Any]:
    """Return the schema of a file: ``playbook``, ``world`` or ``responses``.

    ``systems`` are those that are installed; without them any system and any effect will do.
    """
    writer = _Writer(systems or {})
    root = writer.reference(_FILES[what])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Feint {what}",
        **root,
        "$defs": {**writer.definitions, "reference": {"description": "$name of a parameter or the cast", **_REFERENCE}},
    }


class _Writer:
    """Collects the definitions that a schema needs, each dataclass once."""

    def __init__(self, systems: Mapping[str, System]) -> None:
        self.systems = systems
        self.definitions: dict[str, Any] = {}
        self._names: dict[type, str] = {}

    def reference(self, kind: type) -> dict[str, Any]:
        if kind not in self._names:
            is_taken = kind.__name__ in self.definitions  # a plugin's dataclass may be called as one of ours
            name = self._names[kind] = f"{kind.__module__}.{kind.__name__}" if is_taken else kind.__name__
            self.definitions[name] = {}  # so that a dataclass may hold its own kind
            self.definitions[name] = self._dataclass(kind) | self._particulars(kind)
        return {"$ref": f"#/$defs/{self._names[kind]}"}

    def _particulars(self, kind: type) -> dict[str, Any]:
        """Return what installed systems ask of a part of a file."""
        if kind is not EffectText or not self.systems:
            return {}
        rules = []
        for name in sorted({name for each in self.systems.values() for name in each.effects}):
            kinds = [each.effects[name] for each in self.systems.values() if name in each.effects]
            needs = all(any(slot.required for slot in slots_of(made)) for made in kinds)
            then = {"properties": {"with": _either([self.reference(made) for made in kinds])}}
            asked = {"properties": {"effect": {"const": name}}, "required": ["effect"]}
            rules.append({"if": asked, "then": then | ({"required": ["with"]} if needs else {})})
        return {"allOf": rules}

    def _dataclass(self, kind: type) -> dict[str, Any]:
        slots = slots_of(kind)
        properties = {slot.name: self._slot(slot) | self._installed(kind, slot) for slot in slots}
        if "weights" in properties:
            properties["values"] = {"anyOf": [properties["values"], _WEIGHED]}
        return {
            "type": "object",
            "description": _description(kind),
            "properties": properties,
            "required": [slot.name for slot in slots if slot.required],
            "additionalProperties": False,
        }

    def _slot(self, slot: Slot) -> dict[str, Any]:
        schema = self.of(slot.hint, slot.range)
        return {**schema, "description": slot.help} if slot.help else schema

    def _installed(self, kind: type, slot: Slot) -> dict[str, Any]:
        """Return what is known of a part of a file once it is known which systems are installed."""
        if kind in (WorldText, WorldUse) and slot.name == "systems" and self.systems:
            described = {name: self.reference(each.description) for name, each in self.systems.items()}
            return {"properties": described, "additionalProperties": False}
        if kind is EffectText and slot.name == "effect" and self.systems:
            return _or_reference({"enum": sorted({name for each in self.systems.values() for name in each.effects})})
        return {}

    def of(self, hint: Any, limits: Range | None = None) -> dict[str, Any]:
        """Return the schema of what is bound by a hint."""
        hint, extras = unwrapped(hint)
        limits = limits or extras.get(Range)
        if Filler in extras:
            return {"anyOf": [{"type": ["string", "number", "boolean", "null"]}, self._registered(Generator)]}
        if hint is Any or set(get_args(hint)) >= set(get_args(Node)):
            return {}
        if get_origin(hint) is not None:
            return self._compound(get_origin(hint), get_args(hint), limits)
        if hint in REGISTRIES:
            return self._registered(hint)
        is_made = isinstance(hint, type) and dataclasses.is_dataclass(hint)
        return self.reference(hint) if is_made else _scalar(hint, limits)

    def _compound(self, origin: Any, arguments: tuple[Any, ...], limits: Range | None) -> dict[str, Any]:
        if origin in (Union, types.UnionType):
            return {"anyOf": [self.of(each, limits) for each in arguments if each is not types.NoneType]}
        if origin is Literal:
            return _or_reference({"enum": list(arguments)})
        if origin is tuple:
            return {"type": "array", "items": self.of(arguments[0])}
        return {"type": "object", "additionalProperties": self.of(arguments[1])}

    def _registered(self, protocol: Any) -> dict[str, Any]:
        name = noun(protocol).partition(" ")[2]
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = {"anyOf": self._ways(protocol)}
        return {"$ref": f"#/$defs/{name}"}

    def _ways(self, protocol: Any) -> list[dict[str, Any]]:
        """Return how somebody of a registry can be written: by name, in long or in short form, or as a constant."""
        registry = REGISTRIES[protocol]
        ways: list[dict[str, Any]] = []
        bare = [name for name, kind in registry.items() if not any(slot.required for slot in slots_of(kind))]
        if bare:
            ways.append({"enum": bare})
        if "constant" in registry:
            ways.append(_scalar(Amount, None))
        for name, kind in registry.items():
            slots = slots_of(kind)
            written = [self.reference(kind)]
            if slots and not any(slot.required for slot in slots[1:]):
                written.append(self._slot(slots[0]))
            if any(slot.name == "weights" for slot in slots):
                written.append(_WEIGHED)
            ways.append(
                {
                    "type": "object",
                    "description": _description(kind),
                    "properties": {name: {"anyOf": written}},
                    "required": [name],
                    "additionalProperties": False,
                }
            )
        return ways


def _scalar(hint: Any, limits: Range | None) -> dict[str, Any]:
    if hint is Amount:
        return _or_reference({"type": ["number", "string"]})
    if hint in QUANTITIES:
        quantity = QUANTITIES[hint]
        text = {"type": "string", "description": quantity.expected, "pattern": quantity.pattern}
        number = {"type": "number", "minimum": 0, "maximum": 1}
        return _or_reference({"anyOf": [text, number]} if quantity.takes_numbers else text)
    if isinstance(hint, type) and issubclass(hint, Word):
        return _or_reference({"type": "string", **({"pattern": f"^{hint.pattern}$"} if hint.pattern else {})})
    bounds = {
        name: bound
        for name, bound in (
            ("minimum", limits and limits.min),
            ("maximum", limits and limits.max),
            ("exclusiveMinimum", limits and limits.above),
        )
        if bound is not None
    }
    plain = {"type": _PLAIN[hint], **bounds}
    return plain if hint is str else _or_reference(plain)


def _either(ways: list[dict[str, Any]]) -> dict[str, Any]:
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _or_reference(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"$ref": "#/$defs/reference"}]}


def _description(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
