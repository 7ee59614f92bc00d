"""The gate: nothing leaves untagged (DESIGN, section 7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from simulator import DelimitedLayout, JsonLayout, Layout, Tag
from simulator.delivery.gate import Gate
from simulator.errors import GuardError
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
