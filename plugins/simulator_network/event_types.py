"""What a sensor on the wire can tell apart: connections, DNS questions, TLS handshakes."""

from __future__ import annotations

from dataclasses import replace

from simulator import EventType, Field

# 17 bytes, a character each: with the C before them they are a connection's uid as Zeek writes it.
CONNECTION = Field("connection", "identifier", width=17, help="the same for everything that one connection carried")
_NEW_CONNECTION = replace(CONNECTION, inherits="")
_SOURCE_PORT = Field("source_port", "integer", {"integer": {"min": 32768, "max": 60999}})

EVENT_TYPES = (
    EventType(
        "network.connection",
        "A connection was made, refused or went unanswered",
        (
            Field("host", "host", required=True, help="the machine whose own sensors see it"),
            Field("source", "endpoint", {"same": "host"}),
            Field("destination", "endpoint", required=True),
            _SOURCE_PORT,
            Field("destination_port", "code", required=True),
            Field("protocol", "text", "tcp", help="tcp, udp or icmp"),
            Field("service", "text", help="what was spoken, as Zeek names it: ssh, http, ssl, smb, rdp"),
            Field("duration", "duration", {"lognormal": {"p50": "80ms", "p99": "5s"}}),
            Field("sent", "integer", {"lognormal": {"p50": 900, "p99": 60000}}, help="bytes of payload"),
            Field("received", "integer", {"lognormal": {"p50": 3500, "p99": 900000}}, help="bytes of payload"),
            Field("state", "text", "SF", help="SF, S0 (no answer), REJ, RSTO, RSTR or S1, as Zeek names it"),
            _NEW_CONNECTION,
            Field("user", "user"),
            Field("image", "text", inherits="image", help="full path of the program that made it"),
            Field("pid", "integer", {"integer": {"min": 1000, "max": 65000}}, inherits="pid"),
            Field("process", "identifier", width=16),
            Field("initiated", "text", "true", help="false when the host was called"),
        ),
    ),
    EventType(
        "dns.query",
        "A name was looked up",
        (
            Field("host", "host", required=True, help="the machine that asked"),
            Field("query", "text", required=True),
            Field("query_type", "text", "A"),
            Field("answer", "text", help="the address or text that came back"),
            Field("rcode", "text", "NOERROR"),
            Field("server", "endpoint", help="the resolver; one outside when not given"),
            Field("destination", "endpoint", help="the machine that has the name, for connections that follow"),
            Field("transaction", "integer", {"integer": {"min": 1, "max": 65535}}, help="pairs the answer"),
            _SOURCE_PORT,
            _NEW_CONNECTION,
            Field("user", "user"),
            Field("image", "text", inherits="image", help="full path of the program that asked"),
            Field("pid", "integer", {"integer": {"min": 1000, "max": 65000}}, inherits="pid"),
            Field("process", "identifier", width=16),
            Field("duration", "duration", {"lognormal": {"p50": "9ms", "p99": "180ms"}}),
        ),
    ),
    EventType(
        "tls.handshake",
        "A TLS session was agreed on, over a network.connection with the same connection",
        (
            Field("host", "host", required=True, help="the machine whose traffic it is"),
            Field("source", "endpoint", {"same": "host"}),
            Field("destination", "endpoint", required=True),
            Field("server_name", "text", help="the name that the client asked for (SNI)"),
            Field("version", "text", "TLSv13", help="as Zeek writes it: TLSv13, TLSv12, TLSv10"),
            Field("cipher", "text", "TLS_AES_128_GCM_SHA256"),
            replace(_SOURCE_PORT, inherits="source_port"),
            Field("destination_port", "code", 443, inherits="destination_port"),
            CONNECTION,
        ),
    ),
)
