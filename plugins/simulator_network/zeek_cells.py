"""What Zeek's dns, http and ssl logs say of each event, by column; the conn log is in :mod:`.connections`."""

from __future__ import annotations

from simulator_network.cells import BODILESS, DNS_ENDS, HTTP_ENDS, Cell, choice, ends, raw
from simulator_network.connections import CONNECTIONS


def _dns() -> dict[str, Cell]:
    return {
        **DNS_ENDS,
        "trans_id": Cell("transaction"),
        "rtt": Cell("duration", "answer"),
        "query": Cell("query"),
        "qclass": Cell("1"),
        "qclass_name": Cell("'C_INTERNET'"),
        "qtype": Cell("query_type|query_type_number"),
        "qtype_name": Cell("'*' if query_type == 'ANY' else query_type"),
        "rcode": Cell("rcode|response_code_number"),
        "rcode_name": Cell("rcode"),
        "AA": Cell("false"),
        "TC": Cell("false"),
        "RD": Cell("true"),
        "RA": Cell("answer"),
        "Z": Cell("0"),
        "answers": Cell("answer|resource(query_type)", "answer"),
        "TTLs": Cell("answer|time_to_live", "answer"),
        "rejected": Cell("false"),
    }


def _http() -> dict[str, Cell]:
    body = f"not ({BODILESS})"
    return {
        **HTTP_ENDS,
        "trans_depth": Cell("1"),
        "method": Cell("method"),
        "host": Cell("virtual_host or host.fqdn"),
        "uri": raw("{{ path|decoded }}{% if query %}?{{ query|decoded }}{% endif %}"),
        "referrer": Cell("referrer", "referrer and referrer != '-'"),
        "version": Cell("protocol|replace('HTTP/', '')"),
        "user_agent": Cell("user_agent", "user_agent and user_agent != '-'"),
        "request_body_len": Cell("request_bytes"),
        "response_body_len": choice((BODILESS, Cell("0")), otherwise=Cell("bytes")),
        "status_code": Cell("status"),
        "status_msg": Cell("status|phrase"),
        "tags": Cell("[]"),
        "username": Cell("user", "user and user != '-'"),
        "resp_fuids": raw("F{{ file|base62 }}", body),
        "resp_mime_types": Cell("path|mime_type", body),
    }


def _handshake(between: dict[str, Cell], server_name: str, version: str, cipher: str) -> dict[str, Cell]:
    """Of TLS 1.3 a sensor sees neither certificates nor the protocol agreed on; of older versions it sees both."""
    older = f"{version} != 'TLSv13'"
    return {
        **between,
        "version": Cell(version),
        "cipher": Cell(cipher),
        "curve": Cell("'x25519'", f"{version} == 'TLSv13' or 'ECDHE' in {cipher}"),
        "server_name": Cell(server_name, server_name),
        "resumed": Cell("false"),
        "next_protocol": Cell("'http/1.1'", older),
        "established": Cell("true"),
        "ssl_history": Cell(f"{version}|handshake({cipher})"),
        "cert_chain_fps": Cell(f"{server_name}|certificates", older),
        "client_cert_chain_fps": Cell("[]", older),
        "sni_matches_cert": Cell("true", f"{older} and {server_name}"),
    }


CELLS: dict[str, dict[str, dict[str, Cell]]] = {
    "conn": CONNECTIONS,
    "dns": {"dns.query": _dns()},
    "http": {"http.request": _http()},
    "ssl": {
        "tls.handshake": _handshake(
            ends("source", Cell("source_port"), "destination", Cell("destination_port")),
            "server_name",
            "version",
            "cipher",
        ),
        "http.request": _handshake(HTTP_ENDS, "(virtual_host or host.fqdn)", "'TLSv13'", "'TLS_AES_256_GCM_SHA384'"),
    },
}

WHEN = {("http", "http.request"): "scheme == 'http'", ("ssl", "http.request"): "scheme == 'https'"}
"""Where not every event of the type is of the log."""
