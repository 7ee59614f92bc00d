"""``linux.ecs``: documents as Elastic Agent's integrations "system" and "endpoint" make them."""

import json

import pytest

from simulator import User
from simulator_json.ecs import EcsFormat
from simulator_linux.ecs_renderer import ECS
from simulator_linux.syslog_renderers import SYSLOG
from simulator_syslog.rfc5424 import Rfc5424Format
from tests.plugins.ecs_fields import assert_are_ecs_fields, without_duplicates
from tests.plugins.rendering import ALICE, ATTACKER, NOBODY, ROOT, WEB1, event_types, rendered_records
from tests.plugins.test_syslog import RFC5424

CLIENT = {"source": ATTACKER, "source_port": 51234, "pid": 2871}
MALLORY = User("mallory", uid=1005)
SHELL = {
    "image": "/usr/bin/dash",
    "command_line": "sh -c 'id; echo \"x\"'",
    "parent_image": "/usr/sbin/nginx",
    "parent_command_line": "nginx: worker process",
}
VALUES = {
    "ssh.error": {"message": 'a "b" \\c'},
    "sudo.command": {"target": ROOT, "command": '/bin/sh -c "id"'},
    "sudo.failed": {"target": ROOT, "command": "/bin/sh"},
    "cron.job": {"user": ROOT, "command": 'echo "%s"'},
    "syslog.message": {"program": "kernel", "message": "device eth0 entered promiscuous mode", "priority": 6},
    "service.installed": {"service": "x", "image": "/usr/bin/x"},
    "process.started": SHELL,
    "process.ended": {"image": "/usr/bin/dash"},
    "network.connection": {
        "user": ALICE,
        "image": "/usr/bin/curl",
        "destination": ATTACKER,
        "destination_port": 443,
        "source": WEB1,
    },
}


def values_of(event):
    shared = {"target": MALLORY} if event.startswith(("account.", "group.")) else {}
    shared |= {"target": ROOT} if event.startswith(("sudo.", "su.")) else {}
    shared |= {"group": "sudo"} if event.startswith("group.") else {}
    shared |= {"unit": "nginx.service", "description": 'A "web" server'} if event.startswith("systemd.") else {}
    shared |= {"image": "/usr/bin/vim", "path": "/srv/x.sh"} if event.startswith("file.") else {}
    return shared | VALUES.get(event, {})


def documents(event, **values):
    lines = rendered_records(ECS, EcsFormat(), event, {**values_of(event), **values})
    return [json.loads(line, object_pairs_hook=without_duplicates) for line in lines]


@pytest.mark.parametrize("event", sorted(ECS.templates))
def test_every_document_has_only_fields_of_the_schema_and_of_the_integration(event):
    found = documents(event)

    assert found
    for document in found:
        assert_are_ecs_fields(document, own=("system.auth.",))
        assert document["event"]["dataset"] == document["data_stream"]["dataset"]
        assert document["host"]["name"] == "web1"


@pytest.mark.parametrize("event", sorted(set(ECS.templates) & set(SYSLOG.templates)))
def test_a_documents_message_is_what_syslog_has(event):
    lines = rendered_records(SYSLOG, Rfc5424Format(), event, values_of(event))

    assert [document["message"] for document in documents(event)] == [
        RFC5424.fullmatch(line)["message"] for line in lines
    ]


def test_a_failed_login_is_a_failed_authentication_from_an_address():
    document = documents("ssh.login_failed", user=ROOT, **CLIENT)[-1]

    assert document["event"] == {
        "action": "ssh_login",
        "category": ["authentication"],
        "outcome": "failure",
        "type": ["info"],
        "dataset": "system.auth",
        "kind": "event",
        "module": "system",
    }
    assert document["source"] == {"address": "203.0.113.66", "ip": "203.0.113.66", "port": 51234}
    assert document["user"] == {"name": "root"}
    assert document["related"] == {"hosts": ["web1"], "ip": ["203.0.113.66"], "user": ["root"]}
    assert document["system"]["auth"]["ssh"] == {"event": "Failed", "method": "password"}
    assert document["process"] == {"name": "sshd", "pid": 2871}
    assert document["log"]["syslog"] == {"facility": {"code": 4}, "priority": 6}


def test_pams_document_does_not_name_a_user_who_does_not_exist():
    by_message = {document["message"][:20]: document for document in documents("ssh.login_failed", user=NOBODY)}
    failure = next(each for each in by_message.values() if "authentication failure" in each["message"])

    assert "user" not in failure
    assert failure["related"] == {"hosts": ["web1"], "ip": ["203.0.113.66"]}


def test_a_login_opens_a_session():
    accepted, opened, new = documents("ssh.login_succeeded", user=ALICE, method="publickey", **CLIENT)

    assert (accepted["event"]["category"], accepted["event"]["outcome"]) == (["authentication", "session"], "success")
    assert accepted["system"]["auth"]["ssh"]["signature"].startswith("ED25519 SHA256:")
    assert (opened["event"]["action"], opened["event"]["category"]) == ("logged-on", ["session"])
    assert new["process"]["name"] == "systemd-logind"


def test_a_command_run_with_sudo_names_both_users():
    command = documents("sudo.command", user=ALICE)[0]

    assert command["user"] == {"effective": {"name": "root"}, "name": "alice"}
    assert command["message"].endswith('COMMAND=/bin/sh -c "id"')
    assert command["event"]["category"] == ["process"]


def test_a_process_has_arguments_and_a_parent():
    (document,) = documents("process.started", user=ALICE, terminal="pts/3", pid=4711, parent_pid=4700)
    process = document["process"]

    assert document["event"]["action"] == "exec"
    assert document["event"]["type"] == ["start"]
    assert process["args"] == ["sh", "-c", 'id; echo "x"']
    assert process["args_count"] == 3
    assert process["command_line"] == 'sh -c id; echo "x"'
    assert (process["executable"], process["name"], process["pid"]) == ("/usr/bin/dash", "dash", 4711)
    assert process["tty"] == {"char_device": {"major": 136, "minor": 3}}
    assert process["parent"]["executable"] == "/usr/sbin/nginx"
    assert process["parent"]["pid"] == 4700
    assert document["user"] == {"id": "1000", "name": "alice"}


def test_a_process_keeps_its_id_in_what_it_does():
    process = bytes(range(16))
    started = documents("process.started", process=process)[0]
    wrote = documents("file.created", process=process)[0]
    connected = documents("network.connection", process=process)[0]

    assert started["process"]["entity_id"] == wrote["process"]["entity_id"] == connected["process"]["entity_id"]


def test_what_is_unknown_is_left_out_rather_than_null():
    (document,) = documents("process.started", parent_image=None, parent_command_line=None)

    assert "null" not in json.dumps(document)
    assert set(document["process"]["parent"]) == {"entity_id", "pid"}


def test_a_connection_without_a_process_is_not_seen_by_the_sensor():
    assert documents("network.connection", image=None) == []


def test_a_connection_has_a_direction():
    out = documents("network.connection")[0]
    into = documents("network.connection", initiated="false")[0]

    assert (out["event"]["action"], out["network"]["direction"]) == ("connection_attempted", "egress")
    assert (into["event"]["action"], into["network"]["direction"]) == ("connection_accepted", "ingress")


def test_rules_find_their_fields_in_the_records():
    records = {
        event: EcsFormat().layout.parse(rendered_records(ECS, EcsFormat(), event, values_of(event))[0])
        for event in ("process.started", "file.created", "network.connection")
    }

    for event, names in {
        "process.started": ("Image", "CommandLine", "ParentImage", "ParentCommandLine", "User", "ProcessId"),
        "file.created": ("Image", "TargetFilename", "User"),
        "network.connection": ("Image", "DestinationIp", "DestinationPort", "DestinationHostname", "SourceIp"),
    }.items():
        for name in names:
            assert ECS.fields[name] in records[event], name


def test_every_event_that_is_told_exists():
    assert set(ECS.templates) <= set(event_types())
