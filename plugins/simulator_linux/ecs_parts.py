"""Pieces that every ECS document of a Linux machine has."""

from __future__ import annotations

import json
import re

TIME, HOST_NAME = "{{ time|iso }}", "{{ host.name|json }}"
HOST = (
    '"host":{"architecture":"x86_64","hostname":' + HOST_NAME + ',"ip":[{{ host.ip|json }}],'
    '"mac":[{{ host.mac.upper().replace(":", "-")|json }}],"name":' + HOST_NAME + ","
    '"os":{"family":"debian",{% if host.os_version %}"full":{{ host.os_version|json }},{% endif %}'
    '{% if "Ubuntu" in host.os_version %}"name":"Ubuntu","platform":"ubuntu","type":"linux"'
    '{% else %}"name":"Debian GNU/Linux","platform":"debian","type":"linux"{% endif %}}}'
)
_NUMBERS = re.compile(r"\s*(?:pid(?: \+ \d+)?|source_port|logon\|decimal % \d+|status|target\.uid|user\.uid)\s*")


def escaped(value: object) -> str:
    """Write a value as a piece of a longer JSON string."""
    return json.dumps(str(value), ensure_ascii=False)[1:-1]


def in_json(template: str) -> str:
    """Return a template of text as one of a JSON string: its text is escaped here, its values when they are known."""
    pieces = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", template)
    return '"' + "".join(_piece(piece) for piece in pieces) + '"'


def _piece(piece: str) -> str:
    if piece.startswith("{%"):
        return piece
    if not piece.startswith("{{"):
        return escaped(piece)
    expression = piece[2:-2]
    return piece if _NUMBERS.fullmatch(expression) else f"{{{{ ({expression.strip()})|escaped }}}}"


def joined(text: str) -> str:
    """Return a document written on several lines as one line."""
    return "".join(line.strip() for line in text.splitlines())
