"""Filters over what went over the network."""

from __future__ import annotations

# as in %SystemRoot%\\System32\\drivers\\etc\\services
_PORTS = {
    21: "ftp",
    22: "ssh",
    23: "telnet",
    25: "smtp",
    53: "domain",
    80: "http",
    88: "kerberos",
    110: "pop3",
    123: "ntp",
    135: "epmap",
    137: "netbios-ns",
    138: "netbios-dgm",
    139: "netbios-ssn",
    143: "imap",
    389: "ldap",
    443: "https",
    445: "microsoft-ds",
    464: "kpasswd",
    636: "ldaps",
    993: "imaps",
    1433: "ms-sql-s",
    3389: "ms-wbt-server",
}
_DNS_STATUS = {"NOERROR": 0, "FORMERR": 9001, "SERVFAIL": 9002, "NXDOMAIN": 9003, "NOTIMP": 9004, "REFUSED": 9005}
_TIMED_OUT = 1460


def port_name(port: int) -> str:
    return _PORTS.get(port, "-")


def dns_status(rcode: str) -> int:
    """Return Windows's error code for a DNS answer; no answer at all is a time-out."""
    return _DNS_STATUS.get(rcode, _TIMED_OUT)


def dns_results(answer: str | None, query_type: str) -> str:
    """Return an answer as Sysmon writes it: IPv4 addresses mapped into IPv6, names after their record's type."""
    if not answer:
        return "-"
    types = {"CNAME": 5, "NS": 2, "PTR": 12, "MX": 15, "TXT": 16, "SRV": 33}
    if query_type in types:
        return f"type:  {types[query_type]} {answer};"
    return f"::ffff:{answer};" if ":" not in answer else f"{answer};"


FILTERS = {each.__name__: each for each in (dns_results, dns_status, port_name)}
