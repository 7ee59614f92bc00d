"""What happens on a machine: processes, files, accounts, groups, services."""

from __future__ import annotations

from simulator import EventType, Field

LOGON_WIDTH = 4  # bytes: real LogonIds and session ids are small numbers, and stay far below 2**32

_PID = {"integer": {"min": 1000, "max": 65000}}
_FILE_SIZE = {"lognormal": {"p50": 24000, "p99": 9000000}}

_HOST = Field("host", "host", required=True, help="the machine that it happens on")
_ACTOR = Field("user", "user", required=True, help="the account that does it")
_TARGET = Field("target", "user", required=True, help="the account that it is done to")
_LOGON = Field("logon", "identifier", width=LOGON_WIDTH, help="the logon session: LogonId, audit session")
_TERMINAL = Field("terminal", "text", inherits="terminal", help="the terminal it is attached to, e.g. pts/0")
_TOOL = (Field("pid", "integer", _PID, help="of the program that it is done with"), _TERMINAL)
_PROCESS = Field("process", "identifier", width=16, help="names the process for good, as its pid does not: ProcessGuid")


def _process_that_does_it() -> tuple[Field, ...]:
    return (
        _HOST,
        _ACTOR,
        Field("image", "text", inherits="image", help="full path of the program that does it"),
        Field("pid", "integer", _PID, inherits="pid"),
        _PROCESS,
    )


def _file_event(verb: str) -> EventType:
    return EventType(
        f"file.{verb}",
        f"A file was {verb}",
        (
            *_process_that_does_it(),
            Field("path", "text", required=True, help="full path of the file"),
            Field("size", "integer", _FILE_SIZE, help="in bytes"),
            Field("parent_pid", "integer", _PID, inherits="parent_pid"),
            _LOGON,
            _TERMINAL,
        ),
    )


def _account_event(name: str, title: str, *more: Field) -> EventType:
    return EventType(name, title, (_HOST, _ACTOR, _TARGET, *more, _LOGON, *_TOOL))


EVENT_TYPES = (
    EventType(
        "process.started",
        "A process was started",
        (
            _HOST,
            _ACTOR,
            Field("image", "text", required=True, help="full path of the program"),
            Field("command_line", "text", {"same": "image"}),
            Field("pid", "integer", _PID),
            Field("process", "identifier", width=16, inherits="", help="names the process for good: ProcessGuid"),
            Field("parent_image", "text", inherits="image", help="full path of the parent's program"),
            Field("parent_command_line", "text", inherits="command_line"),
            Field("parent_pid", "integer", _PID, inherits="pid"),
            Field("parent_process", "identifier", width=16, inherits="process"),
            Field("working_directory", "text", inherits="working_directory"),
            _LOGON,
            Field("integrity", "text", "Medium", help="Low, Medium, High or System"),
            _TERMINAL,
        ),
    ),
    EventType(
        "process.ended",
        "A process ended",
        (
            _HOST,
            _ACTOR,
            Field("image", "text", required=True, inherits="image", help="full path of the program"),
            Field("pid", "integer", _PID, inherits="pid"),
            _PROCESS,
            _LOGON,
            Field("exit_code", "code", 0),
        ),
    ),
    *(_file_event(verb) for verb in ("created", "modified", "deleted", "read")),
    _account_event("account.created", "An account was created"),
    _account_event("account.deleted", "An account was deleted"),
    _account_event("account.password_reset", "Somebody else's password was set"),
    _account_event(
        "group.member_added",
        "An account was added to a group",
        Field("group", "text", required=True, help="name of the group"),
    ),
    EventType(
        "service.installed",
        "A service was installed",
        (
            _HOST,
            _ACTOR,
            Field("service", "text", required=True, help="name of the service"),
            Field("image", "text", required=True, help="the program it runs, with its arguments"),
            _LOGON,
            *_TOOL,
        ),
    ),
)
