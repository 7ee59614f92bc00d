"""What a web server sees: requests."""

from __future__ import annotations

from simulator import EventType, Field

EVENT_TYPES = (
    EventType(
        "http.request",
        "A web server was asked for something",
        (
            Field("host", "host", required=True, help="the server"),
            Field("source", "endpoint", required=True, help="the client"),
            Field("source_port", "integer", {"integer": {"min": 1024, "max": 65535}}),
            Field("method", "text", "GET"),
            Field("path", "text", required=True, help="as sent, without the query: /login"),
            Field("query", "text", "", help="as sent, without the question mark: user=ann&page=2"),
            Field("status", "code", 200),
            Field("bytes", "integer", {"lognormal": {"p50": 9200, "p99": 240000}}, help="of the answer's body"),
            Field("request_bytes", "integer", 0, help="of the body that was sent, as an upload has one"),
            Field("protocol", "text", "HTTP/1.1"),
            Field("referrer", "text", "-"),
            Field("user_agent", "text", "-", inherits="user_agent"),
            Field("user", "text", "-", help="who logged in by HTTP authentication"),
            Field("duration", "duration", {"lognormal": {"p50": "80ms", "p99": "800ms"}}),
            Field(
                "connection",
                "identifier",
                width=17,
                inherits="",
                help="the same for everything that one connection carried",
            ),
            Field(
                "file", "identifier", width=17, inherits="", help="the answer's body, where a sensor keeps it as a file"
            ),
            Field("virtual_host", "text", inherits="virtual_host", help="the name asked for; the server's own if none"),
            Field("scheme", "text", "https", inherits="scheme"),
            Field("port", "code", 443, inherits="port"),
            Field("error", "text", help="what the error log says of it; nothing when not given"),
        ),
    ),
)
