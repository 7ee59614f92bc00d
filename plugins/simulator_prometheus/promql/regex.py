"""Regular expressions as Prometheus reads them: RE2's syntax, anchored at both ends, in linear time.

Arrow brings RE2 along. Python's own ``re`` reads some patterns otherwise and takes exponential time for others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator_prometheus.promql.errors import NotEvaluatedError, PromQLError

_LONGEST = 4096  # characters
_REFERENCE = re.compile(r"\$(?:\{(?P<braced>[^}]*)\}|(?P<bare>\w+)|(?P<dollar>\$))", re.ASCII)
_GROUP = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\((?!\?)|\(\?P?<(\w+)>", re.DOTALL)


class WrongRegexError(PromQLError):
    """A pattern that is no regular expression."""


def matches(pattern: str, values: Sequence[str]) -> NDArray[np.bool_]:
    """Say of each value whether all of it matches."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        found = pc.match_substring_regex(pa.array(values, pa.string()), _anchored(pattern))
    except pa.ArrowInvalid as error:
        raise WrongRegexError(f"cannot read the regular expression {pattern!r}: {_reason(error)}") from None
    answer: NDArray[np.bool_] = found.to_numpy(zero_copy_only=False).astype(bool)
    return answer


def replaced(pattern: str, replacement: str, values: Sequence[str]) -> list[str | None]:
    """Return the replacement with Go's ``$1``, ``${name}`` filled in, or None where a value does not match."""
    import pyarrow as pa
    import pyarrow.compute as pc

    hits = matches(pattern, values)
    rewrite = _rewrite(pattern, replacement)
    filled = pc.replace_substring_regex(pa.array(values, pa.string()), _anchored(pattern), rewrite)
    return [text if hit else None for text, hit in zip(filled.to_pylist(), hits, strict=True)]


def _anchored(pattern: str) -> str:
    if len(pattern) > _LONGEST:
        raise NotEvaluatedError(f"a regular expression may have {_LONGEST} characters, this one has {len(pattern)}")
    return f"^(?s:{pattern})$"


def _reason(error: Exception) -> str:
    return str(error).removeprefix("Invalid regular expression: ").strip()


def _rewrite(pattern: str, replacement: str) -> str:
    """Turn Go's references into RE2's; a group that is not there is nothing."""
    names: list[str] = [found[1] or "" for found in _GROUP.finditer(pattern) if found[0].startswith("(")]

    def reference(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        name = found["braced"] if found["braced"] is not None else found["bare"]
        if not re.fullmatch(r"\w+", name, re.ASCII):
            return found[0].replace("\\", r"\\") if found["braced"] is not None else ""
        number = int(name) if name.isdigit() else names.index(name) + 1 if name in names else len(names) + 1
        if number > len(names):
            return ""
        if number > 9:
            raise NotEvaluatedError(f"label_replace() fills in groups up to $9, not ${name}")
        return f"\\{number}"

    parts = []
    end = 0
    for found in _REFERENCE.finditer(replacement):
        parts += [replacement[end : found.start()].replace("\\", r"\\"), reference(found)]
        end = found.end()
    return "".join([*parts, replacement[end:].replace("\\", r"\\")])
