"""The embedded store reads what is told in JSON, and leaves its twin in protobuf alone."""

from __future__ import annotations

from simulator import Column, Stream
from simulator_sandbox.store import DuckDBStore
from tests.otel.jig import RENDERERS, START, TAG, form_of, recorded, through_the_gate
from tests.sandbox.recordings import Recorder


def test_rules_see_attributes_by_their_keys_and_never_a_binary_stream(tmp_path):
    lines = through_the_gate(recorded("otlp.traces", 200)).decode().splitlines()
    run = Recorder(tmp_path, tag=TAG).add(RENDERERS["otlp.traces"], form_of("otlp.traces"), lines, START)
    binary = tmp_path / "otlp_protobuf.traces.binpb"
    binary.write_bytes(through_the_gate(recorded("otlp_protobuf.traces", 200)))
    run.streams.append(Stream(RENDERERS["otlp_protobuf.traces"], form_of("otlp_protobuf.traces"), binary))
    service, host = RENDERERS["otlp.traces"].entities.values()
    fields = (
        service,
        host,
        "resourceSpans.scopeSpans.spans.attributes.http.route",
        "resourceSpans.scopeSpans.spans.name",
    )

    with DuckDBStore(run.run()) as store:
        assert [stream.renderer.name for stream in store.streams] == ["otlp.traces"]
        table = store.table("otlp.traces", {f"c{place}": Column(field) for place, field in enumerate(fields)})
        rows = store.query(f"SELECT c0, c1, c2, c3, time FROM {table} ORDER BY line").to_pylist()

    parsed = [form_of("otlp.traces").layout.parse(line) for line in lines]
    assert [tuple(row[f"c{place}"] for place in range(4)) for row in rows] == [
        tuple(record.get(field) for field in fields) for record in parsed
    ]
    assert {row["c0"] for row in rows} == {"checkout", "cart", "zoë's", "resize", "bare"}
    assert [row["time"] for row in rows] == [
        int(record["resourceSpans.scopeSpans.spans.startTimeUnixNano"]) for record in parsed
    ]
