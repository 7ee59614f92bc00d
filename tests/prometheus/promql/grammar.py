"""Expressions at random, over the series of ``reference``.

Comparisons are of samples as they are, and powers are left out: there a rounding in the last place, which is allowed to
differ, would decide over more than the last place of the result.
"""

from __future__ import annotations

from hypothesis import strategies as st

_SERIES = {
    "requests_total": ('job="shop"', 'instance!="b"', 'instance=~"a|b"', 'code="200"', 'code!~"4.+"'),
    "temperature": ('room=~".*l.*"', 'floor=~"0|"', 'floor="1"', 'room!="attic"'),
    "limit": ('room=~".*l.*"', 'room!="attic"'),
    "lonely": ('none=""', 'job!="shop"'),
    "up": ('instance!~"[bc]"', 'job="shop"'),
    "build_info": ('version="1.3"', 'instance!="a"'),
    "seconds_bucket": ('job!="mail"', 'le="+Inf"', 'le=~"0.+|.Inf"', 'instance=~"a|d"'),
    "level": ('none!~".+"', 'none="x"'),
}
_LABELS = ("job", "instance", "code", "room", "floor", "le", "version", "none")
_OVER_TIME = (
    "rate", "increase", "delta", "irate", "idelta", "changes", "resets", "avg_over_time", "min_over_time",
    "max_over_time", "sum_over_time", "count_over_time", "stddev_over_time", "last_over_time", "first_over_time",
    "present_over_time", "absent_over_time",
)  # fmt: skip
_OF_NUMBERS = ("abs", "ceil", "floor", "sgn", "sqrt", "timestamp", "absent", "sort", "-", "round")
_AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar")
_DURATIONS = st.sampled_from(("15s", "47s", "1m", "2m30s", "5m", "12m"))
_AT = st.sampled_from(("", "", "", "", " @ start()", " @ end()", " @ 1700001800"))
_OFFSETS = st.one_of(st.just(""), st.just(""), st.builds(" offset {}{}".format, st.sampled_from(("", "-")), _DURATIONS))


def _listed(given: list[str]) -> str:
    return ", ".join(given)


_LABEL_LISTS = st.lists(st.sampled_from(_LABELS), max_size=3, unique=True).map(_listed)


def _selectors() -> st.SearchStrategy[str]:
    each = (st.lists(st.sampled_from(matchers), max_size=1).map(_listed) for matchers in _SERIES.values())
    return st.one_of(
        *(st.builds("{}{{{}}}".format, st.just(name), some) for name, some in zip(_SERIES, each, strict=True))
    )


def _samples() -> st.SearchStrategy[str]:
    return st.builds("{}{}{}".format, _selectors(), _AT, _OFFSETS)


def _ranges(operands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    subqueries = st.builds(
        "({})[{}:{}]{}{}".format, operands, _DURATIONS, st.sampled_from(("", "20s", "1m")), _AT, _OFFSETS
    )
    return st.builds("{}[{}]{}{}".format, _selectors(), _DURATIONS, _AT, _OFFSETS) | subqueries


def _comparisons() -> st.SearchStrategy[str]:
    operators = st.sampled_from(("==", "!=", ">", "<=", "> bool", "!= bool"))
    return st.builds("({} {} {})".format, _samples(), operators, st.sampled_from(("1", "20", "21.2", "0.5")))


def _matchings() -> st.SearchStrategy[str]:
    sides = st.sampled_from(("", "", " group_left()", " group_right()", " group_left(version)"))
    return st.builds("{}({}){}".format, st.sampled_from(("on", "ignoring")), _LABEL_LISTS, sides).filter(
        lambda text: not (text.startswith("on") and "version" in text.partition(")")[0] and "(version)" in text)
    )


def _larger(operands: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    grouping = st.one_of(st.just(""), st.builds(" {} ({})".format, st.sampled_from(("by", "without")), _LABEL_LISTS))
    arithmetic = st.sampled_from(("+", "-", "*"))
    matching = st.one_of(st.just(""), _matchings())
    sets = st.builds("{}({})".format, st.sampled_from(("on", "ignoring")), _LABEL_LISTS)
    return st.one_of(
        st.builds("{}({})".format, st.sampled_from(_OVER_TIME), _ranges(operands)),
        st.builds("quantile_over_time({}, {})".format, st.sampled_from(("0.9", "-1", "0.25")), _ranges(operands)),
        st.builds("{}{} ({})".format, st.sampled_from(_AGGREGATIONS), grouping, operands),
        st.builds("quantile{} (0.7, {})".format, grouping, operands),
        st.builds("{}{} (2, {})".format, st.sampled_from(("topk", "bottomk")), grouping, _samples()),
        st.builds("({} {} {} {})".format, operands, arithmetic, matching, operands),
        st.builds("({} {} 3)".format, operands, st.sampled_from(("+", "-", "*", "/"))),
        st.builds(
            "({} {} {} {})".format, operands, st.sampled_from(("and", "or", "unless")), st.just("") | sets, operands
        ),
        st.builds("{}({})".format, st.sampled_from(_OF_NUMBERS), operands),
        st.builds("histogram_quantile(0.8, {})".format, operands),
        st.builds(
            'label_replace({}, "{}", "x$1", "{}", "(.).*")'.format,
            operands,
            st.sampled_from(_LABELS),
            st.sampled_from(_LABELS),
        ),
        st.builds("clamp({}, 1, 20)".format, operands),
        st.builds("vector(scalar({}))".format, operands),
    )


def vectors() -> st.SearchStrategy[str]:
    """Give expressions of instant vectors."""
    return st.recursive(_samples() | _comparisons(), _larger, max_leaves=4)
