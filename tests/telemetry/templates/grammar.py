"""Random templates, as hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st

TEXT = st.sampled_from(["", " ", "a", '"key":', "}", "é😀", "x" * 60, "'", "\\", "#", "%"])
CODED = st.sampled_from(
    [
        *("host.name", "host.ip", "host", "user.name", "user", "path", "status", "host.roles", "user.admin"),
        *(
            "path|json",
            "path|string|upper",
            "host.name|replace('e', 'E')|tojson",
            "host.roles|join(',')",
            "(user and user.name)",
        ),
        *(
            "user.name if user else '-'",
            "status|default(1, true)",
            "host.name ~ '/' ~ path",
            "user ~ host.os",
            "host.roles|length",
        ),
        *(
            "user.roles|first if user and user.roles",
            "path is none",
            "status == 200",
            "[host.name, status]",
            "{'a': path}|tojson",
        ),
        *(
            "host.nothing|default('no')",
            "(path|string)[:3]",
            "user.full_name|e",
            "'%05d'|format(status or 0)",
            "status|json",
        ),
        *("host.attributes.get('x', 'y')", "host.os[0]", "constant", "constant ~ host.name", "number + (status or 0)"),
    ]
)
NUMBER = st.recursive(
    st.sampled_from(
        ["pid", "time", "duration", "duration|milliseconds", "duration|microseconds", "duration|nanoseconds"]
    ),
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from(["+", "-", "*", "//", "%"]), st.sampled_from(["1", "7", "-3", "1000", "number"])
        ).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda number: f"(5 - {number})"),
        inner.map(lambda number: f"(-{number})"),
    ),
    max_leaves=3,
)
DIGITS = st.integers(0, 9).map(str)
FORMAT = st.lists(
    st.sampled_from(
        [
            *(f"%{letter}" for letter in "aAbBcCdDeFgGhHIjklmMnprRsStTuUVwWxXyYzZ%f"),
            "%3f",
            "%6f",
            "%7f",
            "%9f",
            "T",
            " ",
            "é",
        ]
    ),
    max_size=5,
).map("".join)
VARYING = st.one_of(
    NUMBER,
    NUMBER.map(lambda number: f"{number}|hexint"),
    NUMBER.map(lambda number: f"{number}|json"),
    NUMBER.map(lambda number: f"{number}|string|json"),
    st.tuples(NUMBER, DIGITS).map(lambda parts: f"{parts[0]}|seconds({parts[1]})"),
    st.tuples(DIGITS).map(lambda parts: f"time|epoch(digits={parts[0]})"),
    FORMAT.map(lambda layout: f"time|strftime('{layout}')"),
    FORMAT.map(lambda layout: f"time|shift(-1500000000)|strftime('{layout}')|json"),
    st.sampled_from(
        [
            *(
                "time|iso",
                "time|shift(5)|iso|json",
                "time|shift(pid)|epoch(9)",
                "guid|hex",
                "guid|HEX",
                "guid|uuid",
                "(guid|hex)[3:11]",
                "(guid|HEX)[-8:]|lower",
                "(time|hexint)[2:10]",
                "guid|guid|json",
            ),
            *(
                "guid|base62",
                "logon|hexint",
                "logon|decimal",
                "guid|decimal",
                "guid|hexint|json",
                "logon|decimal|json",
                "logon|hex|tojson",
            ),
            *(
                "logon|HEX",
                "logon|base62",
                "note",
                "note|json",
                "note|tojson",
                "note|string|json",
                "note|upper",
                "note ~ host.name",
            ),
            *(
                "(pid, host.name)",
                "pid > 5",
                "pid|string ~ note",
                "pid / 2",
                "pid == 4 and note",
                "guid",
                "note|length",
                "pid ~ pid",
            ),
            *(
                "user.name if pid > 100 else host.name",
                "'a' if note else 'b'",
                "macro_one(pid)",
                "macro_two(host.name, note)",
            ),
            *(
                "alias",
                "alias|json",
                "second",
                "macro_one(time|iso)",
                "macro_two(pid, y=duration|seconds(3))",
                "time|shift(duration)|iso",
            ),
        ]
    ),
)
EXPRESSION = st.one_of(CODED, CODED, VARYING)
TEST = st.recursive(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "user",
                    "user.admin",
                    "host.os == 'linux'",
                    "path",
                    "status",
                    "status in (200, 404)",
                    "host.name == path",
                    "note",
                ),
                *(
                    "pid > 1000",
                    "1 < pid <= 20000",
                    "pid in (4, 22, 443)",
                    "pid not in [0, 1]",
                    "pid",
                    "duration < 0",
                    "pid == 22",
                ),
                *(
                    "note == 'plain'",
                    "pid is odd",
                    "note is none",
                    "pid is defined",
                    "user is none",
                    "pid + 5 > time",
                    "'a' in note",
                ),
                *(
                    "duration|milliseconds > 100",
                    "guid",
                    "alias == 'x'",
                    "constant",
                    "not number",
                    "user.admin and pid > 5",
                ),
            ]
        )
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda test: f"not {test}"),
    ),
    max_leaves=3,
)
SETS = st.sampled_from(
    [
        *(
            "{% set own = host.name %}",
            "{% set own = pid %}",
            "{% set own %}{{ user }}{% endset %}",
            "{% if user %}{% set own = 1 %}{% endif %}",
        ),
        *(
            "{% set own = own ~ 'x' %}",
            "{% set a, b = host.name, pid %}",
            "{% set own = time|shift(9) %}",
            "{% set path = 'p' %}",
        ),
    ]
)
HEAD = (
    "{% set alias = time|shift(60000000000) %}{% set second = pid + 1 %}"
    "{% macro macro_one(x) %}<{{ x }}>{% endmacro %}"
    "{% macro macro_two(x, y='d') %}{% if x %}{{ x|json }}{% else %}-{% endif %}{{ y }}{% endmacro %}"
)


def _statements(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=3).map("".join)
    return st.one_of(
        st.tuples(TEST, body).map(lambda parts: f"{{% if {parts[0]} %}}{parts[1]}{{% endif %}}"),
        st.tuples(TEST, body, TEST, body, body).map(
            lambda parts: "{{% if {} %}}{}{{% elif {} %}}{}{{% else %}}{}{{% endif %}}".format(*parts)
        ),
        body.map(lambda each: f"{{% for r in host.roles %}}{{{{ loop.index }}}}{each}{{{{ r }}}}{{% endfor %}}"),
        body.map(lambda each: f"{{% for r in range(status|int % 3) %}}{each}{{% else %}}none{{% endfor %}}"),
        st.tuples(EXPRESSION, body).map(
            lambda parts: f"{{% with w = {parts[0]} %}}{{{{ w }}}}{parts[1]}{{% endwith %}}"
        ),
        body.map(lambda each: f"{{% with w = time %}}{{{{ w|iso }}}}{each}{{% endwith %}}"),
        body.map(lambda each: f"{{% filter upper %}}{each}{{% endfilter %}}"),
    )


PRINTED = st.one_of(TEXT, EXPRESSION.map(lambda expression: f"{{{{ {expression} }}}}"))
PART = st.recursive(PRINTED, _statements, max_leaves=5)
TEMPLATE = st.lists(st.one_of(PART, PART, PART, SETS, st.just("{{ own|default('?') }}")), max_size=7).map(
    lambda parts: HEAD + "".join(parts)
)
