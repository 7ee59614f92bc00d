"""What holds for all of Windows's renderers."""

import re
import subprocess
import sys

import pytest

from simulator import Outsider, Record
from simulator_json.ecs import EcsFormat
from simulator_windows.accounts import netbios
from tests.plugins.ecs_fields import assert_are_ecs_fields
from tests.plugins.rendering import ATTACKER, event_types, fields_of
from tests.plugins.windows import JANE, LOCAL, NOBODY, RENDERERS, SYSTEM, WORKSTATION, document, documents, everyday

EACH = [(renderer.name, event) for renderer in RENDERERS.values() for event in renderer.templates]


@pytest.mark.parametrize("user", [JANE, SYSTEM, LOCAL, NOBODY], ids=lambda user: user.name)
@pytest.mark.parametrize(("renderer", "event"), EACH)
def test_every_record_is_json_that_says_when_where_and_what(renderer, event, user):
    other_channel = {"channel": "System"} if (renderer, event) == ("windows.system", "audit_log.cleared") else {}

    found = document(renderer, event, user=user, **other_channel)

    assert found["@timestamp"] == "2026-03-02T08:00:01.123Z"
    assert found["host"]["hostname"] == "ws-014"
    assert found["event"]["kind"] == "event"
    assert "None" not in str(found)
    assert "Undefined" not in str(found)


def test_every_event_type_of_windows_is_recorded_by_some_product():
    recorded = {event for _, event in EACH}

    own = {
        name for name in event_types() if name.split(".")[0] in {"logon", "kerberos", "ntlm", "registry", "powershell"}
    }
    assert own <= recorded


@pytest.mark.parametrize("event", RENDERERS["windows.ecs"].templates)
def test_plain_ecs_documents_use_only_names_of_ecs(event):
    assert_are_ecs_fields(document("windows.ecs", event))


@pytest.mark.parametrize(("renderer", "event"), [pair for pair in EACH if pair[0] != "windows.ecs"])
def test_winlogbeats_documents_use_only_names_of_ecs_and_its_own(renderer, event):
    other_channel = {"channel": "System"} if (renderer, event) == ("windows.system", "audit_log.cleared") else {}

    assert_are_ecs_fields(document(renderer, event, **other_channel), own=("winlog.", "powershell."))


def test_products_agree_on_a_process_its_parent_and_its_session():
    ids = {"process": bytes(range(16)), "parent_process": bytes(range(16, 32)), "logon": b"\x00\x02\xc9\xe7"}
    values = {**ids, "pid": 4242, "parent_pid": 712, "parent_image": r"C:\Windows\explorer.exe"}
    sysmon = document("windows.sysmon", "process.started", **values)["winlog"]["event_data"]
    security = document("windows.security", "process.started", **values)["winlog"]["event_data"]
    ecs = document("windows.ecs", "process.started", **values)["process"]
    child_file = document("windows.sysmon", "file.created", process=ids["process"], pid=4242)["winlog"]["event_data"]
    logon = document("windows.security", "logon.succeeded", logon=ids["logon"])["winlog"]["event_data"]

    assert sysmon["ProcessGuid"] == ecs["entity_id"] == child_file["ProcessGuid"]
    assert sysmon["ParentProcessGuid"] == ecs["parent"]["entity_id"] == "{10111213-1415-1617-1819-1a1b1c1d1e1f}"
    assert sysmon["LogonId"] == security["SubjectLogonId"] == logon["TargetLogonId"] == "0x2c9e7"
    assert int(sysmon["ProcessId"]) == int(security["NewProcessId"], 16) == ecs["pid"] == int(child_file["ProcessId"])
    assert int(sysmon["ParentProcessId"]) == int(security["ProcessId"], 16) == ecs["parent"]["pid"] == 712
    assert sysmon["Image"] == security["NewProcessName"] == ecs["executable"]
    assert ecs["hash"]["sha256"].upper() in sysmon["Hashes"]


def test_process_ids_are_multiples_of_four_as_windows_gives_them_out():
    found = document("windows.sysmon", "process.started", pid=4243)["winlog"]["event_data"]

    assert found["ProcessId"] == "4240"


def test_record_ids_rise_within_a_host_and_differ_between_hosts():
    counter = RENDERERS["windows.security"].counters["record"]

    assert counter.per == "host"
    assert counter.step > 1
    assert re.fullmatch(r"\d{7,8}", document("windows.security", "logon.succeeded")["winlog"]["record_id"])


def test_machines_of_outside_have_names_that_say_nothing_of_their_part_in_the_story():
    assert re.fullmatch(r"DESKTOP-[0-9A-Z]{7}", netbios(ATTACKER))
    assert netbios(ATTACKER) != netbios(Outsider("attacker", "203.0.113.67"))
    assert netbios(WORKSTATION) == "WS-014"


def test_what_is_not_told_to_the_machine_is_not_recorded_by_sysmon():
    assert documents("windows.sysmon", "dns.query", image=None) == []
    assert documents("windows.sysmon", "network.connection", image=None) == []


def parsed(renderer, event):
    """Return the records of an everyday event as a detector sees them."""
    values = {**everyday(event), "host": WORKSTATION, "user": JANE, **_MORE.get(event, {})}
    return fields_of(RENDERERS[renderer], EcsFormat(), event, values)


_MORE = {
    "process.started": {"parent_image": r"C:\Windows\explorer.exe"},
    "registry.key_changed": {"change": "DeleteKey"},
    "logon.succeeded": {"source": ATTACKER},
}


@pytest.mark.parametrize("name", RENDERERS)
def test_rules_find_their_log_sources_and_the_fields_of_them(name):
    renderer = RENDERERS[name]
    records = [record for event in renderer.templates for record in parsed(name, event)]

    for source in renderer.log_sources:
        answering = [each for each in records if all(each.get(path) in values for path, values in source.where.items())]
        present = set().union(*answering)
        assert answering or source.category == "registry_add", source
        for rule_field, path in source.fields.items():
            assert path in present, (source.category, rule_field)
    present = set().union(*records)
    assert {path for path in renderer.fields.values() if not path.endswith("*")} <= present
    assert renderer.entities["host"] in present
    assert all(renderer.entities["host"] in each for each in records)


def test_conditions_and_templates_stand_alone():
    for renderer in RENDERERS.values():
        for template in renderer.templates.values():
            text = template.template if isinstance(template, Record) else template
            assert text.startswith('{"')
            assert "\n" not in text


def test_installing_the_plugin_costs_no_heavy_import():
    code = "import simulator_windows, sys; print([m for m in ('jinja2', 'numpy', 'hashlib') if m in sys.modules])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "jinja2" not in found.stdout


def test_a_new_session_has_an_id_of_its_own_and_what_follows_is_of_that_session():
    types = event_types()

    assert types["logon.succeeded"].by_name["logon"].inherits == ""
    for follower in ("logon.privileged", "logon.ended", "process.started", "account.created"):
        assert types[follower].by_name["logon"].inherits is None
        assert types[follower].by_name["logon"].width == types["logon.succeeded"].by_name["logon"].width
    for follower in ("image.loaded", "process.accessed", "registry.value_set", "pipe.created"):
        assert types[follower].by_name["pid"].inherits == "pid"
