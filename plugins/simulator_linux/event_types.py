"""What happens on a Linux machine beyond processes, files and accounts: logins, sudo, su, cron, systemd."""

from __future__ import annotations

from dataclasses import replace

from simulator import EventType, Field

LOGON_WIDTH = 4  # bytes, as process.started has it: a login and what is run in it are joined by ``logon``

_PID = Field("pid", "integer", {"integer": {"min": 1000, "max": 65000}})
_HOST = Field("host", "host", required=True, help="the machine that it happens on")
_LOGON = Field("logon", "identifier", width=LOGON_WIDTH, help="the login session, as in process.started")
_TERMINAL = Field("terminal", "text", "pts/0", inherits="terminal", help="none if there is none")
_DIRECTORY = Field("working_directory", "text", help="default: the user's home")
_COMMAND = Field("command", "text", required=True, help="full path and arguments: /usr/bin/apt update")

_CLIENT = (
    _HOST,
    Field("user", "user", required=True, help="whose name the client gives"),
    Field("source", "endpoint", required=True, help="where the client is"),
    Field("source_port", "integer", {"integer": {"min": 32768, "max": 60999}}, inherits="source_port"),
    Field(
        "pid",
        "integer",
        {"integer": {"min": 1000, "max": 65000}},
        inherits="pid",
        help="of the sshd that serves this connection",
    ),
)
_CONNECTION = Field("connection", "identifier", width=17, help="the connection, as sensors of the network name it")
_METHOD = Field("method", "text", "password", help="password, publickey or keyboard-interactive/pam")
_ACTOR = Field("user", "user", required=True, help="the account that does it")
_TARGET = Field("target", "user", required=True, help="the account whose rights are taken")
_SWITCH = (_HOST, _ACTOR, _TARGET, _TERMINAL, _PID, _LOGON)
_SWITCH_BACK = (_HOST, _ACTOR, _TARGET, _TERMINAL, replace(_PID, inherits="pid"), _LOGON)
_SUDO = (*_SWITCH, _COMMAND, _DIRECTORY)

_SSH = (
    EventType(
        "ssh.login_failed",
        "An SSH client did not get in",
        (
            *_CLIENT,
            _METHOD,
            _CONNECTION,
            Field("how", "text", help="how it left with this try: closed, reset or bye; not yet when not given"),
        ),
    ),
    EventType("ssh.login_succeeded", "An SSH client got in", (*_CLIENT, _METHOD, _CONNECTION, _LOGON, _TERMINAL)),
    EventType("ssh.session_closed", "An SSH session ended", (*_CLIENT, _CONNECTION, _LOGON)),
    EventType(
        "ssh.disconnected",
        "An SSH connection ended before anybody got in",
        (
            *_CLIENT,
            _CONNECTION,
            Field("how", "text", "closed", help="closed, reset, bye, timeout or exceeded (too many attempts)"),
        ),
    ),
    EventType(
        "ssh.no_identification",
        "Somebody connected to the SSH port and did not speak SSH, as scanners do",
        (
            *(field for field in _CLIENT if field.name != "user"),
            _CONNECTION,
            Field("sent", "text", help="what they sent instead, e.g. GET / HTTP/1.1; none: they hung up"),
        ),
    ),
    EventType(
        "ssh.error", "sshd complains", (_HOST, _PID, Field("message", "text", required=True, help="without 'error: '"))
    ),
)

_PRIVILEGES = (
    EventType(
        "sudo.command",
        "Somebody ran a command with sudo; follow it with sudo.session_closed",
        _SUDO,
    ),
    EventType("sudo.session_closed", "A command run with sudo ended", _SWITCH_BACK),
    EventType(
        "sudo.failed",
        "sudo did not run a command",
        (
            *_SUDO,
            Field("reason", "text", "3 incorrect password attempts", help="or 'user NOT in sudoers'"),
        ),
    ),
    *(
        EventType(f"su.{name}", title, _SWITCH_BACK if name == "session_closed" else _SWITCH)
        for name, title in (
            ("succeeded", "Somebody became another user with su; follow it with su.session_closed"),
            ("failed", "Somebody gave su a wrong password"),
            ("session_closed", "Somebody left the shell that su gave them"),
        )
    ),
)

_UNIT = Field("unit", "text", required=True, help="e.g. nginx.service")
_DESCRIPTION = Field("description", "text", {"same": "unit"}, help="the unit's Description=")
_SERVICES = (
    EventType("cron.job", "cron ran a job", (_HOST, _ACTOR, _COMMAND, _PID, _LOGON)),
    EventType(
        "crontab.changed",
        "Somebody used crontab on somebody's table",
        (
            *(_HOST, _ACTOR, _PID),
            Field("target", "user", {"same": "user"}, help="whose table"),
            Field("action", "text", "REPLACE", help="REPLACE (crontab FILE), EDIT (crontab -e), LIST or DELETE"),
        ),
    ),
    EventType(
        "systemd.unit_started",
        "systemd started a unit",
        (
            *(_HOST, _UNIT, _DESCRIPTION),
            Field("type", "text", "simple", help="its Type=; after a oneshot unit comes systemd.unit_finished"),
        ),
    ),
    EventType("systemd.unit_finished", "A unit that runs once came to its end", (_HOST, _UNIT, _DESCRIPTION)),
    EventType("systemd.unit_stopped", "systemd stopped a unit", (_HOST, _UNIT, _DESCRIPTION)),
    EventType(
        "systemd.unit_failed",
        "A unit's main process ended with an error",
        (_HOST, _UNIT, _DESCRIPTION, Field("status", "code", 1, help="its exit status")),
    ),
    EventType(
        "syslog.message",
        "Any program says anything: what no other event type covers",
        (
            _HOST,
            Field("program", "text", required=True, help="e.g. named, kernel"),
            Field("message", "text", required=True),
            Field("pid", "integer", 0, help="0: the program writes none, as the kernel"),
            Field("priority", "code", 30, help="facility times 8 plus severity; 30 is daemon.info, 6 is kern.info"),
        ),
    ),
)

EVENT_TYPES = (*_SSH, *_PRIVILEGES, *_SERVICES)
