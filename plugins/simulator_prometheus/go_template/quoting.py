"""Texts in quotes as Go's ``strconv.Unquote`` reads them."""

from __future__ import annotations

import re

from simulator_prometheus.go_template.lexing import TemplateFault

_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))?", re.DOTALL)


def unquoted(text: str) -> str:
    """Return what stands between quotes of any kind, escapes read."""
    quote, inner = text[:1], text[1:-1]
    if quote == "`":
        return inner.replace("\r", "")

    def read(match: re.Match[bytes]) -> bytes:
        byte, short, long, octal, simple = match.groups()
        if byte or octal:
            value = int(byte, 16) if byte else int(octal, 8)
            if value < 256:
                return bytes([value]) if quote == '"' else chr(value).encode()
        elif short or long:
            value = int(short or long, 16)
            if value <= 0x10FFFF and not 0xD800 <= value < 0xE000:
                return chr(value).encode()
        elif simple and simple.decode("latin-1") in _SIMPLE and simple.decode() != {'"': "'", "'": '"'}[quote]:
            return _SIMPLE[simple.decode()].encode()
        raise TemplateFault(f"invalid syntax in {text}: {match[0].decode(errors='replace')} is no escape")

    found = _ESCAPE.sub(read, inner.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")
    if quote == "'" and len(found) != 1:
        raise TemplateFault(f"malformed character constant: {text}")
    return found
