"""What each of Zeek's logs says of each event: Jinja2 snippets by column, written once for JSON and for tabs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """The value of a column. ``text`` is an expression or, when ``raw``, a piece of template as it stands.

    It is set where ``when`` holds; elsewhere the log has it unset.
    """

    text: str
    when: str = ""
    raw: bool = False


def _raw(text: str, when: str = "") -> Cell:
    return Cell(text, when, raw=True)


_UID = _raw("C{{ connection|base62 }}")
_TCP = "protocol == 'tcp'"


def _ends(source: str, source_port: str, destination: str, destination_port: str) -> dict[str, Cell]:
    return {
        "ts": Cell("time"),
        "uid": _UID,
        "id.orig_h": Cell(f"{source}.ip"),
        "id.orig_p": _raw(source_port),
        "id.resp_h": Cell(f"{destination}.ip"),
        "id.resp_p": _raw(destination_port),
    }


def _locality(source: str, destination: str) -> dict[str, Cell]:
    return {
        "local_orig": Cell(f"{source}|inside"),
        "local_resp": Cell(f"{destination}|inside"),
        "missed_bytes": Cell("0"),
    }


def _spoken(sent: str, received: str) -> dict[str, Cell]:
    """Sizes of a TCP connection that was opened, used and closed: segments of 1448 bytes, every other one acknowledged.

    Each packet carries 52 bytes of headers (20 IP, 20 TCP, 12 options), the two that open it 8 more.
    """
    sent_packets = f"({sent}) // 1448 + ({received}) // 2896 + 5"
    received_packets = f"({received}) // 1448 + ({sent}) // 2896 + 4"
    return {
        "orig_bytes": Cell(sent),
        "resp_bytes": Cell(received),
        "orig_pkts": Cell(sent_packets),
        "orig_ip_bytes": Cell(f"{sent} + ({sent_packets}) * 52 + 8"),
        "resp_pkts": Cell(received_packets),
        "resp_ip_bytes": Cell(f"{received} + ({received_packets}) * 52 + 8"),
    }


def _choice(*choices: tuple[str, str], otherwise: str) -> Cell:
    """A piece of template for the first condition that holds."""
    branches = "".join(f"{{% {'elif' if at else 'if'} {when} %}}{text}" for at, (when, text) in enumerate(choices))
    return _raw(f"{branches}{{% else %}}{otherwise}{{% endif %}}")


def _connection() -> dict[str, Cell]:
    tcp = {column: f"{{{{ {cell.text} }}}}" for column, cell in _spoken("sent", "received").items()}
    silent, refused = f"{_TCP} and state == 'S0'", f"{_TCP} and state == 'REJ'"

    def sizes(column: str, unanswered: str, rejected: str, datagram: str, datagram_unanswered: str) -> Cell:
        return _choice(
            (silent, unanswered),
            (refused, rejected),
            (_TCP, tcp[column]),
            ("state == 'S0'", datagram_unanswered),
            otherwise=datagram,
        )

    sent_packets, received_packets = "{{ sent // 1400 + 1 }}", "{{ received // 1400 + 1 }}"
    sent_bytes, received_bytes = "{{ sent + (sent // 1400 + 1) * 28 }}", "{{ received + (received // 1400 + 1) * 28 }}"
    answered = "state != 'S0'"
    return {
        **_ends(
            "source",
            "{% if protocol == 'icmp' %}8{% else %}{{ source_port }}{% endif %}",
            "destination",
            "{% if protocol == 'icmp' %}0{% else %}{{ destination_port }}{% endif %}",
        ),
        "proto": Cell("protocol"),
        "service": Cell("service", "service"),
        "duration": Cell("duration", answered),
        "orig_bytes": Cell("{% if " + refused + " %}0{% else %}{{ sent }}{% endif %}", answered, raw=True),
        "resp_bytes": Cell("{% if " + refused + " %}0{% else %}{{ received }}{% endif %}", answered, raw=True),
        "conn_state": Cell("'OTH' if protocol == 'icmp' else state"),
        **_locality("source", "destination"),
        "history": Cell("state|history(protocol, service)", "protocol != 'icmp'"),
        "orig_pkts": sizes("orig_pkts", "1", "1", sent_packets, "1"),
        "orig_ip_bytes": sizes("orig_ip_bytes", "60", "60", sent_bytes, "{{ sent + 28 }}"),
        "resp_pkts": sizes("resp_pkts", "0", "1", received_packets, "0"),
        "resp_ip_bytes": sizes("resp_ip_bytes", "0", "40", received_bytes, "0"),
    }


_HTTP_ENDS = _ends("source", "{{ source_port }}", "host", "{{ port }}")
_BODILESS = "method == 'HEAD' or status in (204, 304)"


def _http_connection() -> dict[str, Cell]:
    """Headers, and for https the handshake, come on top of the bodies. Their size varies with the client's port."""
    request = "request_bytes + source_port % 389 + 420"
    request_tls = "request_bytes + source_port % 389 + 1530"
    cases = (
        (f"scheme == 'https' and ({_BODILESS})", _spoken(request_tls, "source_port % 53 + 4180")),
        ("scheme == 'https'", _spoken(request_tls, "bytes + source_port % 53 + 4180")),
        (_BODILESS, _spoken(request, "source_port % 53 + 290")),
    )
    otherwise = _spoken(request, "bytes + source_port % 53 + 290")
    sizes = {
        column: _choice(
            *((when, f"{{{{ {cells[column].text} }}}}") for when, cells in cases), otherwise=f"{{{{ {cell.text} }}}}"
        )
        for column, cell in otherwise.items()
    }
    return {
        **_HTTP_ENDS,
        "proto": Cell("'tcp'"),
        "service": Cell("'ssl' if scheme == 'https' else 'http'"),
        "duration": Cell("duration"),
        "conn_state": Cell("'SF'"),
        **_locality("source", "host"),
        "history": Cell("'ShADadFf'"),
        **sizes,
    }


def _dns_ends() -> dict[str, Cell]:
    return _ends("host", "{{ source_port }}", "(server or resolver)", "53") | {"proto": Cell("'udp'")}


def _dns_connection() -> dict[str, Cell]:
    """A question takes 18 bytes besides its name. The answer repeats it; a denial adds the zone's SOA record."""
    question, answer = "query|length + 18", "query|length + 18 + query_type|answer_length(answer, rcode)"
    return {
        **_dns_ends(),
        "service": Cell("'dns'"),
        "duration": Cell("duration"),
        "orig_bytes": Cell(question),
        "resp_bytes": Cell(answer),
        "conn_state": Cell("'SF'"),
        **_locality("host", "(server or resolver)"),
        "history": Cell("'Dd'"),
        "orig_pkts": Cell("1"),
        "orig_ip_bytes": Cell(f"{question} + 28"),
        "resp_pkts": Cell("1"),
        "resp_ip_bytes": Cell(f"{answer} + 28"),
    }


def _ssh_connection(sent: str, received: str, seconds: str) -> dict[str, Cell]:
    """The event tells no sizes: they and the duration are spread by the source's port, and so agree between logs."""
    sent_packets, received_packets = "(source_port % 9 + 17)", "(source_port % 7 + 14)"
    return {
        **_ends("source", "{{ source_port }}", "host", "22"),
        "proto": Cell("'tcp'"),
        "service": Cell("'ssh'"),
        "duration": _raw(f"{{{{ {seconds} }}}}.{{{{ source_port * 7919 % 900000 + 100000 }}}}"),
        "conn_state": Cell("'SF'"),
        **_locality("source", "host"),
        "history": Cell("'ShAdDaFf'"),
        "orig_bytes": Cell(sent),
        "resp_bytes": Cell(received),
        "orig_pkts": Cell(sent_packets),
        "orig_ip_bytes": Cell(f"{sent} + {sent_packets} * 52 + 8"),
        "resp_pkts": Cell(received_packets),
        "resp_ip_bytes": Cell(f"{received} + {received_packets} * 52 + 8"),
    }


def _dns() -> dict[str, Cell]:
    return {
        **_dns_ends(),
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
    body = f"not ({_BODILESS})"
    return {
        **_HTTP_ENDS,
        "trans_depth": Cell("1"),
        "method": Cell("method"),
        "host": Cell("virtual_host or host.fqdn"),
        "uri": _raw("{{ path|decoded }}{% if query %}?{{ query|decoded }}{% endif %}"),
        "referrer": Cell("referrer", "referrer and referrer != '-'"),
        "version": Cell("protocol|replace('HTTP/', '')"),
        "user_agent": Cell("user_agent", "user_agent and user_agent != '-'"),
        "request_body_len": Cell("request_bytes"),
        "response_body_len": _choice((_BODILESS, "0"), otherwise="{{ bytes }}"),
        "status_code": Cell("status"),
        "status_msg": Cell("status|phrase"),
        "tags": Cell("[]"),
        "username": Cell("user", "user and user != '-'"),
        "resp_fuids": _raw("F{{ file|base62 }}", body),
        "resp_mime_types": Cell("path|mime_type", body),
    }


def _handshake(ends: dict[str, Cell], server_name: str, version: str, cipher: str) -> dict[str, Cell]:
    """Of TLS 1.3 a sensor sees neither certificates nor the protocol agreed on; of older versions it sees both."""
    older = f"{version} != 'TLSv13'"
    return {
        **ends,
        "version": Cell(version),
        "cipher": Cell(cipher),
        "curve": Cell("'x25519'", f"{version} == 'TLSv13' or '_ECDHE_' in {cipher}"),
        "server_name": Cell(server_name, server_name),
        "resumed": Cell("false"),
        "next_protocol": Cell("'http/1.1'", older),
        "established": Cell("true"),
        "ssl_history": Cell(f"'CsiI' if {version} == 'TLSv13' else 'CsxknGIti'"),
        "cert_chain_fps": Cell(f"{server_name}|certificates", older),
        "client_cert_chain_fps": Cell("[]", older),
        "sni_matches_cert": Cell("true", f"{older} and {server_name}"),
    }


CELLS: dict[str, dict[str, dict[str, Cell]]] = {
    "conn": {
        "network.connection": _connection(),
        "http.request": _http_connection(),
        "dns.query": _dns_connection(),
        "ssh.login_failed": _ssh_connection(
            "source_port % 887 + 1930", "source_port % 463 + 2240", "source_port % 4 + 1"
        ),
        "ssh.login_succeeded": _ssh_connection(
            "source_port % 3907 + 3050", "source_port % 7919 + 3900", "source_port % 1709 + 21"
        ),
    },
    "dns": {"dns.query": _dns()},
    "http": {"http.request": _http()},
    "ssl": {
        "tls.handshake": _handshake(
            _ends("source", "{{ source_port }}", "destination", "{{ destination_port }}"),
            "server_name",
            "version",
            "cipher",
        ),
        "http.request": _handshake(_HTTP_ENDS, "(virtual_host or host.fqdn)", "'TLSv13'", "'TLS_AES_256_GCM_SHA384'"),
    },
}

WHEN = {("http", "http.request"): "scheme == 'http'", ("ssl", "http.request"): "scheme == 'https'"}
"""Where not every event of the type is of the log."""
