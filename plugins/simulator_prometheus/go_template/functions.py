"""The functions of Prometheus' templates, and those that Go's templates have anyway."""

from __future__ import annotations

import html
import ipaddress
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus

from simulator_prometheus.go_template.lexing import TemplateFault
from simulator_prometheus.go_template.values import Sample, formatted, is_true, joined, kind_of, printed
from simulator_prometheus.go_values import duration_of
from simulator_prometheus.regex import BadRegexError, replaced, searched

_UP, _DOWN = ("k", "M", "G", "T", "P", "E", "Z", "Y"), ("m", "u", "n", "p", "f", "a", "z", "y")
Function = Callable[..., Any]


def significant(value: float) -> str:
    """Write four significant digits (``%.4g``)."""
    if math.isnan(value):
        return "NaN"
    return ("+Inf" if value > 0 else "-Inf") if math.isinf(value) else f"{value:.4g}"


def number(value: Any) -> float:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            raise TemplateFault(f'strconv.ParseFloat: parsing "{value}": invalid syntax') from None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise TemplateFault(f"can't convert {kind_of(value)} to float")


def _scaled(value: float, base: float, prefixes: tuple[str, ...]) -> tuple[float, str]:
    prefix = ""
    for each in prefixes:
        if abs(value) < base:
            break
        prefix, value = each, value / base
    return value, prefix


def _small(value: float) -> tuple[float, str]:
    prefix = ""
    for each in _DOWN:
        if abs(value) >= 1:
            break
        prefix, value = each, value * 1000
    return value, prefix


def humanize(value: Any) -> str:
    amount = number(value)
    if amount == 0 or not math.isfinite(amount):
        return significant(amount)
    amount, prefix = _scaled(amount, 1000, _UP) if abs(amount) >= 1 else _small(amount)
    return significant(amount) + prefix


def humanize_1024(value: Any) -> str:
    amount = number(value)
    if abs(amount) <= 1 or not math.isfinite(amount):
        return significant(amount)
    amount, prefix = _scaled(amount, 1024, ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"))
    return significant(amount) + prefix


def humanize_duration(value: Any) -> str:
    amount = number(value)
    if not math.isfinite(amount):
        return significant(amount)
    if amount == 0 or abs(amount) < 1:
        small, prefix = _small(amount) if amount else (0.0, "")
        return f"{significant(small)}{prefix}s"
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    whole = int(amount)
    days, hours, minutes, seconds = whole // 86_400, whole // 3_600 % 24, whole // 60 % 60, whole % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    return f"{sign}{minutes}m {seconds}s" if minutes else f"{sign}{significant(amount)}s"


def humanize_percentage(value: Any) -> str:
    return significant(number(value) * 100) + "%"


def humanize_timestamp(value: Any) -> str:
    amount = number(value)
    if not math.isfinite(amount):
        return significant(amount)
    if not -(2**63) <= amount * 1e9 < 2**63:
        raise TemplateFault(f"{printed(amount)} cannot be represented as a nanoseconds timestamp")
    milliseconds = math.trunc(math.trunc(amount * 1e9) / 1_000_000)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise TemplateFault(f"wrong type for value; expected string; got {kind_of(value)}")
    return value


def _title(value: Any) -> str:
    """Make the first letter of each word large, and leave the others."""
    told, within = [], False
    for letter in text(value):
        told.append(letter if within or not letter.isalpha() else letter.title())
        within = letter.isalnum() or letter in "_'" or (within and letter in ".:\N{MIDDLE DOT}")
    return "".join(told)


def _host_and_port(address: str) -> tuple[str, str] | None:
    """Split ``host:port`` as Go's net.SplitHostPort does; None where that fails."""
    host, colon, port = address.rpartition(":")
    if host.startswith("["):
        return (host[1:-1], port) if host.endswith("]") and not set("[]") & set(host[1:-1] + port) else None
    return (host, port) if colon and not set(":[]") & set(host + port) else None


def _strip_port(address: Any) -> str:
    parts = _host_and_port(text(address))
    return parts[0] if parts else address


def _strip_domain(address: Any) -> str:
    host, port = _host_and_port(text(address)) or (address, "")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        host = host.partition(".")[0]
        return f"{host}:{port}" if port else host
    return text(address)


def _first(found: Any) -> Any:
    if not isinstance(found, list):
        raise TemplateFault(f"wrong type for value; expected template.queryResult; got {kind_of(found)}")
    if not found:
        raise TemplateFault("first() called on vector with no elements")
    return found[0]


def _sample(value: Any) -> Sample:
    if not isinstance(value, Sample):
        raise TemplateFault(f"wrong type for value; expected *template.sample; got {kind_of(value)}")
    return value


def _seconds(duration: Any) -> float:
    told = text(duration)
    found = duration_of(told.removeprefix("-"))
    if found is None:
        raise TemplateFault(f'not a valid duration string: "{told}"')
    return found / 1e9 * (-1 if told.startswith("-") else 1)


def _regex(act: Callable[..., Any]) -> Function:
    def call(*arguments: Any) -> Any:
        try:
            return act(*map(text, arguments))
        except BadRegexError as error:
            raise TemplateFault(str(error)) from None

    return call


def _by_label(label: Any, found: Any) -> list[Sample]:
    return sorted(found, key=lambda sample: _sample(sample).labels.get(text(label), ""))


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(text(key), "")
        elif isinstance(value, list | str) and isinstance(key, int) and not isinstance(key, bool):
            if not 0 <= key < len(value):
                raise TemplateFault(f"error calling index: index out of range: {key}")
            value = ord(value[key]) if isinstance(value, str) else value[key]
        else:
            raise TemplateFault(f"error calling index: can't index item of type {kind_of(value)}")
    return value


def _slice(value: Any, *bounds: Any) -> Any:
    if not isinstance(value, str | list) or len(bounds) > 2 or not all(type(each) is int for each in bounds):
        raise TemplateFault(f"error calling slice: can't slice item of type {kind_of(value)}")
    start, end = (0, len(value)) if not bounds else (bounds[0], bounds[1] if len(bounds) > 1 else len(value))
    if not 0 <= start <= end <= len(value):
        raise TemplateFault("error calling slice: index out of range")
    return value[start:end]


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, list | dict):
        return len(value)
    raise TemplateFault(f"error calling len: len of type {kind_of(value)}")


def _basic(value: Any) -> str:
    kind = kind_of(value)
    if kind not in ("bool", "int", "float64", "string"):
        raise TemplateFault("invalid type for comparison")
    return kind


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise TemplateFault("missing argument for comparison")
    if any(_basic(other) != _basic(first) for other in others):
        raise TemplateFault("incompatible types for comparison")
    return any(other == first for other in others)


def _less(first: Any, second: Any) -> bool:
    if _basic(first) != _basic(second):
        raise TemplateFault("incompatible types for comparison")
    if isinstance(first, bool):
        raise TemplateFault("invalid type for comparison")
    return bool(first < second)


@lru_cache
def plain_functions() -> Mapping[str, Function]:
    """Return the functions that need to know nothing but their arguments."""
    return {
        "first": _first,
        "label": lambda name, sample: _sample(sample).labels.get(text(name), ""),
        "value": lambda sample: _sample(sample).value,
        "strvalue": lambda sample: _sample(sample).labels.get("__value__", ""),
        "args": lambda *values: {f"arg{index}": value for index, value in enumerate(values)},
        "reReplaceAll": _regex(replaced),
        "match": _regex(searched),
        "safeHtml": text,
        "title": _title,
        "toUpper": lambda value: text(value).upper(),
        "toLower": lambda value: text(value).lower(),
        "sortByLabel": _by_label,
        "stripPort": _strip_port,
        "stripDomain": _strip_domain,
        "humanize": humanize,
        "humanize1024": humanize_1024,
        "humanizeDuration": humanize_duration,
        "humanizePercentage": humanize_percentage,
        "humanizeTimestamp": humanize_timestamp,
        "parseDuration": _seconds,
        "urlQueryEscape": lambda value: quote_plus(text(value), safe="~"),
        "graphLink": lambda query: f"/graph?g0.expr={quote_plus(text(query), safe='~')}&g0.tab=0",
        "tableLink": lambda query: f"/graph?g0.expr={quote_plus(text(query), safe='~')}&g0.tab=1",
        "not": lambda value: not is_true(value),
        "len": _length,
        "index": _index,
        "slice": _slice,
        "print": lambda *values: joined(values),
        "println": lambda *values: joined(values, line=True),
        "printf": formatted,
        "html": lambda *values: html.escape(joined(values)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        "urlquery": lambda *values: quote_plus(joined(values), safe="~"),
        "eq": _equal,
        "ne": lambda first, second: not _equal(first, second),
        "lt": _less,
        "le": lambda first, second: _less(first, second) or _equal(first, second),
        "gt": lambda first, second: not (_less(first, second) or _equal(first, second)),
        "ge": lambda first, second: not _less(first, second),
    }


NOT_RUN = frozenset({"call", "js", "toTime", "toDuration"})
"""Functions that Prometheus has and that are refused here by name."""
OF_THE_PLACE = frozenset({"query", "now", "pathPrefix", "externalURL", "and", "or"})
"""Functions that need to know where they are called."""
