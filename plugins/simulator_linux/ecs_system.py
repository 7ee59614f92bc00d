"""Documents of Elastic Agent's system integration: one for each line that a daemon hands to syslog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from simulator import Record
from simulator_linux.ecs_parts import HOST, HOST_NAME, TIME, in_json, joined
from simulator_linux.lines import Line, Story

_USER, _TARGET, _ADDRESS = "{{ user.name|json }}", "{{ target.name|json }}", "{{ source.ip|json }}"
_TARGET_ID = '"{{ target.uid }}"'


def _event(action: str, categories: str, types: str, outcome: str = "") -> str:
    members = (
        f'"action":"{action}",' if action else "",
        '"category":[' + ",".join(f'"{each}"' for each in categories.split()) + "],",
        f'"outcome":"{outcome}",' if outcome else "",
        '"type":[' + ",".join(f'"{each}"' for each in types.split()) + "],",
    )
    return "".join(members)


# What the integration makes of a message that contains a text; the first one counts.
_MEANINGS = (
    ("Accepted {{ method }}", _event("ssh_login", "authentication session", "info", "success")),
    ("Failed {{ method }}", _event("ssh_login", "authentication", "info", "failure")),
    ("Invalid user ", _event("ssh_login", "authentication", "info", "failure")),
    ("authentication failure", _event("authentication_failure", "authentication", "info", "failure")),
    ("session opened", _event("logged-on", "session", "start")),
    ("session closed", _event("logged-off", "session", "end")),
    ("COMMAND=", _event("", "process", "start")),
    ("password changed", _event("password-changed", "iam", "change", "success")),
    ("add '{{ target.name }}'", _event("group-member-added", "iam", "user change", "success")),
    ("new user: ", _event("", "iam", "user creation", "success")),
    ("new group: ", _event("", "iam", "user creation", "success")),
    ("delete user ", _event("", "iam", "user deletion", "success")),
    ("removed ", _event("", "iam", "user deletion", "success")),
)


class _Subject(NamedTuple):
    """Who a line is about: members of its document and of ``related``, each after a comma."""

    members: str = ""
    related: str = ""


def _users(*names: str) -> str:
    return f',"user":[{",".join(names)}]'


_OF_NOBODY = _Subject()
_OF_USER = _Subject(f',"user":{{"name":{_USER}}}', _users(_USER))
_OF_BOTH = _Subject(f',"user":{{"effective":{{"name":{_TARGET}}},"name":{_USER}}}', _users(_USER, _TARGET))
_OF_ACCOUNT = _Subject(
    f',"group":{{"id":{_TARGET_ID},"name":{_TARGET}}},"user":{{"id":{_TARGET_ID},"name":{_TARGET}}}', _users(_TARGET)
)
_SUBJECTS: Mapping[str, _Subject] = {
    "account.created": _OF_ACCOUNT,
    "account.deleted": _Subject(f',"user":{{"id":{_TARGET_ID},"name":{_TARGET}}}', _users(_TARGET)),
    "account.password_reset": _Subject(f',"user":{{"name":{_TARGET},"target":{{"name":{_TARGET}}}}}', _users(_TARGET)),
    "group.member_added": _Subject(
        f',"group":{{"name":{{{{ group|json }}}}}},"user":{{"name":{_TARGET}}}', _users(_TARGET)
    ),
    "cron.job": _OF_USER,
}


def documents(stories: Sequence[Story]) -> Iterator[tuple[str, tuple[Record, ...]]]:
    """Return event type → documents."""
    for story in stories:
        for event, lines in story.items():
            yield event, tuple(Record(_document(event, line), line.when) for line in lines)


def _document(event: str, line: Line) -> str:
    dataset = "system.auth" if line.is_confidential else "system.syslog"
    subject = _subject(event, line)
    meaning = next((meaning for text, meaning in _MEANINGS if text in line.message), "")
    return joined(f"""
        {{"@timestamp":"{TIME}",
        "agent":{{"name":{HOST_NAME},"type":"filebeat","version":"8.17.0"}},
        "data_stream":{{"dataset":"{dataset}","namespace":"default","type":"logs"}},
        "ecs":{{"version":"8.11.0"}},
        "event":{{{meaning}"dataset":"{dataset}","kind":"event","module":"system"}},
        {HOST},
        "log":{{"syslog":{{{_origin(line)}}}}},
        "message":{in_json(line.message)},
        "process":{{"name":{in_json(line.program)}{_pid(event, line)}}},
        "related":{{"hosts":[{HOST_NAME}]{subject.related}}}{subject.members}}}
    """)


def _pid(event: str, line: Line) -> str:
    """Return the member with the pid: the journal knows it even of sudo and su, which do not write it."""
    pid = line.pid or ("{{ pid }}" if event.startswith(("sudo.", "su.")) else "")
    return f',"pid":{pid}' if pid else ""


def _origin(line: Line) -> str:
    """Say where in syslog the line came from. The journal's priority is what syslog calls severity."""
    if isinstance(line.priority, str):
        return '"facility":{"code":{{ priority // 8 }}},"priority":{{ priority % 8 }}'
    return f'"facility":{{"code":{line.priority // 8}}},"priority":{line.priority % 8}'


def _subject(event: str, line: Line) -> _Subject:
    if line.program == "sshd":
        return _client(line.message)
    if event.startswith(("sudo.", "su.")):
        return _OF_BOTH
    if event == "cron.job" and "session" not in line.message:
        return _OF_NOBODY  # the integration does not read cron's own lines
    return _SUBJECTS.get(event, _OF_NOBODY)


def _client(message: str) -> _Subject:
    """Return what a line of sshd tells of the client: as much as stands in the message."""
    named, user = (f',"user":{{"name":{_USER}}}', _users(_USER)) if "user.name" in message else ("", "")
    if user and "rhost=" in message:  # PAM gives no name of a user who does not exist
        named, user = (f"{{% if user.known %}}{each}{{% endif %}}" for each in (named, user))
    if "source.ip" not in message:
        return _Subject(named, user)
    port = ',"port":{{ source_port }}' if "source_port" in message else ""
    source = f',"source":{{"address":{_ADDRESS},"ip":{_ADDRESS}{port}}}'
    return _Subject(source + _ssh(message) + named, f',"ip":[{_ADDRESS}]{user}')


def _ssh(message: str) -> str:
    said = message.split(" ", maxsplit=1)[0]
    if said == "Invalid":
        return ',"system":{"auth":{"ssh":{"event":"Invalid"}}}'
    if said not in ("Accepted", "Failed"):
        return ""
    signature = '{% if method == "publickey" %},"signature":"ED25519 {{ user.name|fingerprint }}"{% endif %}'
    return f',"system":{{"auth":{{"ssh":{{"event":"{said}","method":{{{{ method|json }}}}{signature}}}}}}}'
