"""What a template may say, and that columns of it are what Jinja2 makes of each row."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.errors import TemplateError
from simulator.events.columns import Coded, Identifier, Identifiers, Integers, Vocabulary
from simulator.telemetry.templates import compile_template, named_backend
from tests.telemetry.templates.events import SCHEMA, USERS, events, row, texts

ROWS = 64


def records(source, columns=None, **given):
    """Compile a template and render events with it, and compare with Jinja2."""
    columns = columns or events(ROWS)
    rows = len(next(iter(columns.values())))
    template = compile_template(source, SCHEMA, **given)
    wanted = [template.render_row(row(columns, number)) for number in range(rows)]
    for name in ("python", "pyarrow", "numba"):
        assert [each.decode() for each in template.render(columns, rows, named_backend(name)).rows()] == wanted
    return wanted


def test_a_guard_around_everything_gives_rows_without_bytes():
    found = records("{% if user %}{{ user.name }} {{ pid }} {{ time|iso }} {{ guid|uuid }} {{ note|json }}{% endif %}")

    assert "" in found
    assert any(found)


def test_a_branch_is_not_asked_for_rows_that_do_not_reach_it():
    records("{% if user and user.admin and pid > 3 %}{{ user.name }}{{ pid }}{% elif user %}{{ user.name }}{% endif %}")
    records("{% if user and (user.name ~ host.name) != '' %}{{ pid }}{% endif %}")


def test_values_print_as_jinja2_prints_them():
    printed = {
        "/",
        "",
        'C:\\Temp\\"x".exe',
        "/ünïcode/日本/😀",
        "None",
        "a\tb\x01\x7f",
        "<script>&'",
        "True",
        "1.5",
        "0",
    }

    assert set(records("{{ path }}")) == printed


def test_macros_and_sets_at_the_top_are_taken_apart_too():
    source = (
        "{% set later = time|shift(60000000000) %}"
        "{% macro quoted(x, mark='\"') %}{{ mark }}{{ x }}{{ mark }}{% endmacro %}"
        "{{ quoted(later|iso) }} {{ quoted(pid, mark='') }} {{ quoted(host.name) }} {{ later|strftime('%s') }}"
    )

    records(source)
    assert compile_template(source, SCHEMA).warnings == ()


def test_a_field_that_gets_another_value_is_left_to_jinja2():
    records("{{ user.name if user }}{% set user = host.name %}{{ user }}")
    records("{% set path = path ~ '/' %}{% for r in host.roles %}{{ path }}{{ pid }}{% endfor %}")
    records("{% macro m() %}{{ path }}{% endmacro %}{% set path = pid %}{{ m() }}{{ time|iso }}")


def test_constants_and_filters_of_a_renderer_are_known():
    columns = {"host": events(ROWS)["host"], "pid": events(ROWS)["pid"]}
    given = {"constants": {"facility": 4, "severity": 6}, "filters": {"short": lambda text: text[:2]}}

    assert records("<{{ facility * 8 + severity }}>{{ host.name|short }}[{{ pid + facility }}]", columns, **given)[
        0
    ].startswith("<38>")


def test_a_filter_that_replaces_one_of_ours_keeps_its_own_meaning():
    found = records("{{ time|iso }}", filters={"iso": lambda time: "now"})

    assert set(found) == {"now"}


def test_columns_of_other_kinds_than_the_schema_says_render_all_the_same():
    columns = events(ROWS)
    words = Vocabulary(["one", "two"])
    columns["note"] = Coded(np.arange(ROWS, dtype=np.uint32) % 2, words)
    columns["path"] = texts([f"/item/{number}" for number in range(ROWS)])
    columns["pid"] = Coded(np.arange(ROWS, dtype=np.uint32) % 2, Vocabulary([22, 443]))

    records("{{ note|json }} {{ path|json }} {{ pid + 1 }} {% if pid == 22 %}ssh{% endif %}{{ path|upper }}", columns)


def test_numbers_beyond_64_bits_are_written_in_full():
    columns = {"pid": Integers(np.array([2**63 - 1, -(2**63), 0] * 10))}

    assert records("{{ pid * 10 }} {{ -pid }} {% if pid + 1 > pid * 2 %}a{% else %}b{% endif %}", columns)[
        0
    ].startswith("92233720368547758070 ")


def test_a_warning_names_what_jinja2_has_to_write_for_each_value():
    template = compile_template("{{ host.name }}\n{{ pid|filesizeformat }} {% if note is upper %}x{% endif %}", SCHEMA)

    assert template.warnings == (
        "line 2: Jinja2 has to write 'pid|filesizeformat' once for each distinct value of pid, which is slow",
        "line 2: Jinja2 has to write 'note is upper' once for each distinct value of note, which is slow",
    )


def test_a_row_that_jinja2_cannot_render_fails_with_its_line():
    columns = events(ROWS)

    with pytest.raises(TemplateError, match="'None' has no attribute 'name'") as failure:
        compile_template("ok\n{{ user.name }}", SCHEMA).render(columns, ROWS)
    assert failure.value.line == 2


def test_a_field_that_the_batch_does_not_have_is_named():
    with pytest.raises(TemplateError, match="the event has no pid"):
        compile_template("{{ pid }}", SCHEMA).render({"host": events(ROWS)["host"]}, ROWS)


def test_no_rows_make_no_bytes():
    rendered = compile_template("{{ time|iso }}{{ pid }}{{ user.name }}", SCHEMA).render(events(0), 0)

    assert (len(rendered.data), len(rendered.ends)) == (0, 0)


def test_a_template_without_fields_is_the_same_in_every_row():
    assert set(records("")) == {""}
    assert set(records("{{ 1 + 1 }}{% if false %}x{% endif %}y")) == {"2y"}


def test_a_vocabulary_may_grow_and_be_shared_between_templates():
    words = Vocabulary(["a"])
    one, other = (compile_template(source, {"word": "coded"}) for source in ("<{{ word }}>", "{{ word|upper }}"))
    for size in (1, 2, 40, 3000):
        for number in range(len(words), size):
            words.code(f"w{number}")
        codes = np.arange(100, dtype=np.uint32) % size
        columns = {"word": Coded(codes, words)}

        assert one.render(columns, 100).rows() == [f"<{words.values[code]}>".encode() for code in codes]
        assert other.render(columns, 100).rows() == [words.values[code].upper().encode() for code in codes]


def test_only_values_that_occur_are_rendered():
    seen: list[str] = []
    template = compile_template(
        "{{ word|noted }}", {"word": "coded"}, filters={"noted": lambda word: seen.append(word) or word}
    )
    words = Vocabulary([f"w{number}" for number in range(300_000)])
    codes = np.full(1000, 299_999, np.uint32)

    template.render({"word": Coded(codes, words)}, 1000, named_backend("pyarrow"))
    template.render({"word": Coded(codes, words)}, 1000, named_backend("numba"))

    assert seen == ["w299999"]


@pytest.mark.parametrize("size", [10, 300, 5000])
def test_combinations_of_coded_fields_render_once_each(size):
    seen: list[str] = []
    template = compile_template(
        "{{ (a ~ '/' ~ b)|noted }}",
        {"a": "coded", "b": "coded"},
        filters={"noted": lambda text: seen.append(text) or text},
    )
    one, other = (Vocabulary([f"{letter}{number}" for number in range(size)]) for letter in "ab")
    codes = [np.random.Generator(np.random.Philox(n)).integers(0, size, 2000).astype(np.uint32) for n in (1, 2)]
    columns = {"a": Coded(codes[0], one), "b": Coded(codes[1], other)}
    wanted = [f"a{a}/b{b}".encode() for a, b in zip(*codes, strict=True)]

    assert template.render(columns, 2000).rows() == wanted
    assert template.render(columns, 2000).rows() == wanted
    assert len(seen) == len(set(wanted))


def test_templates_of_the_same_source_do_not_share_what_differs():
    one = compile_template("{{ level }}{{ user }}", {"user": "coded"}, constants={"level": 1})
    other = compile_template("{{ level }}{{ user }}", {"user": "coded"}, constants={"level": 2})
    columns = {"user": Coded(np.zeros(20, np.uint32), USERS)}

    assert one.render(columns, 20).rows()[0] == b"1None"
    assert other.render(columns, 20).rows()[0] == b"2None"


@pytest.mark.parametrize("width", [3, 8, 16])
@pytest.mark.parametrize("backend", ["python", "pyarrow", "numba"])
def test_an_id_of_zeros_is_told_from_all_others(width, backend):
    values = np.zeros((40, width), np.uint8)
    values[np.arange(20), np.arange(20) % width] = 1
    template = compile_template("{% if id is not zeros %}{{ id|hex }}{% else %}-{% endif %}", {"id": "identifier"})

    rows = template.render({"id": Identifiers(values)}, 40, named_backend(backend)).rows()
    assert rows == [template.render_row({"id": Identifier(row.tobytes())}).encode() for row in values]
    assert (rows.count(b"-"), template.warnings) == (20, ())
