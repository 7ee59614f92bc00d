"""Values of templates: what they are called, when they count as true, and how Go prints them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from simulator_prometheus.go_template.lexing import TemplateFault

_LARGE = 6  # from this power of ten on, an exponent is written
_VERB = re.compile(r"%([-+# 0]*)(\*|\d*)(?:\.(\*|\d*))?(.|\n|$)")


@dataclass(frozen=True, slots=True)
class Sample:
    """One element of what a query returned."""

    labels: Mapping[str, str]
    value: float


def is_true(value: Any) -> bool:
    """Say what ``if`` takes for true: what is not empty, zero, false or nothing."""
    return bool(value) if isinstance(value, str | int | float | dict | list) else value is not None


def kind_of(value: Any) -> str:
    """Return what Go calls the type of a value."""
    for kind, name in ((bool, "bool"), (int, "int"), (float, "float64"), (str, "string")):
        if isinstance(value, kind):
            return name
    return {list: "template.queryResult", Sample: "*template.sample", type(None): "<nil>"}.get(
        type(value), "map[string]string"
    )


def shortest(value: float) -> str:
    """Write a float as ``%v`` does: the fewest digits that mean it, with an exponent below 0.0001 and from 1e+06 on."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    digits, _, exponent = f"{Decimal(repr(value)).normalize():e}".partition("e")
    if -4 <= int(exponent) < _LARGE:
        return f"{Decimal(repr(value)).normalize():f}"
    return f"{digits}e{exponent[0]}{exponent[1:]:0>2}"


def printed(value: Any) -> str:
    """Write a value as ``{{ . }}`` does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{printed(each)}" for key, each in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(printed(each) for each in value) + "]"
    if isinstance(value, Sample):
        return f"{{{printed(dict(value.labels))} {printed(value.value)}}}"
    return "<no value>" if value is None else str(value)


def joined(values: tuple[Any, ...], *, line: bool = False) -> str:
    """Write values one after the other: ``println`` with spaces, ``print`` with one between two that are no texts."""
    told = ""
    for index, value in enumerate(values):
        between = line or not (isinstance(value, str) or isinstance(values[index - 1], str))
        told += (" " if index and between else "") + _nil(value)
    return told + ("\n" if line else "")


def _nil(value: Any) -> str:
    return "<nil>" if value is None else printed(value)


def formatted(pattern: Any, *values: Any) -> str:
    """Write values as ``printf`` does; what does not fit is told as Go tells it: ``%!d(float64=0.5)``."""
    if not isinstance(pattern, str):
        raise TemplateFault(f"wrong type for value; expected string; got {kind_of(pattern)}")
    rest = list(values)

    def write(match: re.Match[str]) -> str:
        flags, width, precision, verb = match.groups()
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        if "*" in (width, precision):
            raise TemplateFault("printf with * is not read here; write the width")
        if len(width or "") > 3 or len(precision or "") > 3:
            raise TemplateFault("printf with a width of more than 999 is not read here")
        if not rest:
            return f"%!{verb}(MISSING)"
        return _verb(rest.pop(0), verb, flags, width, precision)

    told = _VERB.sub(write, pattern)
    if rest:
        extra = ", ".join(f"{kind_of(each)}={_nil(each)}" for each in rest)
        told += f"%!(EXTRA {extra})"
    return told


def _verb(value: Any, verb: str, flags: str, width: str, precision: str | None) -> str:
    if verb not in "vTbcdoOqxXUeEfFgGstp":
        raise TemplateFault(f"printf with %{verb} is not read here")
    told = _told(value, verb, flags, precision)
    if told is None:
        told = f"%!{verb}({kind_of(value)}={_nil(value)})" if value is not None else f"%!{verb}(<nil>)"
    zeros = isinstance(value, int | float) and not isinstance(value, bool)
    return _padded(told, flags, int(width or 0), zeros=zeros)


def _told(value: Any, verb: str, flags: str, precision: str | None) -> str | None:
    """Return what a verb makes of a value, not yet padded; None if it does not fit."""
    if verb == "T":
        return kind_of(value)
    if isinstance(value, bool):
        return printed(value) if verb in "vt" else None
    if isinstance(value, float):
        return _float(value, "g" if verb == "v" else verb, flags, precision) if verb in "veEfFgG" else None
    if isinstance(value, int):
        signs = "".join(flag for flag in flags if flag in "+ #")
        return f"%{signs}{'d' if verb == 'v' else verb}" % value if verb in "vdxXo" else None
    if isinstance(value, str):
        return _text(value, verb, precision)
    return _nil(value) if verb in "vs" else None


def _text(value: str, verb: str, precision: str | None) -> str | None:
    cut = value[: int(precision or 0)] if precision is not None else value
    if verb == "q":
        escaped = cut.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    if verb in "xX":
        return f"{cut.encode().hex()}" if verb == "x" else cut.encode().hex().upper()
    return cut if verb in "vs" else None


def _float(value: float, verb: str, flags: str, precision: str | None) -> str:
    plus = "+" if "+" in flags and not math.copysign(1, value) < 0 else ""
    if not math.isfinite(value):
        return shortest(value)
    if verb in "gG" and precision is None:
        return plus + shortest(value)
    return f"{plus}%.{precision or 0 if precision is not None else 6}{verb}" % value


def _padded(text: str, flags: str, width: int, *, zeros: bool) -> str:
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and zeros and text[-1:].isdigit():
        return text.zfill(width)
    return text.rjust(width)
