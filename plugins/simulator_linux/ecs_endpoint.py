"""Documents of Elastic Defend: processes, files and connections as its sensor in the kernel sees them."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import basename, splitext

from simulator import Record
from simulator_linux.ecs_parts import HOST, joined

_ACCOUNT = '{"id":"{{ user.uid }}","name":{{ user.name|json }}}'
_PROGRAM = (
    '"entity_id":"{{ process|base62 }}","executable":{{ image|json }},"name":{{ image|file_name|json }},"pid":{{ pid }}'
)


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return basename(path)


def file_extension(path: str) -> str:
    """Return what stands behind the last dot of a file's name, if anything."""
    return splitext(path)[1].removeprefix(".")


def address_type(ip: str) -> str:
    """Return ``ipv4`` or ``ipv6``."""
    return "ipv6" if ":" in ip else "ipv4"


def _document(kind: str, action: str, event_type: str, members: str) -> str:
    return joined(f"""
        {{"@timestamp":"{{{{ time|strftime('%Y-%m-%dT%H:%M:%S.%7fZ') }}}}",
        "agent":{{"id":{{{{ (host.uuid or host.name)|json }}}},"type":"endpoint","version":"8.17.0"}},
        "data_stream":{{"dataset":"endpoint.events.{kind}","namespace":"default","type":"logs"}},
        "ecs":{{"version":"8.10.0"}},
        "event":{{"action":{action},"category":["{kind}"],"dataset":"endpoint.events.{kind}","kind":"event",
        "module":"endpoint","outcome":"unknown","type":["{event_type}"]}},
        {HOST},
        "message":"Endpoint {kind} event",
        {members},
        "group":{_ACCOUNT},"user":{_ACCOUNT}}}
    """)


_TTY = '{% if terminal %}"tty":{"char_device":{"major":136,"minor":{{ terminal.split("/")[-1]|int }}}},{% endif %}'
_PARENT = """
    "parent":{"entity_id":"{{ parent_process|base62 }}",
    {% if parent_command_line %}
    "args":{{ parent_command_line|arguments|json }},
    "args_count":{{ parent_command_line|arguments|length }},
    "command_line":{{ parent_command_line|arguments|join(" ")|json }},
    {% endif %}
    {% if parent_image %}"executable":{{ parent_image|json }},"name":{{ parent_image|file_name|json }},{% endif %}
    "pid":{{ parent_pid }}},
"""
_STARTED = (
    '"process":{"args":{{ command_line|arguments|json }},"args_count":{{ command_line|arguments|length }},'
    '"command_line":{{ command_line|arguments|join(" ")|json }},"interactive":{{ "true" if terminal else "false" }},'
    f"{_PARENT}{_TTY}"
    '{% if working_directory %}"working_directory":{{ working_directory|json }},{% endif %}'
    f"{_PROGRAM}}}"
)
_FILE = (
    '"file":{"name":{{ path|file_name|json }},"path":{{ path|json }}'
    '{% if path|file_extension %},"extension":{{ path|file_extension|json }}{% endif %}'
)


def _file_event(action: str, event_type: str, *, with_size: bool) -> Record:
    members = _FILE + (',"size":{{ size }}' if with_size else "") + f'}},"process":{{{_PROGRAM}}}'
    return Record(_document("file", f'"{action}"', event_type, members), "image")


_CONNECTION = (
    '"destination":{"address":{{ destination.ip|json }},{% if destination.fqdn %}"domain":{{ destination.fqdn|json }},'
    '{% endif %}"ip":{{ destination.ip|json }},"port":{{ destination_port }}},'
    '"network":{"direction":"{% if initiated == \'true\' %}egress{% else %}ingress{% endif %}",'
    '"transport":{{ protocol|json }},"type":"{{ destination.ip|address_type }}"},'
    f'"process":{{{_PROGRAM}}},'
    '"source":{"address":{{ source.ip|json }},"ip":{{ source.ip|json }},"port":{{ source_port }}}'
)

ENDPOINT: Mapping[str, Record] = {
    "process.started": Record(_document("process", '"exec"', "start", _STARTED)),
    "process.ended": Record(
        _document("process", '"end"', "end", f'"process":{{"exit_code":{{{{ exit_code }}}},{_PROGRAM}}}')
    ),
    "file.created": _file_event("creation", "creation", with_size=True),
    "file.modified": _file_event("modification", "change", with_size=True),
    "file.deleted": _file_event("deletion", "deletion", with_size=False),
    "file.read": _file_event("open", "access", with_size=False),
    "network.connection": Record(
        _document(
            "network",
            "\"{% if initiated == 'true' %}connection_attempted{% else %}connection_accepted{% endif %}\"",
            "start",
            _CONNECTION,
        ),
        "image and user",
    ),
}
