"""The gate: nothing leaves untagged (DESIGN, section 7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from simulator import DelimitedLayout, JsonLayout, Layout, ProtobufLayout, Tag
from simulator.delivery.gate import Gate
from simulator.errors import GuardError
from simulator.telemetry.messages.wire import varint
from simulator.telemetry.streams import RenderedBatch

TAG = Tag("r0123abcd", "a-playbook")


@dataclass(frozen=True)
class AtTheHead:
    """A JSON format that shows the tag first."""

    name: str = "head"
    extension: str = "ndjson"
    layout: Layout = field(default_factory=JsonLayout)

    def wrapped(self, template: str, tag: Tag) -> str:
        return "{" + self.tag_text(tag) + template.removeprefix("{")

    def header(self, tag: Tag) -> str:
        return ""

    def tag_text(self, tag: Tag) -> str:
        return f'"feint":"{tag.run}",'

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("feint") == tag.run


@dataclass(frozen=True)
class AtTheEnd(AtTheHead):
    """A format with columns that shows the tag last."""

    layout: Layout = field(default_factory=lambda: DelimitedLayout(("ts", "what", "run"), "ts"))

    def tag_text(self, tag: Tag) -> str:
        return f"\t{tag.run}"

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return record.get("run") == tag.run


class Kept:
    """A sink that keeps what it gets."""

    def __init__(self) -> None:
        self.data = b""

    def open(self, stream: str, extension: str, header: bytes) -> None:
        self.data += header

    def write(self, stream: str, data: bytes | memoryview) -> None:
        self.data += data

    def close(self) -> None: ...


def batch_of(*lines: str) -> RenderedBatch:
    encoded = [line.encode() for line in lines]
    nothing = np.zeros(len(lines), np.int64)
    ends = np.cumsum([len(line) for line in encoded])
    data = np.frombuffer(b"".join(encoded), np.uint8)
    return RenderedBatch("s", data, ends, nothing.astype(np.uint64), nothing, nothing)


def tagged(number: int) -> str:
    return f'{{"feint":"r0123abcd","number":{number}}}\n'


@pytest.fixture
def sink():
    return Kept()


@pytest.fixture
def gate(sink):
    return Gate(sink, TAG, {"s": AtTheHead()})


def test_tagged_records_pass_unchanged(gate, sink):
    gate.deliver(batch_of(*(tagged(number) for number in range(100))))

    assert [json.loads(line)["number"] for line in sink.data.splitlines()] == list(range(100))


@pytest.mark.parametrize("place", [0, 1, 57, 98, 99])
def test_one_untagged_record_anywhere_stops_the_whole_batch(gate, sink, place):
    lines = [tagged(number) for number in range(100)]
    lines[place] = '{"number":1}\n'

    with pytest.raises(GuardError, match="does not carry the tag"):
        gate.deliver(batch_of(*lines))
    assert sink.data == b""


def test_a_record_that_carries_the_tag_twice_does_not_cover_for_one_that_does_not(gate, sink):
    twice = '{"feint":"r0123abcd","copy":{"feint":"r0123abcd","x":1}}\n'

    with pytest.raises(GuardError):
        gate.deliver(batch_of(tagged(1), twice, '{"number":1}\n', tagged(2)))
    assert sink.data == b""


def test_the_tag_of_another_run_is_no_tag(gate, sink):
    with pytest.raises(GuardError):
        gate.deliver(batch_of('{"feint":"rffffffff","number":1}\n'))


def test_the_tag_in_the_wrong_place_is_no_tag(gate):
    with pytest.raises(GuardError, match="read back shows no tag"):
        gate.deliver(batch_of('{"message":"x","y":{"feint":"r0123abcd","a":1}}\n'))


def test_a_record_that_cannot_be_read_back_does_not_leave(gate):
    with pytest.raises(GuardError, match="cannot be read back"):
        gate.deliver(batch_of('{"feint":"r0123abcd",,"number":1}\n'))


@pytest.mark.parametrize("line", [tagged(1) + tagged(2), tagged(1).rstrip("\n")])
def test_a_record_is_exactly_one_line(gate, line):
    with pytest.raises(GuardError, match="exactly one line"):
        gate.deliver(batch_of(tagged(0), line))


def test_a_tag_at_the_end_of_lines_is_found_in_each(sink):
    gate = Gate(sink, TAG, {"s": AtTheEnd()})

    gate.deliver(batch_of("1.0\ta\tr0123abcd\n", "2.0\tb\tr0123abcd\n"))
    with pytest.raises(GuardError):
        gate.deliver(batch_of("1.0\tx\tr0123abcd\n", "2.0\tr0123abcd\t-\n", "3.0\tb\t-\n"))

    assert sink.data.count(b"\n") == 2


def binary(*records: bytes) -> RenderedBatch:
    nothing = np.zeros(len(records), np.int64)
    ends = np.cumsum([len(record) for record in records])
    data = np.frombuffer(b"".join(records), np.uint8)
    return RenderedBatch("s", data, ends, nothing.astype(np.uint64), nothing, nothing)


@dataclass(frozen=True)
class InPairs(AtTheHead):
    """A binary format: pairs of a name and a value."""

    layout: Layout = field(default_factory=lambda: ProtobufLayout(pairs=(1,)))

    def tag_text(self, tag: Tag) -> str:
        return f"\n\x05feint\x12\t{tag.run}"


def message(text: str, run: str = TAG.run) -> bytes:
    pairs = [b"\n\x05feint\x12\t" + run.encode(), b"\n\x01n\x12" + varint(len(text)) + text.encode()]
    body = b"".join(b"\n" + varint(len(pair)) + pair for pair in pairs)
    return varint(len(body)) + body


@pytest.mark.parametrize("lengths", [[0], [1, 200, 3], [90, 99, 98, 97, 100], [16_340, 16_350, 16_355, 20_000]])
def test_binary_records_pass_when_each_starts_with_its_length(sink, lengths):
    records = [message("x" * length) for length in lengths]

    Gate(sink, TAG, {"s": InPairs()}).deliver(binary(*records))

    assert sink.data == b"".join(records)


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([message("a"), message("b")[1:]], "exactly one message"),
        ([message("a") + message("b")], "exactly one message"),
        ([message("x" * 200)[:-1]], "exactly one message"),
        ([message("a"), b""], "exactly one message"),
        ([message("a"), message("b", "r99999999")], "does not carry the tag"),
        ([b"\x14\x12\x12" + message("")[3:21]], "shows no tag"),
        ([b"\x15" + message("")[1:21] + b"\x0f"], "cannot be read back"),
    ],
)
def test_binary_records_that_are_not_whole_or_not_tagged_do_not_leave(sink, records, words):
    with pytest.raises(GuardError, match=words):
        Gate(sink, TAG, {"s": InPairs()}).deliver(binary(*records))
    assert sink.data == b""
