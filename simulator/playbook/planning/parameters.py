"""Parameters of a playbook: their defaults, and what ``--set`` makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Any

from simulator.errors import UsageError, did_you_mean
from simulator.places import Complaints, Place
from simulator.playbook.model import Parameter
from simulator.playbook.reading.binding import Binder, Unbound
from simulator.playbook.reading.nodes import Node, Scalar, spoken_of
from simulator.quantities import Nanoseconds, PerSecond, Share

_HINTS: Mapping[str, Any] = {
    "integer": int,
    "number": float,
    "text": str,
    "choice": str,
    "duration": Nanoseconds,
    "rate": PerSecond,
    "share": Share,
}


def defaults(parameters: Mapping[str, Parameter], complaints: Complaints) -> dict[str, Any]:
    """Return the default of each, as it is written (``30m``), checked against its type and range."""
    for name, parameter in parameters.items():
        if parameter.type == "choice" and not parameter.values:
            complaints.add(parameter.place, f"the choice {name!r} needs 'values': what it is from")
        try:
            _check(parameter, parameter.default, complaints)
        except Unbound:
            continue
    return {name: getattr(parameter.default, "value", None) for name, parameter in parameters.items()}


def settings(parameters: Mapping[str, Parameter], given: Mapping[str, object]) -> dict[str, Any]:
    """Return the value of each, as it would be written. UsageError says what of the given ones is wrong."""
    said = []
    values = {name: getattr(parameter.default, "value", None) for name, parameter in parameters.items()}
    for name, value in given.items():
        if name not in parameters:
            known = did_you_mean(name, parameters) or f"; it has {', '.join(parameters) or 'none'}"
            said.append(f"--set {name}={value}: the playbook has no parameter {name!r}{known}")
            continue
        values[name] = _typed(parameters[name], value)
        complaints = Complaints()
        try:
            _check(parameters[name], Scalar(values[name], Place("--set", 1, 1)), complaints)
        except Unbound:
            said += [f"--set {name}={value}: {message}" for message in complaints.messages()]
    if said:
        raise UsageError("\n".join(said))
    return values


def _typed(parameter: Parameter, value: object) -> object:
    """Read a number from the text that a command line gives."""
    if isinstance(value, str) and parameter.type in ("integer", "number", "share"):
        for read in (int, float):
            try:
                return read(value)
            except ValueError:
                continue
    return value


def _check(parameter: Parameter, node: Node, complaints: Complaints) -> None:
    binder = Binder(complaints)
    hint = _HINTS[parameter.type]
    value = binder.bind(node, hint)
    least, most = (binder.bind_or_none(bound, hint) for bound in (parameter.min, parameter.max))
    if parameter.type in ("text", "choice"):
        if parameter.values and value not in parameter.values:
            known = ", ".join(parameter.values)
            raise binder.refuse(node.place, f"expected one of {known}, not {spoken_of(node)}")
    elif isnan(value) or (least is not None and value < least) or (most is not None and value > most):
        bounds = [
            f"{word} {getattr(bound, 'value', '')}"
            for word, bound in (("from", parameter.min), ("to", parameter.max))
            if bound is not None
        ]
        raise binder.refuse(
            node.place, f"{getattr(node, 'value', '')} is out of range; it goes {' '.join(bounds) or 'to 2⁶³'}"
        )
