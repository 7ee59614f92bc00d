"""How a request can end, and how each protocol says so."""

from __future__ import annotations

import numpy as np

OK, INTERNAL, UNAVAILABLE, TIMEOUT, CANCELLED, BAD_GATEWAY, REFUSED, CERTIFICATE = range(8)
POOL_TIMEOUT, DISK_FULL, UNAUTHORISED, THROTTLED, BREAKER_OPEN, RESET = range(8, 14)
_FIRST_OF_STATUS = 14
"""From here on, an outcome is an HTTP status that an effect asked for: 14 is 400."""

_HTTP = {
    OK: 200, INTERNAL: 500, UNAVAILABLE: 503, TIMEOUT: 504, CANCELLED: 499, BAD_GATEWAY: 502, POOL_TIMEOUT: 503,
    DISK_FULL: 500, UNAUTHORISED: 401, THROTTLED: 429, BREAKER_OPEN: 503,
}  # fmt: skip
_GRPC = {
    INTERNAL: 13, UNAVAILABLE: 14, TIMEOUT: 4, CANCELLED: 1, BAD_GATEWAY: 14, REFUSED: 14, CERTIFICATE: 14,
    POOL_TIMEOUT: 14, DISK_FULL: 8, UNAUTHORISED: 16, THROTTLED: 8, BREAKER_OPEN: 14, RESET: 14,
}  # fmt: skip
_GRPC_NAMES = {1: "CANCELLED", 4: "DEADLINE_EXCEEDED", 8: "RESOURCE_EXHAUSTED", 13: "INTERNAL", 14: "UNAVAILABLE", 16: "UNAUTHENTICATED"}  # fmt: skip  # noqa: E501
_WORDS = {
    INTERNAL: "internal", UNAVAILABLE: "unavailable", TIMEOUT: "timeout", CANCELLED: "cancelled",
    BAD_GATEWAY: "unavailable", REFUSED: "connection_refused", CERTIFICATE: "certificate_expired",
    POOL_TIMEOUT: "pool_timeout", DISK_FULL: "disk_full", UNAUTHORISED: "unauthorized", THROTTLED: "throttled",
    BREAKER_OPEN: "circuit_open", RESET: "connection_reset",
}  # fmt: skip
_NO_ANSWER = (REFUSED, CERTIFICATE, RESET)
OUTCOMES = _FIRST_OF_STATUS + 200


def of_status(status: int) -> int:
    """Return the outcome that is an HTTP status from 400 to 599."""
    return _FIRST_OF_STATUS + status - 400


def said(outcome: int, protocol: str, *, asking: bool, ok: int = 200) -> tuple[int, str | None]:
    """Return the status and the error of a span. ``asking``: it is the side that asked, which may have no answer."""
    if outcome >= _FIRST_OF_STATUS:
        status = outcome - _FIRST_OF_STATUS + 400
        return _in(protocol, INTERNAL if status >= 500 else UNAUTHORISED, status)
    if outcome == OK:
        return (ok if protocol in ("http", "function") else 0), None
    unanswered = outcome in _NO_ANSWER or (asking and outcome in (TIMEOUT, CANCELLED))
    if unanswered and protocol != "grpc":
        return 0, _WORDS[outcome]
    return _in(protocol, outcome, _HTTP.get(outcome, 0))


def _in(protocol: str, outcome: int, status: int) -> tuple[int, str | None]:
    if protocol in ("http", "function"):
        return status, str(status)
    if protocol == "grpc":
        return _GRPC[outcome], _GRPC_NAMES[_GRPC[outcome]]
    return 0, _WORDS[outcome]


def passed_on(*, entry: bool) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return what a route ends with when a call of it ended so, by the call's outcome."""
    table = np.full(OUTCOMES, BAD_GATEWAY if entry else INTERNAL, np.uint8)
    table[OK] = OK
    table[[TIMEOUT, CANCELLED]] = TIMEOUT
    table[[UNAVAILABLE, REFUSED, CERTIFICATE, POOL_TIMEOUT, BREAKER_OPEN, RESET, THROTTLED]] = UNAVAILABLE
    table[[DISK_FULL]] = INTERNAL
    table[of_status(503)] = UNAVAILABLE
    table[of_status(504)] = TIMEOUT
    return table
