"""Prometheus' WriteRequest, as protobuf's own library reads and writes it.

https://github.com/prometheus/prometheus/tree/main/prompb: of remote.proto and types.proto, what version 1.0 uses.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_MESSAGES = {
    "Label": [("name", 1, "STRING", ""), ("value", 2, "STRING", "")],
    "Sample": [("value", 1, "DOUBLE", ""), ("timestamp", 2, "INT64", "")],
    "TimeSeries": [("labels", 1, "MESSAGE", "Label"), ("samples", 2, "MESSAGE", "Sample")],
    "WriteRequest": [("timeseries", 1, "MESSAGE", "TimeSeries")],
}


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="remote.proto", package="prometheus", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind, of in fields:
            added = message.field.add(
                name=field, number=number, type=getattr(descriptor_pb2.FieldDescriptorProto, f"TYPE_{kind}")
            )
            added.label = added.LABEL_REPEATED if of else added.LABEL_OPTIONAL
            if of:
                added.type_name = f".prometheus.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"prometheus.{name}")) for name in _MESSAGES
    }


CLASSES = _classes()


def parsed(data: bytes) -> Any:
    request = CLASSES["WriteRequest"]()
    request.ParseFromString(data)
    return request
