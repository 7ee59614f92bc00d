"""Regular expressions as Prometheus has them (RE2): no pattern takes long, however it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any


class BadRegexError(ValueError):
    """A pattern that RE2 does not take."""


@lru_cache(maxsize=4096)
def searched(pattern: str, text: str) -> bool:
    """Say whether a pattern is found anywhere in a text."""
    return bool(_asked("match_substring_regex", text, pattern=pattern))


def matched(pattern: str, text: str) -> bool:
    """Say whether a pattern is the whole text, line breaks included, as for labels."""
    return searched(f"^(?s:{pattern})$", text)


def check(pattern: str) -> None:
    """Raise if this is no pattern."""
    matched(pattern, "")


@lru_cache(maxsize=4096)
def replaced(pattern: str, replacement: str, text: str) -> str:
    """Replace what a pattern matches; ``$1``, ``${1}`` and ``${name}`` stand for its groups, as in Go."""
    names = _names(pattern)
    told = _asked("replace_substring_regex", text, pattern=pattern, replacement=_in_re2(replacement, names))
    return str(told)


def _names(pattern: str) -> Sequence[str]:
    """Return the groups' names in order, empty for those without."""
    found = re.finditer(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P?<(\w+)>", pattern)
    return [match[1] or "" for match in found if match[0].startswith("(")]


def _in_re2(replacement: str, names: Sequence[str]) -> str:
    def group(match: re.Match[str]) -> str:
        name = match[1] or match[2] or ""
        if match[0] == "$$":
            return "$"
        if match[0] == "\\":
            return "\\\\"
        if name.isdecimal():
            return f"\\{name}" if int(name) <= min(len(names), 9) else ""
        return f"\\{names.index(name) + 1}" if name in names else "" if name else match[0]

    return re.sub(r"\$\$|\\|\$(?:(\w+)|\{(\w+)\})", group, replacement)


def _asked(function: str, text: str, **options: str) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return getattr(pc, function)(pa.array([text], pa.string()), **options)[0].as_py()
    except pa.ArrowInvalid as error:
        raise BadRegexError(f"{options['pattern']!r} is no regular expression: {error}") from error
