"""A pod, and the language of schemas for what a cluster writes: objects with no other members than those named."""

from __future__ import annotations

from typing import Any

from simulator import Host

POD = Host(
    "cart-7c9f-2",
    "10.40.1.17",
    "linux",
    "cart-7c9f-2.kettleleaf.example",
    attributes={"service": "cart", "namespace": "shop", "version": "1.4.0"},
)


def closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def texts(*names: str) -> dict[str, Any]:
    return {name: {"type": "string"} for name in names}
