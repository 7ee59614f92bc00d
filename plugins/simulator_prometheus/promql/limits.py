"""What is looked at before the parser reads a text: it recurses without end, and at some numbers it panics."""

from __future__ import annotations

import re

from simulator_prometheus.promql.errors import NotEvaluatedError, PromQLError

LONGEST_DURATION = 2**63 // 1_000_000  # ms: Go counts nanoseconds
LITERAL = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|#[^\n]*', re.DOTALL)
_LONGEST = 16_384  # characters
_MOST_OPERATORS = 1_000
_OPERATOR = re.compile(r"[-+*/%^(\[]|[=!<>]=?|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
_BEFORE_1970 = re.compile(r"@\s*-")
_RANGE = re.compile(r"\[[^\]]*")
_OFFSET = re.compile(r"\boffset\b\s*[-+]?\s*([\w.]+(?:(?<=[eE])[-+]?\d+)?)", re.IGNORECASE)
_NUMBER = re.compile(r"nan|inf|infinity|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)


def plain(text: str) -> str:
    """Return a text without what stands in quotes and comments, if the parser can be given it."""
    if len(text) > _LONGEST:
        raise NotEvaluatedError(f"an expression may have {_LONGEST} characters, this one has {len(text)}")
    left = LITERAL.sub('""', text)
    if sum(1 for _ in _OPERATOR.finditer(left)) > _MOST_OPERATORS:
        raise NotEvaluatedError(f"an expression may have {_MOST_OPERATORS} operators and parentheses, this has more")
    if _BEFORE_1970.search(left):
        raise NotEvaluatedError("@ is evaluated for times from 1970 on")
    durations = [part for found in _RANGE.findall(left) for part in found[1:].split(":")] + _OFFSET.findall(left)
    if any(_is_endless(duration.strip().lstrip("+-")) for duration in durations):
        raise too_long()
    return left


def too_long() -> PromQLError:
    return PromQLError("a duration may be 292 years long, this one is longer")


def _is_endless(duration: str) -> bool:
    """Say whether this is a number of seconds that is more than all durations, or is none."""
    if duration[:2] in ("0x", "0X"):
        return len(duration) > 10
    return _NUMBER.fullmatch(duration) is not None and not float(duration) <= LONGEST_DURATION / 1000
