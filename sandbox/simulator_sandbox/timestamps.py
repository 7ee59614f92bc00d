"""Reading times in SQL: from the text of a record to nanoseconds since the epoch, or NULL."""

from __future__ import annotations

import re

_HALF_A_YEAR = 182 * 86_400 * 1_000_000_000


def moment(text: str, time_format: str) -> str:
    """Return SQL for the time that the SQL expression ``text`` holds; the column ``arrived`` is in scope."""
    if time_format == "epoch":
        return f"(TRY_CAST({text} AS DECIMAL(20, 9)) * 1000000000)::BIGINT"
    if time_format == "epoch_ns":
        return f"TRY_CAST({text} AS BIGINT)"
    if time_format == "epoch_ms":
        return f"TRY_CAST({text} AS BIGINT) * 1000000"
    if time_format == "iso":
        # TIMESTAMP_NS keeps all the digits but overlooks an offset, TIMESTAMPTZ is the other way round
        return (
            f"CASE WHEN ends_with({text}, 'Z') THEN epoch_ns(TRY_CAST({text} AS TIMESTAMP_NS)) "
            f"ELSE epoch_ns(TRY_CAST({text} AS TIMESTAMPTZ)) END"
        )
    if re.search(r"%[YyGcxs]", time_format):
        return f"epoch_ns(try_strptime({text}, {_quoted(time_format)}))"
    return _without_year(text, time_format)


def _without_year(text: str, time_format: str) -> str:
    """Take the year of the arrival; what would then lie far ahead of it is of the year before."""

    def in_year(year: str) -> str:
        return f"epoch_ns(try_strptime(({year}) || ' ' || {text}, {_quoted('%Y ' + time_format)}))"

    year = "year(make_timestamp_ns(arrived))"
    same, before = in_year(year), in_year(f"{year} - 1")
    return f"CASE WHEN {same} IS NULL OR {same} > arrived + {_HALF_A_YEAR} THEN {before} ELSE {same} END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
