"""The formats of OTLP: one request a line, or a message, with one span, log record or data point in it.

So each line, or message, is one event, as the ledger counts them. A batch of them is what an
exporter would send at once: its resources are the same but for their order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from simulator import Layout, Message, PairedJsonLayout, ProtobufLayout, Tag, TemplateError
from simulator_otel.values import Attribute, as_messages

_HEAD = re.compile(r'\{"resource(?:Spans|Logs|Metrics)":\[\{"resource":\{"attributes":\[')
_ENVIRONMENT = ("deployment.environment.name", "test")


def _pairs(tag: Tag) -> tuple[tuple[str, str], ...]:
    return (_ENVIRONMENT, ("feint.run", tag.run), ("feint.playbook", tag.playbook))


@dataclass(frozen=True, slots=True)
class OtlpJson:
    """OTLP/JSON. The tag is the first three attributes of the resource."""

    name: str
    layout: Layout
    resource: str  # the path of its attributes
    extension: str = "ndjson"

    def wrapped(self, template: str, tag: Tag) -> str:
        head = _HEAD.match(template)
        if head is None:
            raise TemplateError(f"a template of format {self.name!r} begins with its resource's attributes")
        return head[0] + self.tag_text(tag) + template[head.end() :]

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        return "".join(
            f'{{"key":"{key}","value":{{"stringValue":{json.dumps(value, ensure_ascii=False)}}}}},'
            for key, value in _pairs(tag)
        )

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return all(record.get(f"{self.resource}.{key}") == value for key, value in _pairs(tag))


@dataclass(frozen=True, slots=True)
class OtlpProtobuf:
    """OTLP in protobuf, each request preceded by its length. The tag is the first three attributes of the resource."""

    name: str = "otlp_protobuf"
    extension: str = "binpb"
    layout: Layout = ProtobufLayout(pairs=(1, 1, 1))

    def wrapped(self, message: Message, tag: Tag) -> Message:
        try:
            return message.with_first(
                (1, 1), as_messages(1, (Attribute(key, repr(value)) for key, value in _pairs(tag)))
            )
        except ValueError as error:
            raise TemplateError(f"a message of format {self.name!r} begins with its resource") from error

    def header(self, tag: Tag) -> str:
        del tag
        return ""

    def tag_text(self, tag: Tag) -> str:
        """Return the first two attributes as they lie on the wire: bytes that are ASCII, whatever the run."""
        return "".join(_on_the_wire(key, value) for key, value in _pairs(tag)[:2])

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        return all(record.get(key) == value for key, value in _pairs(tag))


def _on_the_wire(key: str, value: str) -> str:
    """Write an attribute whose parts are all shorter than 128 bytes."""
    inner = f"\n{chr(len(value))}{value}"
    pair = f"\n{chr(len(key))}{key}\x12{chr(len(inner))}{inner}"
    return f"\n{chr(len(pair))}{pair}"


def _json(name: str, signal: str, records: str, time: str) -> OtlpJson:
    lists = (f"resource{signal}", f"scope{signal}", records, "links", "dataPoints")
    layout = PairedJsonLayout(f"resource{signal}.scope{signal}.{records}.{time}", "epoch_ns", lists, ("attributes",))
    return OtlpJson(name, layout, f"resource{signal}.resource.attributes")


TRACES = _json("otlp_json_traces", "Spans", "spans", "startTimeUnixNano")
LOGS = _json("otlp_json_logs", "Logs", "logRecords", "timeUnixNano")
METRICS = _json("otlp_json_metrics", "Metrics", "metrics", "gauge.dataPoints.timeUnixNano")  # others: when they arrive
PROTOBUF = OtlpProtobuf()
