"""What a sensor says of the connection that each event went over: the columns of Zeek's conn log."""

from __future__ import annotations

from simulator_network.cells import BODILESS, DNS_ENDS, HTTP_ENDS, Cell, choice, ends, raw

_TCP = "protocol == 'tcp'"
_SILENT, _REFUSED = f"{_TCP} and state == 'S0'", f"{_TCP} and state == 'REJ'"
_HEADERS = 28  # of a datagram: 20 IP, 8 UDP or ICMP


def _locality(source: str, destination: str) -> dict[str, Cell]:
    local = {"local_orig": Cell(f"{source}|inside"), "local_resp": Cell(f"{destination}|inside")}
    return local | {"missed_bytes": Cell("0")}


def _stream(sent: str, received: str) -> dict[str, Cell]:
    """Sizes of a TCP connection that was used and closed: segments of 1448 bytes, every other one acknowledged."""
    sent_packets = f"(({sent}) // 1448 + ({received}) // 2896 + 5)"
    received_packets = f"(({received}) // 1448 + ({sent}) // 2896 + 4)"
    return _sizes(sent, sent_packets, received, received_packets)


def _sizes(sent: str, sent_packets: str, received: str, received_packets: str) -> dict[str, Cell]:
    """Each packet carries 52 bytes of headers (20 IP, 20 TCP, 12 options), the two that open a connection 8 more."""
    return {
        "orig_bytes": Cell(sent),
        "resp_bytes": Cell(received),
        "orig_pkts": Cell(sent_packets),
        "orig_ip_bytes": Cell(f"{sent} + {sent_packets} * 52 + 8"),
        "resp_pkts": Cell(received_packets),
        "resp_ip_bytes": Cell(f"{received} + {received_packets} * 52 + 8"),
    }


def _datagrams(size: str, direction: str) -> dict[str, Cell]:
    packets = f"({size} // 1400 + 1)"
    return {
        f"{direction}_bytes": Cell(size),
        f"{direction}_pkts": Cell(packets),
        f"{direction}_ip_bytes": Cell(f"{size} + {packets} * {_HEADERS}"),
    }


def _attempted_sizes() -> dict[str, Cell]:
    """Sizes by protocol and by what became of the attempt."""
    unanswered = {"orig_pkts": "1", "orig_ip_bytes": "60", "resp_pkts": "0", "resp_ip_bytes": "0"}
    refused = {"orig_pkts": "1", "orig_ip_bytes": "60", "resp_pkts": "1", "resp_ip_bytes": "40"}
    lost = {"orig_pkts": "1", "orig_ip_bytes": f"sent + {_HEADERS}", "resp_pkts": "0", "resp_ip_bytes": "0"}
    stream, datagrams = _stream("sent", "received"), _datagrams("sent", "orig") | _datagrams("received", "resp")
    return {
        column: choice(
            (_SILENT, Cell(unanswered.get(column, "0"))),
            (_REFUSED, Cell(refused.get(column, "0"))),
            (_TCP, cell),
            ("state == 'S0'", Cell(lost.get(column, "0"))),
            otherwise=datagrams[column],
        )
        for column, cell in stream.items()
    }


def _network_connection() -> dict[str, Cell]:
    answered = "state != 'S0'"
    sizes = _attempted_sizes()
    source_port = choice(("protocol == 'icmp'", Cell("8")), otherwise=Cell("source_port"))
    destination_port = choice(("protocol == 'icmp'", Cell("0")), otherwise=Cell("destination_port"))
    return {
        **ends("source", source_port, "destination", destination_port),
        "proto": Cell("protocol"),
        "ip_proto": Cell("{'tcp': 6, 'udp': 17, 'icmp': 1}[protocol]"),
        "service": Cell("service", "service"),
        "duration": Cell("duration", answered),
        "conn_state": Cell("'OTH' if protocol == 'icmp' else state"),
        **_locality("source", "destination"),
        "history": Cell("state|history(protocol, service)", "protocol != 'icmp'"),
        **sizes,
        "orig_bytes": raw(sizes["orig_bytes"].text, answered),
        "resp_bytes": raw(sizes["resp_bytes"].text, answered),
    }


def _http_request() -> dict[str, Cell]:
    """Headers, and for https the handshake, come on top of the bodies. Their size varies with the client's port."""
    request, answer = "request_bytes + source_port % 389", "source_port % 53"
    plain = _stream(f"{request} + 420", f"bytes + {answer} + 290")
    plain_bodiless = _stream(f"{request} + 420", f"{answer} + 290")
    secure = _stream(f"{request} + 1530", f"bytes + {answer} + 4180")
    secure_bodiless = _stream(f"{request} + 1530", f"{answer} + 4180")
    sizes = {
        column: choice(
            (f"scheme == 'https' and ({BODILESS})", secure_bodiless[column]),
            ("scheme == 'https'", secure[column]),
            (BODILESS, plain_bodiless[column]),
            otherwise=cell,
        )
        for column, cell in plain.items()
    }
    return {
        **HTTP_ENDS,
        "proto": Cell("'tcp'"),
        "ip_proto": Cell("6"),
        "service": Cell("'ssl' if scheme == 'https' else 'http'"),
        "duration": Cell("duration"),
        "conn_state": Cell("'SF'"),
        **_locality("source", "host"),
        "history": Cell("'ShADadFf'"),
        **sizes,
    }


def _dns_query() -> dict[str, Cell]:
    """A question takes 18 bytes besides its name. The answer repeats it; a denial adds the zone's SOA record."""
    question, answer = "query|length + 18", "query|length + 18 + query_type|answer_length(answer, rcode)"
    return {
        **DNS_ENDS,
        "ip_proto": Cell("17"),
        "service": Cell("'dns'"),
        "duration": Cell("duration"),
        "orig_bytes": Cell(question),
        "resp_bytes": Cell(answer),
        "conn_state": Cell("'SF'"),
        **_locality("host", "(server or resolver)"),
        "history": Cell("'Dd'"),
        "orig_pkts": Cell("1"),
        "orig_ip_bytes": Cell(f"{question} + {_HEADERS}"),
        "resp_pkts": Cell("1"),
        "resp_ip_bytes": Cell(f"{answer} + {_HEADERS}"),
    }


def _ssh_login(sent: str, received: str, seconds: str) -> dict[str, Cell]:
    """The event tells no sizes: they and the duration are spread by the source's port, and so agree between logs."""
    return {
        **ends("source", Cell("source_port"), "host", Cell("22")),
        "proto": Cell("'tcp'"),
        "ip_proto": Cell("6"),
        "service": Cell("'ssh'"),
        "duration": raw(f"{{{{ {seconds} }}}}.{{{{ source_port * 7919 % 900000 + 100000 }}}}"),
        "conn_state": Cell("'SF'"),
        **_locality("source", "host"),
        "history": Cell("'ShAdDaFf'"),
        **_sizes(sent, "(source_port % 9 + 17)", received, "(source_port % 7 + 14)"),
    }


CONNECTIONS: dict[str, dict[str, Cell]] = {
    "network.connection": _network_connection(),
    "http.request": _http_request(),
    "dns.query": _dns_query(),
    "ssh.login_failed": _ssh_login("source_port % 887 + 1930", "source_port % 463 + 2240", "source_port % 4 + 1"),
    "ssh.login_succeeded": _ssh_login(
        "source_port % 3907 + 3050", "source_port % 7919 + 3900", "source_port % 1709 + 21"
    ),
}
