"""Protobuf's wire format, held to protobuf's own encoder."""

from __future__ import annotations

import numpy as np
import pytest
from google.protobuf.internal.encoder import _EncodeSignedVarint, _VarintBytes
from hypothesis import given
from hypothesis import strategies as st

from simulator.telemetry.messages import wire
from simulator.telemetry.messages.lengths import total_length
from simulator.telemetry.templates import named_backend

EDGES = [edge + step for bits in (7, 14, 21, 28, 35, 42, 49, 56, 63) for edge in (1 << bits,) for step in (-1, 0, 1)]
INT64 = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.one_of(INT64, st.sampled_from([edge for edge in EDGES if edge < 2**63]), st.integers(0, 20_000))


def reference(number: int) -> bytes:
    parts: list[bytes] = []
    _EncodeSignedVarint(parts.append, number)
    return b"".join(parts)


@given(NUMBERS)
def test_a_number_is_written_as_protobuf_writes_it(number):
    assert wire.varint(number) == reference(number)


@given(st.lists(NUMBERS, min_size=1, max_size=40), st.data())
def test_many_numbers_are_written_as_each_alone(numbers, data):
    mask = data.draw(st.none() | st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers)))
    rows = None if mask is None else np.array(mask)
    segments = wire.varints(np.array(numbers, np.int64), rows)

    wanted = [reference(number) if mask is None or mask[place] else b"" for place, number in enumerate(numbers)]
    for backend in ("python", "pyarrow", "numba"):
        assert named_backend(backend).gather(segments, len(numbers)).rows() == wanted
    lengths = total_length(segments)
    assert np.broadcast_to(lengths, len(numbers)).tolist() == [len(text) for text in wanted]


@pytest.mark.parametrize("number", [0, 1, 127, 128, 16_383, 16_384, 16_385, 2_097_151, 2_097_152])
def test_all_numbers_of_a_batch_may_be_as_large(number):
    segments = wire.varints(np.full(3, number, np.int64), None)

    assert named_backend("python").gather(segments, 3).rows() == [bytes(_VarintBytes(number))] * 3


def test_a_number_of_more_than_64_bits_is_refused():
    with pytest.raises(ValueError, match="64 bits"):
        wire.varint(1 << 64)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [("varint", "7", "whole number"), ("text", 7, "a text"), ("bytes", "7", "bytes"), ("double", "7", "a number")],
)
def test_a_value_of_another_kind_is_refused(kind, value, words):
    with pytest.raises(TypeError, match=words):
        wire.field(1, kind, value, always=True)
