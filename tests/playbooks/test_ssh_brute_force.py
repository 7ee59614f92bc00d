"""What other programs read in the telemetry of the playbook ssh-brute-force."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.plugins.readers import output_of


@pytest.fixture(scope="module")
def run(play):
    return play("ssh-brute-force")


@pytest.fixture(scope="module")
def attacker(run):
    (address,) = {each["source"]["ip"] for each in run.records_of("step:guess", "linux.ecs") if "source" in each}
    return address


def test_fail2bans_stock_filter_finds_each_guess(run, attacker, tmp_path):
    (tmp_path / "auth.log").write_text("\n".join(run.lines("linux.auth_log")) + "\n")
    found = output_of(["fail2ban-regex", "--out", "<ip>", str(tmp_path / "auth.log"), "sshd"], "fail2ban").splitlines()

    guesses = run.lines_of("step:guess", "linux.auth_log")
    refused = sum("Failed password for" in line for line in guesses)
    unknown = sum("Invalid user" in line for line in guesses)  # these it counts as well
    assert refused == 110
    assert found.count(attacker) == refused + unknown


def test_fail2ban_would_ban_the_attacker_and_not_who_comes_back_from_holiday(run, attacker, tmp_path):
    (tmp_path / "auth.log").write_text("\n".join(run.lines("linux.auth_log")) + "\n")
    found = Counter(
        output_of(["fail2ban-regex", "--out", "<ip>", str(tmp_path / "auth.log"), "sshd"], "fail2ban").splitlines()
    )

    (home,) = {
        each["source"]["ip"] for each in run.records_of("decoy:back-from-holiday", "linux.ecs") if "source" in each
    }
    assert found[home] <= 5
    assert found[attacker] > 100


def test_ausearch_finds_the_refused_logins_and_the_one_that_worked(run, attacker, tmp_path):
    (tmp_path / "audit.log").write_text("\n".join(run.lines("linux.auditd")) + "\n")
    printed = output_of(
        ["ausearch", "-if", str(tmp_path / "audit.log"), "-m", "USER_LOGIN", "-hn", attacker, "--format", "csv"],
        "auditd",
    )

    results = Counter(line.split(",")[11] for line in printed.splitlines()[1:])
    assert results["failed"] >= 110
    assert results["success"] == 1


def test_sshd_knows_who_exists(run):
    guesses = run.records_of("step:guess", "linux.ecs")
    refused = [each["message"] for each in guesses if each["message"].startswith("Failed password")]

    assert any("for invalid user t.winkler " in message or "for invalid user h.osei " in message for message in refused)
    assert any("for root " in message for message in refused)
    assert not any("invalid user root" in message for message in refused)


def test_what_cron_starts_follows_what_was_installed(run):
    installed = [
        each["@timestamp"] for each in run.records_of("step:persist", "linux.ecs") if "REPLACE" in each["message"]
    ]
    started = [
        each["@timestamp"] for each in run.records_of("step:phone-home", "linux.ecs") if "CMD (" in each["message"]
    ]

    assert len(installed) == 1
    assert started
    assert min(started) > installed[0]
