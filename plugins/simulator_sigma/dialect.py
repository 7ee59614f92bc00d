"""Sigma's conditions as DuckDB's SQL.

The meaning is that of pySigma's SQLite backend over a table whose text compares
NOCASE: case is ignored for A–Z, a field that is absent is not equal to anything,
``not`` over an absent field holds. Literals become SQL in one place, ``literal``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    CompareOperators,
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
    TimestampPart,
)

from simulator_sigma.reading import BadRuleError

Columns = Callable[[str, bool], str]
"""Returns the SQL name of a field's column, as it stands or folded. The field "" is the whole text of a record."""

_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_WIDEST = 100  # operands in a row: DuckDB refuses to parse what nests deeper than 1000
_COMPARISONS = {
    CompareOperators.LT: "<",
    CompareOperators.LTE: "<=",
    CompareOperators.GT: ">",
    CompareOperators.GTE: ">=",
    CompareOperators.NEQ: "<>",
}
_TIME_PARTS = {
    TimestampPart.MINUTE: "%M",
    TimestampPart.HOUR: "%H",
    TimestampPart.DAY: "%d",
    TimestampPart.WEEK: "%W",
    TimestampPart.MONTH: "%m",
    TimestampPart.YEAR: "%Y",
}


def condition_sql(condition: object, columns: Columns) -> str:
    """Return a parsed condition as SQL that is true, false or NULL (which counts as false) for each record."""
    if isinstance(condition, ConditionOR):
        return joined((condition_sql(each, columns) for each in condition.args), "OR")
    if isinstance(condition, ConditionAND):
        return joined((condition_sql(each, columns) for each in condition.args), "AND")
    if isinstance(condition, ConditionNOT):
        return f"NOT coalesce({condition_sql(condition.args[0], columns)}, false)"
    if isinstance(condition, ConditionFieldEqualsValueExpression):
        return _field(condition.field, condition.value, columns)
    if isinstance(condition, ConditionValueExpression):
        return _keyword(condition.value, columns)
    raise BadRuleError("its condition matches nothing at all")


def literal(text: str) -> str:
    """Return SQL for a string. The quote is all that has a meaning in it."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadRuleError("a value holds characters that no text can hold (NUL or half a character)", "unconvertible")
    return "'" + text.replace("'", "''") + "'"


def folded(text: str) -> str:
    """Turn A–Z into a–z and leave every other letter."""
    return text.translate(_FOLD)


def joined(parts: Iterable[str], operator: str) -> str:
    operands = list(parts)
    while len(operands) > _WIDEST:
        operands = [
            f"({f' {operator} '.join(operands[place : place + _WIDEST])})"
            for place in range(0, len(operands), _WIDEST)
        ]  # fmt: skip
    return f"({f' {operator} '.join(operands)})"


def _field(field: str, value: SigmaType, columns: Columns) -> str:
    """Return SQL for ``field: value``."""
    converter = next((convert for kind, convert in _CONVERTERS if isinstance(value, kind)), None)
    if converter is None:
        raise BadRuleError(f"values of the kind {type(value).__name__} have no meaning here", "unconvertible")
    return converter(field, value, columns)


def _keyword(value: SigmaType, columns: Columns) -> str:
    """Return SQL for a value without a field: it stands somewhere in the record."""
    match value:
        case SigmaString():
            everywhere = SpecialChars.WILDCARD_MULTI
            parts = [everywhere, *_parts(value), everywhere]
            return _pattern(columns("", not isinstance(value, SigmaCasedString)), parts, cased=_is_cased(value))
        case SigmaNumber():
            return f"contains({columns('', True)}, {literal(folded(str(value)))})"
        case SigmaRegularExpression():
            return f"regexp_matches({columns('', False)}, {_regular_expression(value)})"
        case SigmaExpansion():
            return joined((_keyword(each, columns) for each in value.values), "OR")
    raise BadRuleError(f"a {type(value).__name__} needs a field to be compared with", "unconvertible")


def _string(field: str, value: SigmaString, columns: Columns) -> str:
    cased = _is_cased(value)
    return _pattern(columns(field, not cased), _parts(value), cased=cased)


def _is_cased(value: SigmaString) -> bool:
    return isinstance(value, SigmaCasedString)


def _parts(value: SigmaString) -> list[str | SpecialChars]:
    parts: list[str | SpecialChars] = []
    for part in value.s:
        if isinstance(part, Placeholder):
            raise BadRuleError(f"nobody says what its placeholder %{part.name}% stands for", "unconvertible")
        parts.append(part)
    return parts


def _pattern(column: str, parts: list[str | SpecialChars], *, cased: bool) -> str:
    """Return SQL for text with wildcards; DuckDB's own functions are four times as fast as LIKE."""
    many = SpecialChars.WILDCARD_MULTI
    texts = [part if cased or not isinstance(part, str) else folded(part) for part in parts]
    kinds = [part if isinstance(part, SpecialChars) else "text" for part in texts]
    words = "".join(part for part in texts if isinstance(part, str))
    if not kinds:
        return f"{column} = ''"
    if kinds == ["text"]:
        return f"{column} = {literal(words)}"
    if kinds == ["text", many]:
        return f"starts_with({column}, {literal(words)})"
    if kinds == [many, "text"]:
        return f"ends_with({column}, {literal(words)})"
    if kinds == [many, "text", many]:
        return f"contains({column}, {literal(words)})"
    like = "".join(
        re.sub(r"([%_\\])", r"\\\1", part) if isinstance(part, str) else ("%" if part is many else "_")
        for part in texts
    )  # fmt: skip
    return f"{column} LIKE {literal(like)} ESCAPE '\\'"


def _regular_expression(value: SigmaRegularExpression) -> str:
    if value.contains_placeholder():
        raise BadRuleError("nobody says what the placeholder in its regular expression stands for", "unconvertible")
    return literal(value.escape(escape_escape_char=False))


def _comparison(field: str, value: SigmaCompareExpression, columns: Columns) -> str:
    column, operator, number = columns(field, False), _COMPARISONS[value.op], value.number
    if isinstance(number, SigmaTimestampPart):
        return f"{_time_part(column, number)} {operator} {int(number.number)}"
    parsed = f"TRY_CAST({column} AS DOUBLE)"
    return f"(isfinite({parsed}) AND {parsed} {operator} {float(number.number)!r}::DOUBLE)"


def _time_part(column: str, value: SigmaTimestampPart) -> str:
    return f"strftime(TRY_CAST({column} AS TIMESTAMP), '{_TIME_PARTS[value.timestamp_part]}')::INTEGER"


def _reference(field: str, value: SigmaFieldReference, columns: Columns) -> str:
    one, other = columns(field, True), columns(value.field, True)
    if value.starts_with and value.ends_with:
        return f"contains({one}, {other})"
    if value.starts_with:
        return f"starts_with({one}, {other})"
    if value.ends_with:
        return f"ends_with({one}, {other})"
    return f"{one} = {other}"


def _number(field: str, value: SigmaNumber, columns: Columns) -> str:
    if isinstance(value, SigmaTimestampPart):
        return f"{_time_part(columns(field, False), value)} = {int(value.number)}"
    return f"{columns(field, True)} = {literal(folded(str(value)))}"


def _truth(field: str, value: SigmaBool, columns: Columns) -> str:
    """A boolean reads as a word or as a digit, depending on who wrote it."""
    return f"{columns(field, True)} IN ({literal(str(value.boolean).lower())}, '{int(value.boolean)}')"


def _matches(field: str, value: SigmaRegularExpression, columns: Columns) -> str:
    return f"regexp_matches({columns(field, False)}, {_regular_expression(value)})"


def _network(field: str, value: SigmaCIDRExpression, columns: Columns) -> str:
    return joined((_string(field, SigmaString(part), columns) for part in value.expand()), "OR")


def _null(field: str, value: SigmaNull, columns: Columns) -> str:
    del value
    return f"{columns(field, True)} IS NULL"


def _exists(field: str, value: SigmaExists, columns: Columns) -> str:
    return f"{columns(field, True)} IS {'NOT ' if value.exists else ''}NULL"


def _any_of(field: str, value: SigmaExpansion, columns: Columns) -> str:
    return joined((_field(field, each, columns) for each in value.values), "OR")


_CONVERTERS: tuple[tuple[type[SigmaType], Callable[[str, Any, Columns], str]], ...] = (
    (SigmaString, _string),
    (SigmaNumber, _number),
    (SigmaBool, _truth),
    (SigmaRegularExpression, _matches),
    (SigmaCIDRExpression, _network),
    (SigmaCompareExpression, _comparison),
    (SigmaFieldReference, _reference),
    (SigmaNull, _null),
    (SigmaExists, _exists),
    (SigmaExpansion, _any_of),
)
