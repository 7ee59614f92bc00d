"""The renderers ``linux.auth_log`` and ``linux.syslog``: the same lines in two places and two forms."""

from __future__ import annotations

import base64
import hashlib

from simulator import LogSource, Renderer
from simulator_linux.accounts import ACCOUNTS
from simulator_linux.lines import classic, modern
from simulator_linux.logins import LOGINS
from simulator_linux.privileges import PRIVILEGES
from simulator_linux.services import SERVICES, exit_name

_STORIES = (LOGINS, PRIVILEGES, ACCOUNTS, SERVICES)
CRON_PROGRAMS = ("CRON", "cron", "crontab")


def fingerprint(name: str) -> str:
    """Return the fingerprint of a user's SSH key: always the same one, and nobody's."""
    digest = hashlib.sha256(f"SSH key of {name}".encode()).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _source(service: str, *programs: str) -> LogSource:
    return LogSource(product="linux", service=service, where={"program": programs} if programs else {})


AUTH_LOG = Renderer(
    name="linux.auth_log",
    title="/var/log/auth.log of Debian and Ubuntu",
    format="rfc3164",
    templates=dict(classic(_STORIES)),
    log_sources=(_source("auth"), _source("sshd", "sshd"), _source("sudo", "sudo")),
    fields={"host": "hostname"},
    entities={"host": "hostname"},
    filters={"fingerprint": fingerprint},
)
SYSLOG = Renderer(
    name="linux.syslog",
    title="Everything that Linux machines send to a central syslog, as RFC 5424",
    format="rfc5424",
    templates=dict(modern(_STORIES)),
    log_sources=(
        _source("syslog"),
        _source("auth", "sshd", "sudo", "su", "systemd-logind", "useradd", "usermod", "userdel", "passwd"),
        _source("sshd", "sshd"),
        _source("sudo", "sudo"),
        _source("cron", *CRON_PROGRAMS),
        *(_source(name, program) for name, program in (("clamav", "clamd"), ("vsftpd", "vsftpd"))),
    ),
    fields={"host": "hostname"},
    entities={"host": "hostname"},
    filters={"fingerprint": fingerprint, "exit_name": exit_name},
)
