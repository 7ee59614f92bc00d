"""The renderer ``linux.auditd``."""

from __future__ import annotations

from simulator import Counter, LogSource, Renderer
from simulator_linux.auditd_calls import CALLS
from simulator_linux.auditd_encoding import filters
from simulator_linux.auditd_messages import MESSAGES

AUDITD = Renderer(
    name="linux.auditd",
    title="/var/log/audit/audit.log, enriched, with the machine's name",
    format="auditd",
    templates={**MESSAGES, **CALLS},
    log_sources=(LogSource(product="linux", service="auditd"),),
    entities={"host": "node", "user": "acct", "source": "addr"},
    counters={"serial": Counter(per="host", start=2000)},
    filters=filters(),
)
