"""Ids and names of things in a cloud: derived from names, always the same for the same thing, and nobody's."""

from __future__ import annotations

import base64
import hashlib
import json as json_text
import re

_REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)(-gov)?-(north|south|east|west|central)+-\d")
ACCOUNT = "111122223333"  # of Amazon's documentation
HOME = "eu-west-1"


def digest(*words: object) -> bytes:
    return hashlib.sha256("\0".join(str(word) for word in words).encode()).digest()


def hexadecimal(word: object, digits: int, kind: str = "") -> str:
    """Return so many hexadecimal digits that belong to a word."""
    return digest(kind, word).hex()[:digits]


def uuid(word: object, kind: str = "") -> str:
    digits = digest("uuid", kind, word).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


def unique_id(prefix: str, *words: object) -> str:
    """Return an id as IAM gives them (AIDA…, AROA…, AKIA…, ASIA…), of the kind that documentation uses."""
    letters = base64.b32encode(digest(prefix, *words)).decode()
    return f"{prefix}{letters[: 9 if prefix in ('AKIA', 'ASIA') else 10]}EXAMPLE"


def json(value: object) -> str:
    return json_text.dumps(value, ensure_ascii=False, separators=(",", ":"))


def given(text: str) -> str:
    """Return JSON that a playbook gives, in one line; ``ValueError`` where it is none."""
    try:
        return json(json_text.loads(text))
    except ValueError as error:
        raise ValueError(
            f"a playbook gives {text[:60]!r} for JSON, which it is not ({error}); quote names and texts"
        ) from error


def inside(value: object) -> str:
    """Write a piece of a longer JSON string."""
    return json("" if value is None else str(value))[1:-1]


def region(name: str | None) -> str:
    """Return the region's name, or a region for a world whose regions are called something else."""
    return name if name and _REGION.fullmatch(name) else HOME


def version_4(identifier: str) -> str:
    """Return a template of a version 4 UUID, of a field of 16 random bytes."""
    parts = (f"({identifier}|hex)[{part}]" for part in (":8", "8:12", "13:16", "17:20", "20:"))
    first, second, third, fourth, last = (f"{{{{ {part} }}}}" for part in parts)
    return f"{first}-{second}-4{third}-a{fourth}-{last}"
