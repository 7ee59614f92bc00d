"""What OpenTelemetry's instrumentations say of requests and calls, protocol by protocol.

Names of attributes are those of the semantic conventions 1.44; a span is an error where they
say so: a server's when it is the server's fault, a client's whenever it did not get what it asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator_otel.values import Attribute

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
_SERVER_FAULTS = "(2, 4, 12, 13, 14, 15)"  # gRPC: unknown, deadline, unimplemented, internal, unavailable, data loss
_GRPC = (
    "['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS',"
    " 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED',"
    " 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED'][status] if status < 17 else status|string"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A kind of span: of which events it is (``when``), and what it says.

    ``failed`` is where its status is an error; ``parent`` where it has one; ``remote``
    where that one is in another process. ``scope`` names the instrumentation.
    """

    event: str
    when: str
    kind: int
    name: str
    scope: str
    attributes: tuple[Attribute, ...]
    failed: str
    linked: bool = False

    @property
    def remote(self) -> bool:
        return self.event == "service.request"

    @property
    def parent(self) -> str:
        return "root == 0 and parent is not zeros" if self.remote else "parent is not zeros"


def _text(key: str, value: str, when: str = "") -> Attribute:
    return Attribute(key, value, when)


def _number(key: str, value: str, when: str = "") -> Attribute:
    return Attribute(key, value, when, "int")


def _error(failed: str) -> Attribute:
    return _text("error.type", "error or '_OTHER'", when=failed)


_HTTP_SERVER_FAILED = "status >= 500"
_HTTP_SERVER = (
    _text("http.request.method", "method"),
    _text("url.scheme", "'http'"),
    _text("url.path", "route|concrete"),
    _text("http.route", "route"),
    _number("http.response.status_code", "status", when="status"),
    _error(_HTTP_SERVER_FAILED),
    _text("network.protocol.name", "'http'"),
    _text("network.protocol.version", "'1.1'"),
    _text("server.address", "host.attributes.get('service') or host.name"),
    _text("client.address", "source.ip", when="source"),
    _number("client.port", "source_port"),
)
_HTTP_CLIENT_FAILED = "failed or status >= 400"
_GRPC_CALL = (
    _text("rpc.system.name", "'grpc'"),
    _text("rpc.method", "route"),
    _text("rpc.response.status_code", _GRPC),
)
_PEER = (
    _text("server.address", "peer"),
    _number("server.port", "port"),
    _text("service.peer.name", "peer"),
    _text("network.peer.address", "peer_host.ip", when="peer_host"),
)
_FUNCTION_FAILED = "failed and (status >= 500 or not status)"

SPANS = (
    Span("service.request", "protocol == 'http'", SERVER, "{{ method|word }} {{ route|word }}",
         "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", _HTTP_SERVER, _HTTP_SERVER_FAILED),
    Span("service.request", "protocol == 'grpc'", SERVER, "{{ route|word }}",
         "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
         (*_GRPC_CALL, _error(f"status in {_SERVER_FAULTS}"),
          _text("server.address", "host.attributes.get('service') or host.name"),
          _text("client.address", "source.ip", when="source"), _number("client.port", "source_port")),
         f"status in {_SERVER_FAULTS}"),
    Span("service.request", "protocol == 'messaging'", CONSUMER, "{{ method|word }} {{ route|word }}",
         "feint.messaging",
         (_text("messaging.system", "system or 'kafka'"), _text("messaging.destination.name", "route"),
          _text("messaging.operation.name", "method"), _text("messaging.operation.type", "'process'"),
          _error("failed")), "failed", linked=True),
    Span("service.request", "protocol == 'function'", SERVER, "{{ (host.attributes.get('service') or route)|word }}",
         "go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda",
         (_text("faas.trigger", "'http'"), Attribute("faas.coldstart", "cold", kind="bool"),
          _text("http.request.method", "method"), _text("http.route", "route"),
          _number("http.response.status_code", "status", when="status"), _error(_FUNCTION_FAILED)),
         _FUNCTION_FAILED),
    Span("service.call", "protocol == 'http'", CLIENT, "{{ method|word }}",
         "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
         (_text("http.request.method", "method"),
          _text("url.full", "http://{{ peer|word }}:{{ port }}{{ route|concrete|word }}"),
          _text("url.template", "route"), _number("http.response.status_code", "status", when="status"),
          _number("http.request.resend_count", "attempt - 1", when="attempt > 1"), _error(_HTTP_CLIENT_FAILED), *_PEER),
         _HTTP_CLIENT_FAILED),
    Span("service.call", "protocol == 'grpc'", CLIENT, "{{ route|word }}",
         "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
         (*_GRPC_CALL, _error("failed or status"), *_PEER), "failed or status"),
    Span("service.call", "protocol == 'database'", CLIENT, "{{ method|word }} {{ route|word }}",
         "go.opentelemetry.io/contrib/instrumentation/database/sql/otelsql",
         (_text("db.system.name", "system or 'other_sql'"), _text("db.operation.name", "method"),
          _text("db.collection.name", "route"), _error("failed"), *_PEER), "failed"),
    Span("service.call", "protocol == 'messaging'", PRODUCER, "{{ method|word }} {{ route|word }}", "feint.messaging",
         (_text("messaging.system", "system or 'kafka'"), _text("messaging.destination.name", "route"),
          _text("messaging.operation.name", "method"), _text("messaging.operation.type", "'send'"), _error("failed"),
          *_PEER), "failed"),
)  # fmt: skip
