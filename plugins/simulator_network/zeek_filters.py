"""What Zeek works out of what it sees, and how it writes values. Pure functions of coded values."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from simulator import Host

_QUERY_TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "SRV": 33,
    "NAPTR": 35,
}
_QUERY_TYPES |= {"DS": 43, "DNSKEY": 48, "SVCB": 64, "HTTPS": 65, "AXFR": 252, "ANY": 255}
_RESPONSE_CODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
_SERVER_SPEAKS_FIRST = ("ssh", "smtp", "ftp", "mysql", "imap", "pop3")
_HISTORIES = {"S0": "S", "REJ": "Sr", "S1": "ShADad", "RSTO": "ShADadR", "RSTR": "ShADadr"}
_MIME_TYPES = {
    "css": "text/plain",
    "js": "application/javascript",
    "json": "application/json",
    "xml": "application/xml",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "gz": "application/x-gzip",
    "exe": "application/x-dosexec",
    "dll": "application/x-dosexec",
}


def inside(endpoint: object) -> bool:
    """Say whether it is of the world's own: what Zeek is told by its list of local networks."""
    return isinstance(endpoint, Host)


def history(state: str, protocol: str, service: str | None) -> str:
    if protocol == "udp":
        return "D" if state == "S0" else "Dd"
    if state == "SF":
        return "ShAdDaFf" if service in _SERVER_SPEAKS_FIRST else "ShADadFf"
    return _HISTORIES.get(state, "ShADad")


def query_type_number(name: str) -> int:
    return _QUERY_TYPES.get(name, 0)


def response_code_number(name: str) -> int:
    return _RESPONSE_CODES.index(name) if name in _RESPONSE_CODES else 0


def answer_length(query_type: str, answer: str | None, rcode: str) -> int:
    """Count the bytes that an answer has besides the question: a record of 12 bytes and its data, or an SOA record."""
    if not answer:
        return 61 if rcode in ("NOERROR", "NXDOMAIN") else 0
    return 12 + {"A": 4, "AAAA": 16}.get(query_type, len(answer) + 2)


def resource(answer: str, query_type: str) -> str:
    """Write an answer as the DNS analyzer does: texts are told with their length."""
    return f"TXT {len(answer)} {answer}" if query_type == "TXT" else answer


def time_to_live(answer: str) -> int:
    """Return how many seconds an answer may be kept: one of the usual figures, the same for the same answer."""
    return (60, 300, 300, 600, 3600)[hashlib.sha256(answer.encode()).digest()[0] % 5]


def phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def mime_type(path: str) -> str:
    """Guess what the body is from the path's ending; pages are what remains."""
    return _MIME_TYPES.get(path.rpartition("/")[2].rpartition(".")[2].lower(), "text/html")


def handshake(version: str, cipher: str) -> str:
    """Tell the messages of a handshake, the client's in capitals; a server sends its key where both agree on one."""
    if version == "TLSv13":
        return "CsiI"
    return "CsxknGIti" if "DHE" in cipher else "CsxnGIti"


def certificates(server_name: str | None) -> list[str]:
    """Return fingerprints of a chain of two: the server's own, and its issuer's, which all servers share."""
    leaf = hashlib.sha256(f"leaf {server_name}".encode()).hexdigest()
    return [leaf, hashlib.sha256(b"issuer").hexdigest()]


def json_array(values: str | list[str]) -> str:
    return json.dumps([values] if isinstance(values, str) else values, ensure_ascii=False, separators=(",", ":"))


def json_decoded(uri: str) -> str:
    """Write a piece of a URI without its percent encoding, as the inside of a JSON string."""
    return json.dumps(_decoded(uri), ensure_ascii=False)[1:-1]


def tab_text(text: str) -> str:
    """Write a string so that neither tabs, line ends nor the marks for empty and unset can be taken for themselves."""
    if text in ("-", "(empty)"):
        return f"\\x{ord(text[0]):02x}{text[1:]}"
    return _escaped(text) or "(empty)"


def tab_list(values: str | list[str]) -> str:
    texts = [values] if isinstance(values, str) else values
    return ",".join(tab_text(text).replace(",", "\\x2c") for text in texts) or "(empty)"


def tab_decoded(uri: str) -> str:
    return _escaped(_decoded(uri))


def _decoded(uri: str) -> str:
    if "%" not in uri:
        return uri
    return unquote_to_bytes(uri).decode("utf-8", "backslashreplace")


def _escaped(text: str) -> str:
    return "".join(
        "\\\\" if sign == "\\" else sign if sign.isprintable() else "".join(f"\\x{byte:02x}" for byte in sign.encode())
        for sign in text
    )


SHARED = {
    function.__name__: function
    for function in (
        inside,
        history,
        query_type_number,
        response_code_number,
        answer_length,
        resource,
        time_to_live,
        phrase,
        mime_type,
        handshake,
        certificates,
    )
}
JSON = SHARED | {"array": json_array, "decoded": json_decoded}
TABS = SHARED | {"text": tab_text, "array": tab_list, "decoded": tab_decoded}
