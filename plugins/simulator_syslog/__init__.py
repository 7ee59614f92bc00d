"""Syslog lines as they stand in a file: the classic form of RFC 3164, and RFC 5424."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import Format, hookimpl
from simulator_syslog.rfc3164 import Rfc3164Format
from simulator_syslog.rfc5424 import Rfc5424Format


@hookimpl
def simulator_formats() -> Iterable[Format]:
    return (Rfc3164Format(), Rfc5424Format())
