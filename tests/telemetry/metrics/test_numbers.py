"""Floating-point numbers in templates: Go's text of each, however many are written at once."""

from __future__ import annotations

import math
import struct
from decimal import ROUND_HALF_UP, Context

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.events.columns import Integers, Lists, Numbers
from simulator.telemetry.templates import compile_template, named_backend
from simulator.telemetry.templates.filters import number

NUMBERS = compile_template("{{ value|number }}", {"value": "number"})
LISTS = compile_template("[{{ buckets|join(',') }}]", {"buckets": "list"})
BACKENDS = ("python", "pyarrow", "numba")
GO = {  # what strconv.FormatFloat(value, 'g', -1, 64) gives
    0.0: "0",
    2.0**-24: "5.960464477539063e-08",  # half-way between two texts of 16 digits
    1.0: "1",
    -1.5: "-1.5",
    0.1 + 0.2: "0.30000000000000004",
    100000.0: "100000",
    999999.0: "999999",
    1e6: "1e+06",
    1048576.0: "1.048576e+06",
    1783846400.5: "1.7838464005e+09",
    1e21: "1e+21",
    0.0001: "0.0001",
    0.00001: "1e-05",
    1.25e-7: "1.25e-07",
    5e-324: "5e-324",
    1.7976931348623157e308: "1.7976931348623157e+308",
    2.0**53: "9.007199254740992e+15",
    math.inf: "+Inf",
    -math.inf: "-Inf",
}


def written(values: list[float], backend: str) -> list[str]:
    rows = NUMBERS.render({"value": Numbers(np.array(values))}, len(values), named_backend(backend)).rows()
    return [row.decode() for row in rows]


def oracle(value: float) -> str:
    """Say in the slowest way what Go writes: the first of ever more digits that reads back as the same number."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    for digits in range(1, 18):
        rounded = Context(digits, ROUND_HALF_UP).create_decimal_from_float(value)
        if float(rounded) == value:
            break
    mantissa, power = f"{rounded:.{digits - 1}e}".split("e")
    if -4 <= int(power) < 6 or value == 0:
        return f"{value:.{max(0, digits - 1 - int(power))}f}".removeprefix("-" if value == 0 else "\0")
    return f"{mantissa}e{'-' if int(power) < 0 else '+'}{abs(int(power)):02d}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_numbers_are_written_as_go_writes_them(backend):
    values = [*GO, -0.0, math.nan]

    assert written(values * 20, backend) == [*GO.values(), "0", "NaN"] * 20


@given(
    st.lists(
        st.one_of(
            st.floats(),
            st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0]),
            st.integers(-(10**16), 10**16).map(lambda whole: whole / 1e9),
            st.integers(-(10**9), 10**9).map(float),
            st.builds(lambda digits, power: digits * 10.0**power, st.integers(1, 10**6), st.integers(-30, 30)),
        ),
        min_size=1,
    )
)
def test_every_number_is_written_with_the_fewest_digits_that_tell_it_apart(values):
    expected = [oracle(value) for value in values]

    assert [number(value) for value in values] == expected
    for backend in BACKENDS:
        repeated = values * (1 + 20 // len(values))  # a handful of rows takes another way
        assert written(repeated, backend)[: len(values)] == expected


def test_numbers_stand_only_in_the_rows_that_a_condition_leaves_them():
    template = compile_template("{% if pid > 1 %}{{ value|number }}{% endif %};", {"value": "number", "pid": "integer"})
    columns = {"value": Numbers(np.linspace(0, 2e6, 41)), "pid": Integers(np.arange(41) % 3)}
    rows = template.render(columns, 41, named_backend("numba")).rows()

    assert rows == [template.render_row({n: c.row(row) for n, c in columns.items()}).encode() for row in range(41)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_lists_are_joined_row_by_row(backend):
    values = np.arange(120, dtype=np.int64).reshape(40, 3) * 1001 - 5
    rows = LISTS.render({"buckets": Lists(values)}, 40, named_backend(backend)).rows()

    assert rows == [f"[{','.join(map(str, row))}]".encode() for row in values.tolist()]
    assert not NUMBERS.warnings
    assert not LISTS.warnings
