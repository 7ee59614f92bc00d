"""Recognises printed expressions that can be written for all rows at once."""

from __future__ import annotations

import numpy as np
from jinja2 import nodes

from simulator.errors import TemplateError
from simulator.telemetry.templates.expressions import ConstantNumber, Number, Vectors, is_whole
from simulator.telemetry.templates.filters import ISO, MOST_DIGITS, json
from simulator.telemetry.templates.timeformats import TimeFormat, time_format
from simulator.telemetry.templates.writers import (
    AsString,
    Quoted,
    WriteBigEndian,
    WriteHexInteger,
    WriteHexIntegerPart,
    WriteIdentifier,
    WriteIdentifierPart,
    WriteInteger,
    WriteList,
    WriteNumber,
    Writer,
    WriteSeconds,
    WriteText,
    WriteTime,
    html_json,
    needs_escape,
    needs_html_escape,
)


def writer(node: nodes.Expr, vectors: Vectors) -> Writer | None:  # noqa: PLR0911  (one for each shape)
    """Recognise a printed expression; None leaves it to Jinja2."""
    node = vectors.resolved(node)
    number = vectors.number(node)
    if number is not None:
        return None if isinstance(number, ConstantNumber) else WriteInteger(number)
    if isinstance(node, nodes.Name) and vectors.kinds.get(node.name) == "text":
        return WriteText(node.name)
    if isinstance(node, nodes.Getitem):
        return _part(node, vectors)
    if not isinstance(node, nodes.Filter) or node.node is None or not vectors.is_ours(node):
        return None
    if node.name in ("json", "tojson", "string"):
        return _outer(node, vectors) if vectors.arguments(node, ()) is not None else None
    inner = vectors.resolved(node.node)
    kind = vectors.kinds.get(inner.name, "coded") if isinstance(inner, nodes.Name) else "coded"
    if isinstance(inner, nodes.Name) and kind in _WIDE:
        return _WIDE[kind](node, inner.name, vectors)
    number = vectors.number(inner)
    return None if number is None or isinstance(number, ConstantNumber) else _number(node, number, vectors)


def _outer(node: nodes.Filter, vectors: Vectors) -> Writer | None:
    """Recognise ``|json``, ``|tojson`` and ``|string`` around something that is recognised itself."""
    assert node.node is not None
    inner = writer(node.node, vectors)
    is_number = isinstance(inner, WriteInteger) or (isinstance(inner, WriteBigEndian) and inner.style == "decimal")
    if inner is None or isinstance(inner, Quoted):
        return inner if node.name == "string" else None
    if node.name == "string":
        return AsString(inner) if is_number else inner
    if is_number:
        return inner
    if isinstance(inner, WriteText):
        how = (json, needs_escape) if node.name == "json" else (html_json, needs_html_escape)
        return WriteText(inner.name, *how) if inner.escape is None else None
    if isinstance(inner, WriteTime):
        text = "".join(part.what for part in inner.layout.parts if part.kind == "text")
        return None if needs_html_escape(np.frombuffer(text.encode() or b"-", np.uint8)).any() else Quoted(inner)
    return Quoted(inner)


def _identifier(node: nodes.Filter, name: str, vectors: Vectors) -> Writer | None:
    if vectors.arguments(node, ()) is None:
        return None
    if node.name in ("hex", "HEX", "uuid", "guid", "base62"):
        return WriteIdentifier(name, node.name)
    return WriteBigEndian(name, node.name) if node.name in ("hexint", "decimal") else None


def _float(node: nodes.Filter, name: str, vectors: Vectors) -> Writer | None:
    return WriteNumber(name) if node.name == "number" and vectors.arguments(node, ()) is not None else None


def _list(node: nodes.Filter, name: str, vectors: Vectors) -> Writer | None:
    arguments = vectors.arguments(node, ("d",)) if node.name == "join" else None
    between = vectors.constant(arguments[0]) if arguments and arguments[0] is not None else None
    return WriteList(name, between) if isinstance(between, str) else None


_WIDE = {"identifier": _identifier, "number": _float, "list": _list}


def _part(node: nodes.Getitem, vectors: Vectors) -> Writer | None:
    """Recognise a stretch of hexadecimal digits: ``(trace|hex)[8:16]``, ``(time|hexint)[2:]``."""
    if not isinstance(node.arg, nodes.Slice) or node.arg.step is not None:
        return None
    whole = writer(node.node, vectors)
    written = [node.arg.start, node.arg.stop]
    bounds = [None if bound is None else vectors.constant(bound) for bound in written]
    if any(bound is not None and not is_whole(found) for bound, found in zip(written, bounds, strict=True)):
        return None
    if isinstance(whole, WriteIdentifier) and whole.style in ("hex", "HEX"):
        return WriteIdentifierPart(whole.name, slice(*bounds), upper=whole.style == "HEX")
    return WriteHexIntegerPart(whole.number, slice(*bounds)) if isinstance(whole, WriteHexInteger) else None


def _number(node: nodes.Filter, number: Number, vectors: Vectors) -> Writer | None:
    if node.name == "iso" and vectors.arguments(node, ()) is not None:
        return WriteTime(number, time_format(ISO))
    if node.name == "hexint" and vectors.arguments(node, ()) is not None:
        return WriteHexInteger(number)
    if node.name == "strftime":
        arguments = vectors.arguments(node, ("format",))
        layout = vectors.constant(arguments[0]) if arguments and arguments[0] is not None else None
        return WriteTime(number, _layout(layout, node.lineno)) if isinstance(layout, str) else None
    if node.name in ("epoch", "seconds"):
        arguments = vectors.arguments(node, ("digits",))
        if arguments is None:
            return None
        digits = 6 if arguments[0] is None else vectors.constant(arguments[0])
        return WriteSeconds(number, digits) if is_whole(digits) and 0 <= digits <= MOST_DIGITS else None
    return None


def _layout(text: str, line: int) -> TimeFormat:
    try:
        text.encode()
        return time_format(text)
    except ValueError as error:
        raise TemplateError(str(error), line) from error
