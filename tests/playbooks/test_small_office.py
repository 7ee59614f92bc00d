"""What a sceptical reader looks for in the background of the world small-office."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest


@pytest.fixture(scope="module")
def run(play):
    return play("password-spray", activity=None)  # the one that is played at full size


@pytest.fixture(scope="module")
def security(run):
    return run.records("windows.security")


def test_full_size_has_a_thousand_benign_events_for_each_of_the_attack(run):
    truth = run.json("truth.json")

    assert truth["background"]["events"] >= 1000 * sum(step["events"] for step in truth["steps"])
    assert run.json("scorecard.json")["verdict"] == "met"


def test_a_process_guid_is_of_one_program_with_one_pid_on_one_machine(run):
    seen = defaultdict(set)
    for record in run.records("windows.sysmon"):
        told = record["winlog"]["event_data"]
        if "ProcessGuid" in told and "Image" in told:
            seen[told["ProcessGuid"]].add((record["host"]["hostname"], told["ProcessId"], told["Image"]))

    assert [each for each in seen.values() if len(each) > 1] == []


def test_a_logon_by_kerberos_uses_a_ticket_that_a_domain_controller_gave(security):
    given = {
        told["LogonGuid"]
        for record in security
        if (told := record["winlog"]["event_data"]) and record["event"]["code"] == "4769"
    }
    network = [
        record["winlog"]["event_data"]
        for record in security
        if record["event"]["code"] == "4624"
        and record["winlog"]["event_data"]["AuthenticationPackageName"] == "Kerberos"
    ]

    assert len(network) > 1000
    assert sum(told["LogonGuid"] in given for told in network) / len(network) > 0.95


def test_machines_have_accounts_of_their_own(security):
    names = Counter(record["winlog"]["event_data"].get("TargetUserName", "") for record in security)

    assert sum(name.endswith("$") for name in names) > 50


def test_some_logons_fail_as_in_any_office(security):
    codes = Counter(
        record["event"]["code"]
        for record in security
        if record["winlog"]["event_data"].get("LogonType") in ("2", "7", "11") or record["event"]["code"] == "4771"
    )

    assert 0.03 < codes["4625"] / (codes["4625"] + codes["4624"]) < 0.2


def test_names_that_do_not_exist_are_asked_for(run):
    codes = Counter(json.loads(line).get("rcode_name") for line in run.lines("zeek.dns"))
    total = sum(codes.values())

    assert 0.01 < codes["NXDOMAIN"] / total < 0.1
    assert 0.001 < codes["SERVFAIL"] / total < 0.03


def test_browsers_connect_where_a_name_told_them_to(run):
    answered = defaultdict(list)
    for record in run.records("zeek.dns"):
        for answer in record.get("answers", ()):
            answered[record["id.orig_h"], answer].append(record["ts"])
    connections = [
        record
        for record in run.records("zeek.conn")
        if record["id.resp_p"] == 443 and record["local_orig"] and not record["local_resp"]
    ]

    known = [
        each for each in connections if any(at < each["ts"] for at in answered[each["id.orig_h"], each["id.resp_h"]])
    ]
    assert len(connections) > 10_000
    assert len(known) / len(connections) > 0.99


def test_every_machine_is_heard_of(run):
    hosts = {record["host"]["hostname"] for record in run.records("windows.security")}
    hosts |= {record["host"]["hostname"] for record in run.records("linux.ecs")}

    assert len(hosts) > 55
