"""The filters: each means the same for one value, in Jinja2, as for a whole column."""

from __future__ import annotations

import json
import locale
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import TemplateError
from simulator.events.columns import Column, Durations, Identifiers, Integers, Times
from simulator.telemetry.templates import FieldKind, compile_template, named_backend
from tests.telemetry.templates.events import texts

BACKENDS = ("python", "pyarrow", "numba")
INSTANTS = st.integers(0, 7_258_118_400 * 10**9)  # 1970 to 2200
NUMBERS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(-10_001, 100_001))
PORTABLE = "aAbBdHIjmMpSUwWyYcxX%"  # directives that every Python's strftime has, in the C locale
CONSTRUCTORS: dict[FieldKind, type[Times | Durations | Integers]] = {
    "time": Times,
    "duration": Durations,
    "integer": Integers,
}


def rendered(source: str, kind: FieldKind, column: Column) -> list[str]:
    """Render one field in every backend, and compare with Jinja2."""
    template = compile_template(source, {"value": kind})
    assert template.warnings == ()
    wanted = [template.render_row({"value": column.row(number)}) for number in range(len(column))]
    repeats = -(-20 // len(column))  # enough rows for the backends that are not meant for a handful
    many = column.take(np.tile(np.arange(len(column)), repeats))
    for name in BACKENDS:
        records = template.render({"value": many}, len(many), named_backend(name)).rows()
        assert [record.decode() for record in records] == wanted * repeats
    return wanted


def wide(kind: FieldKind, values: list[int]) -> Column:
    return CONSTRUCTORS[kind](np.array(values, np.int64))


@given(values=st.lists(INSTANTS, min_size=1, max_size=30), digits=st.integers(0, 9))
def test_times_render_alike_one_by_one_and_as_columns(values, digits):
    column = wide("time", values)

    for source in (
        "{{ value|iso }}",
        "{{ value|shift(-1)|iso|json }}",
        f"{{{{ value|epoch({digits}) }}}}",
        "{{ value }}",
    ):
        rendered(source, "time", column)


@given(
    values=st.lists(INSTANTS, min_size=1, max_size=30),
    layout=st.text("%aAbBcCdDeFgGhHIjklmMprRsSTuUVwWxXyYzZf3679 é-", max_size=8),
)
def test_any_strftime_format_renders_alike_or_is_refused(values, layout):
    source, column = f"{{{{ value|strftime('{layout}') }}}}", wide("time", values)
    if re.sub("%([aAbBcCdDeFgGhHIjklmMprRsSTuUVwWxXyYzZf%]|[3679]f)", "", layout).count("%"):
        with pytest.raises(TemplateError, match="strftime has no directive"):
            rendered(source, "time", column)
    else:
        rendered(source, "time", column)


@given(
    value=INSTANTS, layout=st.lists(st.sampled_from([f"%{letter}" for letter in PORTABLE]), max_size=6).map(" ".join)
)
def test_strftime_is_that_of_python_in_utc(value, layout):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value // 1000)

    assert rendered(f"{{{{ value|strftime('{layout}') }}}}", "time", wide("time", [value])) == [moment.strftime(layout)]


@given(values=st.lists(NUMBERS, min_size=1, max_size=30), digits=st.integers(0, 9))
def test_durations_render_alike_one_by_one_and_as_columns(values, digits):
    column = wide("duration", values)

    for unit in (
        "milliseconds",
        "microseconds",
        "nanoseconds",
        f"seconds({digits})",
        "milliseconds|json",
        "seconds|json",
    ):
        rendered(f"{{{{ value|{unit} }}}}", "duration", column)


@given(values=st.lists(NUMBERS, min_size=1, max_size=30), number=st.integers(-(2**40), 2**40))
def test_integers_render_alike_one_by_one_and_as_columns(values, number):
    column = wide("integer", values)
    arithmetic = [f"value {operator} {number}" for operator in ("+", "-", "*", *(("//", "%") if number else ()))]

    for expression in ("value", "value|hexint", "value|json", "value|string|json", f"({number} - value)", *arithmetic):
        rendered(f"{{{{ {expression} }}}}", "integer", column)


@given(data=st.data(), width=st.integers(1, 20), rows=st.integers(1, 5))
def test_identifiers_render_alike_one_by_one_and_as_columns(data, width, rows):
    raw = data.draw(st.lists(st.binary(min_size=width, max_size=width), min_size=rows, max_size=rows))
    column = Identifiers(np.frombuffer(b"".join(raw), np.uint8).reshape(rows, width))

    for name in ("hex", "HEX", "base62", "hexint", "decimal", "hex|json", "decimal|json", "hexint|tojson"):
        rendered(f"{{{{ value|{name} }}}}", "identifier", column)
    if width == 16:
        assert rendered("{{ value|uuid }}", "identifier", column) == [
            text.lower() for text in rendered("{{ value|guid }}", "identifier", column)
        ]


@given(values=st.lists(st.text(), min_size=1, max_size=30))
def test_texts_render_alike_one_by_one_and_as_columns(values):
    column = texts(values)

    assert rendered("{{ value }}", "text", column) == values
    assert [json.loads(each) for each in rendered("{{ value|json }}", "text", column)] == values
    rendered("{{ value|tojson }}", "text", column)


def test_the_filters_write_what_their_descriptions_say():
    instant, brief = wide("time", [1_767_603_600_123_456_789]), wide("duration", [-1_999_999_999])
    raw = Identifiers(np.array([[0, 0, 0, 0, 0, 0, 3, 0xE7]], np.uint8))
    guid = Identifiers(np.arange(0xF0, 0x100, dtype=np.uint8).reshape(1, 16))

    assert rendered("{{ value|iso }}", "time", instant) == ["2026-01-05T09:00:00.123Z"]
    assert rendered("{{ value|epoch(6) }}", "time", instant) == ["1767603600.123456"]
    assert rendered("{{ value|strftime('%b %e %H:%M:%S %7f %s') }}", "time", instant) == [
        "Jan  5 09:00:00 1234567 1767603600"
    ]
    assert rendered("{{ value|shift(-123456789)|iso }}", "time", instant) == ["2026-01-05T09:00:00.000Z"]
    assert rendered("{{ value|seconds(6) }}", "duration", brief) == ["-1.999999"]
    assert rendered("{{ value|milliseconds }}", "duration", brief) == ["-1999"]
    assert rendered("{{ value|hexint }} {{ value|decimal }} {{ value|HEX }}", "identifier", raw) == [
        "0x3e7 999 00000000000003E7"
    ]
    assert rendered("{{ value|guid }}", "identifier", guid) == ["F0F1F2F3-F4F5-F6F7-F8F9-FAFBFCFDFEFF"]
    assert rendered("{{ value|base62 }}", "identifier", raw) == ["0000003j"]


def test_names_of_days_and_months_are_english_in_any_locale():
    before = locale.setlocale(locale.LC_TIME)
    found = [name for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "ja_JP.UTF-8") if _set(name)]
    try:
        assert rendered("{{ value|strftime('%A %B %p') }}", "time", wide("time", [0])) == ["Thursday January AM"], found
    finally:
        locale.setlocale(locale.LC_TIME, before)


def _set(name: str) -> bool:
    try:
        locale.setlocale(locale.LC_TIME, name)
    except locale.Error:
        return False
    return True


def test_json_of_coded_values_is_that_of_python():
    template = compile_template("{{ value|json }}", {"value": "coded"})
    values = [None, True, 1, 1.5, 'é"\\\x01</a>', ("a", 1), {"b": None}]

    for value in values:
        wanted = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        assert template.render_row({"value": value}) == wanted


@pytest.mark.parametrize(
    ("source", "kind", "value"),
    [
        ("{{ value|uuid }}", "identifier", b"short"),
        ("{{ value|iso }}", "coded", "noon"),
        ("{{ value|hex }}", "coded", 5),
    ],
)
def test_a_filter_refuses_what_it_cannot_write(source, kind, value):
    with pytest.raises(TemplateError):
        compile_template(source, {"value": kind}).render_row({"value": value})


PARTS = (
    slice(8), slice(8, None), slice(12, 16), slice(13, 16), slice(1), slice(-12, None), slice(3, -3), slice(5, 5),
    slice(9, 2), slice(2, 99),
)  # fmt: skip


def written(part: slice) -> str:
    return f"[{'' if part.start is None else part.start}:{'' if part.stop is None else part.stop}]"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("style", ["hex", "HEX"])
def test_a_part_of_an_id_is_written_for_all_rows_at_once(part, style):
    ids = np.random.Generator(np.random.Philox(5)).integers(0, 256, (40, 16), np.uint8)
    digits = [row.tobytes().hex() if style == "hex" else row.tobytes().hex().upper() for row in ids]

    assert rendered(f"<{{{{ (value|{style}){written(part)} }}}}>", "identifier", Identifiers(ids)) == [
        f"<{each[part]}>" for each in digits
    ]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("values", [[1_772_438_401_123_456_789, 2**63 - 1, 2**60], [0, 255, -7, 2**60 - 1]])
def test_a_part_of_a_hexadecimal_number_is_written_as_jinja2_cuts_it(part, values):
    assert rendered(f"<{{{{ (value|hexint){written(part)} }}}}>", "integer", wide("integer", values)) == [
        f"<{hex(value)[part]}>" for value in values
    ]
