"""Pieces of templates that several of Kubernetes' records share."""

from __future__ import annotations

import zlib

_FIRST = "((time + {salt}) % 1000000007 * 4294967291 + 1152921504606846976)|hexint"
_SECOND = "((time + {salt}) % 998244353 * 6442450939 + 1152921504606846976)|hexint"


def version_4(identifier: str) -> str:
    """Return a template of a version 4 UUID, of a field of 16 random bytes."""
    parts = f"({identifier}|hex)[:8]", f"({identifier}|hex)[8:12]", f"({identifier}|hex)[13:16]"
    first, second, third = (f"{{{{ {part} }}}}" for part in parts)
    return f"{first}-{second}-4{third}-a{{{{ ({identifier}|hex)[17:20] }}}}-{{{{ ({identifier}|hex)[20:] }}}}"


def fresh_uid(what: str, of: str) -> str:
    """Return a template of a version 4 UUID for something that happens at ``time``.

    ``what`` tells apart what one event leaves, ``of`` (an expression) what happens to several at one moment.
    Both numbers have sixteen hexadecimal digits, and their arithmetic stays within 64 bits.
    """
    salt = zlib.crc32(what.encode()) % 1_000_000_007
    first, second = _FIRST.format(salt=salt), _SECOND.format(salt=salt)
    return (
        f"{{{{ ({first})[2:10] }}}}-{{{{ ({first})[10:14] }}}}-4{{{{ ({second})[15:18] }}}}"
        f"-b{{{{ ({second})[12:15] }}}}-{{{{ {of}|digits(6) }}}}{{{{ ({second})[4:10] }}}}"
    )
