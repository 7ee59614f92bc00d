"""What OpenTelemetry's own schema reads: JSON and protobuf, and that both say the same."""

from __future__ import annotations

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.otel.jig import RENDERERS, messages, recorded, through_the_gate

SIGNALS = {
    "traces": ExportTraceServiceRequest,
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
}
ONE_EACH = [(signal, event) for signal in SIGNALS for event in RENDERERS[f"otlp.{signal}"].templates]


@pytest.mark.parametrize(("signal", "event"), ONE_EACH)
def test_both_encodings_are_read_by_opentelemetry_and_mean_the_same(signal, event):
    lines = through_the_gate(recorded(f"otlp.{signal}", events=(event,))).decode().splitlines()
    binary = list(messages(through_the_gate(recorded(f"otlp_protobuf.{signal}", events=(event,)))))

    of_json = [json_format.Parse(_with_hex_ids(line), SIGNALS[signal]()) for line in lines]
    assert len(lines) == len(binary) > 0
    assert of_json == [SIGNALS[signal].FromString(message) for message in binary]


@pytest.mark.parametrize("signal", SIGNALS)
def test_messages_are_the_bytes_that_protobuf_writes(signal):
    for message in messages(through_the_gate(recorded(f"otlp_protobuf.{signal}"))):
        assert SIGNALS[signal].FromString(message).SerializeToString(deterministic=True) == message


@pytest.mark.parametrize("name", RENDERERS)
def test_backends_write_the_same_bytes(name):
    python, pyarrow, numba = (recorded(name, 120, backend) for backend in ("python", "pyarrow", "numba"))

    assert python.data.tobytes() == pyarrow.data.tobytes() == numba.data.tobytes()
    assert python.ends.tolist() == pyarrow.ends.tolist() == numba.ends.tolist()


def _with_hex_ids(line: str) -> str:
    """Turn ids into base64, as protobuf's own reader of JSON wants them: OTLP/JSON has hexadecimal digits."""
    import base64
    import re

    return re.sub(
        r'"((?:trace|span|parentSpan)Id)":"([0-9a-f]+)"',
        lambda found: f'"{found[1]}":"{base64.b64encode(bytes.fromhex(found[2])).decode()}"',
        line,
    )
