"""Messages over columns are the bytes that protobuf makes of the same values, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from google.protobuf.internal.decoder import _DecodeVarint
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from simulator.errors import TemplateError
from simulator.events.columns import (
    Coded,
    Durations,
    Identifiers,
    Integers,
    Lists,
    Numbers,
    Times,
    Vocabulary,
)
from simulator.telemetry.messages.compiled import compile_message
from simulator.telemetry.messages.message import Member, Message, Nested
from simulator.telemetry.templates import named_backend
from tests.telemetry.templates.events import texts

BACKENDS = ("python", "pyarrow", "numba")


def rendered(message: Message, kinds: dict[str, Any], columns: dict[str, Any]) -> list[bytes]:
    """Return the messages of all rows, without their lengths; all backends have to agree."""
    rows = len(next(iter(columns.values())))
    compiled = compile_message(message, kinds)
    found = [compiled.render(columns, rows, named_backend(name)).rows() for name in BACKENDS]
    assert found[0] == found[1] == found[2]
    return [without_length(record) for record in found[0]]


def without_length(record: bytes) -> bytes:
    length, place = _DecodeVarint(record, 0)
    assert length == len(record) - place
    return record[place:]


def coded(values: list[Any], rows: int) -> Coded:
    vocabulary = Vocabulary()
    codes = np.array([vocabulary.code(value) for value in values], np.uint32)
    return Coded(np.resize(codes, rows), vocabulary)


SPAN = Message(
    (
        Member(1, "bytes", "trace"),
        Member(4, "bytes", "parent", when="parent is not zeros"),
        Member(5, "text", "{{ method }} {{ route }}"),
        Member(6, "varint", "kind"),
        Member(7, "fixed64", "time"),
        Member(8, "fixed64", "time + duration"),
        Nested(9, (Member(1, "text", "size"), Nested(2, (Member(3, "varint", "size", always=True),)))),
        Nested(9, (Member(1, "text", "took"), Nested(2, (Member(1, "text", "{{ duration|milliseconds }} ms"),)))),
        Nested(9, (Member(1, "text", "big"), Nested(2, (Member(2, "varint", "1", always=True),))), when="size > 1000"),
        Nested(15, (Member(3, "varint", "2"),), when="status >= 500 and parent is not zeros"),
        Member(16, "fixed32", "size % 70000", when="status == 200"),
    )
)
KINDS = {
    "trace": "identifier", "parent": "identifier", "method": "coded", "route": "coded", "kind": "coded",
    "time": "time", "duration": "duration", "size": "integer", "status": "coded",
}  # fmt: skip


def span_columns(rows: int, seed: int) -> dict[str, Any]:
    draw = np.random.Generator(np.random.Philox(seed))
    parents = draw.integers(0, 256, (rows, 8)).astype(np.uint8)
    parents[draw.integers(0, 2, rows) == 0] = 0
    return {
        "trace": Identifiers(draw.integers(0, 256, (rows, 16)).astype(np.uint8)),
        "parent": Identifiers(parents),
        "method": coded(["GET", "", "POST"], rows),
        "route": coded(["/", "/" + "x" * 120, "/é" * 9000], rows),
        "kind": coded([0, 2, 3], rows),
        "time": Times(draw.integers(0, 2**62, rows)),
        "duration": Durations(draw.integers(0, 2**40, rows)),
        "size": Integers(draw.integers(-3, 3, rows) * draw.integers(0, 2**40, rows)),
        "status": coded([200, 500], rows),
    }


def built_span(row: dict[str, Any]) -> Span:
    span = Span(trace_id=row["trace"], name=f"{row['method']} {row['route']}", kind=row["kind"])
    if any(row["parent"]):
        span.parent_span_id = row["parent"]
    span.start_time_unix_nano, span.end_time_unix_nano = row["time"], row["time"] + row["duration"]
    span.attributes.add(key="size").value.int_value = row["size"]
    span.attributes.add(key="took").value.string_value = f"{row['duration'] // 1_000_000} ms"
    if row["size"] > 1000:
        span.attributes.add(key="big").value.bool_value = True
    if row["status"] >= 500 and any(row["parent"]):
        span.status.code = 2
    if row["status"] == 200:
        span.flags = row["size"] % 70000
    return span


@pytest.mark.parametrize("rows", [1, 15, 16, 300])
def test_a_message_is_what_protobuf_serialises(rows):
    columns = span_columns(rows, rows)

    wanted = [
        built_span({name: column.row(row) for name, column in columns.items()}).SerializeToString(deterministic=True)
        for row in range(rows)
    ]
    assert rendered(SPAN, KINDS, columns) == wanted


def test_batches_of_any_size_make_the_same_bytes():
    columns, compiled = span_columns(200, 7), compile_message(SPAN, KINDS)
    parts = [
        compiled.render({name: column.take(np.arange(first, first + size)) for name, column in columns.items()}, size)
        for first, size in ((0, 1), (1, 20), (21, 179))
    ]

    whole = compiled.render(columns, 200).data.tobytes()
    assert b"".join(part.data.tobytes() for part in parts) == whole


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([0, 1, 125, 126, 127, 128, 129, 16_379, 16_380, 16_381, 16_383, 16_384, 16_388]),
        min_size=1,
        max_size=6,
    )
)
def test_lengths_that_need_another_byte_are_right_at_every_depth(lengths):
    message = Message((Nested(5, (Nested(1, (Member(1, "text", "{{ note }}", always=True),)),)),))  # arrays of arrays
    notes = ["n" * length for length in lengths]

    wanted = []
    for note in notes:
        value = AnyValue()
        value.array_value.values.add().string_value = note
        wanted.append(value.SerializeToString())
    assert rendered(message, {"note": "text"}, {"note": texts(notes)}) == wanted
    assert rendered(message, {"note": "coded"}, {"note": coded(notes, len(notes))}) == wanted


def test_numbers_lists_and_floats_are_written_packed_and_exact():
    message = Message(
        (
            Member(4, "fixed64", "count"),
            Member(5, "double", "sum", always=True),
            Member(6, "fixed64", "buckets"),
            Member(7, "double", "bounds"),
        )
    )
    columns = {
        "count": Integers(np.array([0, 3])),
        "sum": Numbers(np.array([-0.0, 1.5])),
        "buckets": Lists(np.array([[0, 0, 0], [1, 2, 0]])),
        "bounds": coded([(0.005, 0.01)], 2),
    }
    kinds: dict[str, Any] = {"count": "integer", "sum": "number", "buckets": "list", "bounds": "coded"}

    points = [HistogramDataPoint.FromString(each) for each in rendered(message, kinds, columns)]
    assert [list(point.bucket_counts) for point in points] == [[0, 0, 0], [1, 2, 0]]
    assert [(point.count, point.sum) for point in points] == [(0, 0.0), (3, 1.5)]
    assert [list(point.explicit_bounds) for point in points] == [[0.005, 0.01]] * 2
    assert [point.SerializeToString(deterministic=True) for point in points] == rendered(message, kinds, columns)


def test_what_is_zero_or_empty_is_left_out_unless_it_is_always_written():
    columns = {"size": Integers(np.array([0, 5])), "word": coded(["", "a"], 2)}
    kinds: dict[str, Any] = {"size": "integer", "word": "coded"}
    plain = Message((Member(1, "text", "{{ word }}"), Member(3, "varint", "size")))
    always = Message((Member(1, "text", "{{ word }}", always=True), Member(3, "varint", "size", always=True)))

    assert rendered(plain, kinds, columns) == [b"", b"\x0a\x01a\x18\x05"]
    assert rendered(always, kinds, columns) == [b"\x0a\x00\x18\x00", b"\x0a\x01a\x18\x05"]


def test_none_is_not_written():
    message = Message((Member(3, "varint", "code", always=True),))

    assert rendered(message, {"code": "coded"}, {"code": coded([None, 7], 2)}) == [b"", b"\x18\x07"]


def test_columns_of_other_kinds_than_the_schema_says_are_taken():
    message = Message((Member(3, "varint", "size + 1"), Member(1, "text", "{{ size }}")))

    assert rendered(message, {"size": "integer"}, {"size": coded([1, 2], 2)}) == [
        b"\x18\x02\x0a\x011",
        b"\x18\x03\x0a\x012",
    ]


def test_numbers_beyond_64_bits_on_the_way_are_worked_out_one_by_one():
    message = Message((Member(3, "varint", "(size * 4 + 4) // 8", always=True),))
    columns = {"size": Integers(np.array([2**62, 6]))}

    assert [AnyValue.FromString(each).int_value for each in rendered(message, {"size": "integer"}, columns)] == [
        2**61,
        3,
    ]


def test_a_nested_message_stands_once_for_each_item_of_a_list():
    label = (Member(1, "text", "{{ item[0] }}"), Nested(2, (Member(1, "text", "{{ item[1] }}{{ word }}"),)))
    message = Message((Member(5, "text", "{{ word }}"), Nested(9, label, each="tags", when="word")))
    tags, words = [(("a", "1"), ("b", "2")), ()], ["x", "y", ""]
    columns = {"tags": coded(tags, 6), "word": coded(words, 6)}

    wanted = []
    for row in range(6):
        span = Span(name=words[row % 3])
        for key, value in tags[row % 2] if words[row % 3] else ():
            span.attributes.add(key=key).value.string_value = value + words[row % 3]
        wanted.append(span.SerializeToString(deterministic=True))
    assert rendered(message, {"tags": "coded", "word": "coded"}, columns) == wanted


def test_items_of_a_list_cannot_differ_from_row_to_row():
    message = Message((Nested(9, (Member(3, "varint", "size"),), each="(1, 2)"),))

    with pytest.raises(TemplateError, match="coded fields only"):
        compile_message(message, {"size": "integer"})


def test_neighbours_are_the_same_bytes_however_large_their_vocabularies_grow():
    members = tuple(
        Member(number, "text", f"{{{{ {name} }}}}") for number, name in ((1, "one"), (5, "two"), (8, "three"))
    )
    compiled = compile_message(Message(members), {"one": "coded", "two": "coded", "three": "coded"})
    vocabularies = {name: Vocabulary() for name in ("one", "two", "three")}

    for size in (2, 9, 40, 2000):
        columns = {
            name: Coded(np.array([words.code(f"{name}{n % size}") for n in range(300)], np.uint32), words)
            for name, words in vocabularies.items()
        }
        for backend in BACKENDS:
            records = compiled.render(columns, 300, named_backend(backend)).rows()
            assert [without_length(record) for record in records] == [
                b"".join(
                    bytes([number << 3 | 2, len(text)]) + text
                    for number, name in ((1, "one"), (5, "two"), (8, "three"))
                    for text in [f"{name}{row % size}".encode()]
                )
                for row in range(300)
            ]


def test_what_is_slow_is_warned_of():
    message = Message((Member(3, "varint", "[1, 2][size]"),))

    assert "'[1, 2][size]'" in compile_message(message, {"size": "integer"}).warnings[0]


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (Member(1, "varint", "sice"), "nothing is called 'sice'"),
        (Member(1, "varint", "now()"), "another answer at each call"),
        (Member(1, "varint", "size }} {{ size"), "not one expression"),
        (Member(1, "varint", "size +"), "member 1"),
        (Member(1, "text", "{{ size|nosuch }}"), "no filter 'nosuch'"),
        (Nested(2, (Member(1, "varint", "size", when="sice"),)), "member 2: member 1"),
    ],
)
def test_a_mistake_is_one_sentence(member, words):
    with pytest.raises(TemplateError, match=words):
        compile_message(Message((member,)), {"size": "integer"})


def test_a_value_that_does_not_fit_is_one_sentence():
    compiled = compile_message(Message((Member(1, "varint", "word"),)), {"word": "coded"})

    with pytest.raises(TemplateError, match="word: a whole number was expected, not 'a'"):
        compiled.render({"word": coded(["a"], 3)}, 3)


def test_members_are_put_before_those_of_a_nested_message():
    message = Message((Nested(1, (Nested(2, (Member(1, "text", "b"),)),)),))

    assert message.with_first((1, 2), (Member(1, "text", "a"),)) == Message(
        (Nested(1, (Nested(2, (Member(1, "text", "a"), Member(1, "text", "b"))),)),)
    )
    with pytest.raises(ValueError, match="no nested message 3"):
        message.with_first((1, 3), ())
