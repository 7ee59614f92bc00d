"""Who tells: the resource of an instance, and the instrumentation scope."""

from __future__ import annotations

from simulator import Member, Nested
from simulator_otel.values import Attribute

SCHEMA = "https://opentelemetry.io/schemas/1.44.0"
_SCOPE_VERSION = "0.69.0"
_FUNCTION = "host.attributes.get('kind') == 'function'"
_SERVICE = "host.attributes.get('service') or host.name"

INSTANCE = (
    Attribute("service.name", _SERVICE),
    Attribute("service.instance.id", "host.name"),
    Attribute("service.namespace", "host.attributes.get('namespace')", when="host.attributes.get('namespace')"),
    Attribute("faas.name", _SERVICE, when=_FUNCTION),
    Attribute("faas.instance", "host.name", when=_FUNCTION),
    Attribute("k8s.pod.name", "host.name", when=f"not ({_FUNCTION})"),
    Attribute("cloud.region", "host.attributes.get('region')", when="host.attributes.get('region')"),
    Attribute("telemetry.sdk.name", "'opentelemetry'"),
    Attribute("telemetry.sdk.language", "'go'"),
    Attribute("telemetry.sdk.version", "'1.44.0'"),
)
VERSION = Attribute("service.version", "version", when="version")


def scope_json(name: str) -> str:
    return f'"scope":{{"name":"{name}","version":"{_SCOPE_VERSION}"}}'


def scope_message(name: str) -> Nested:
    return Nested(1, (Member(1, "text", name), Member(2, "text", _SCOPE_VERSION)))
