"""``linux.auth_log`` and ``linux.syslog``: the lines of sshd, sudo, su, cron, useradd and systemd."""

import re

import pytest

from simulator import User
from simulator_linux.event_types import EVENT_TYPES
from simulator_linux.syslog_renderers import AUTH_LOG, SYSLOG
from simulator_syslog.rfc3164 import Rfc3164Format
from simulator_syslog.rfc5424 import Rfc5424Format
from tests.plugins.readers import output_of
from tests.plugins.rendering import ALICE, ATTACKER, NOBODY, ROOT, event_types, rendered_records
from tests.plugins.test_syslog import RFC5424

CLIENT = {"source": ATTACKER, "source_port": 51234, "pid": 2871}
HOST = "Mar  2 08:00:01 web1.r1a2b3c4d.feint.test "


def auth_log(event, **values):
    lines = rendered_records(AUTH_LOG, Rfc3164Format(), event, values)
    assert all(line.startswith(HOST) for line in lines)
    return [line.removeprefix(HOST) for line in lines]


def syslog(event, **values):
    """Return (priority, program, pid, message) of each record."""
    lines = rendered_records(SYSLOG, Rfc5424Format(), event, values)
    return [RFC5424.fullmatch(line).group("pri", "app", "procid", "message") for line in lines]


def test_a_wrong_password_is_told_by_pam_and_by_sshd():
    assert auth_log("ssh.login_failed", user=ROOT, **CLIENT) == [
        "sshd[2871]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
        "rhost=203.0.113.66  user=root",
        "sshd[2871]: Failed password for root from 203.0.113.66 port 51234 ssh2",
    ]


def test_of_a_user_who_does_not_exist_pam_gives_no_name():
    assert auth_log("ssh.login_failed", user=NOBODY, **CLIENT) == [
        "sshd[2871]: Invalid user oracle from 203.0.113.66 port 51234",
        "sshd[2871]: pam_unix(sshd:auth): check pass; user unknown",
        "sshd[2871]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
        "rhost=203.0.113.66 ",
        "sshd[2871]: Failed password for invalid user oracle from 203.0.113.66 port 51234 ssh2",
    ]


def test_a_key_is_refused_without_asking_pam():
    (line,) = auth_log("ssh.login_failed", user=ALICE, method="publickey", **CLIENT)

    assert re.fullmatch(
        r"sshd\[2871\]: Failed publickey for alice from 203\.0\.113\.66 port 51234 ssh2: ED25519 SHA256:[\w+/]{43}",
        line,
    )


def test_a_login_opens_a_session_that_its_end_closes():
    opened = auth_log("ssh.login_succeeded", user=ALICE, logon=b"\0\0\0\x0c", **CLIENT)
    closed = auth_log("ssh.session_closed", user=ALICE, logon=b"\0\0\0\x0c", **CLIENT)

    assert opened == [
        "sshd[2871]: Accepted password for alice from 203.0.113.66 port 51234 ssh2",
        "sshd[2871]: pam_unix(sshd:session): session opened for user alice(uid=1000) by (uid=0)",
        "systemd-logind[511]: New session 12 of user alice.",
    ]
    assert closed == [
        "sshd[2955]: Received disconnect from 203.0.113.66 port 51234:11: disconnected by user",
        "sshd[2955]: Disconnected from user alice 203.0.113.66 port 51234",
        "sshd[2871]: pam_unix(sshd:session): session closed for user alice",
        "systemd-logind[511]: Session 12 logged out. Waiting for processes to exit.",
        "systemd-logind[511]: Removed session 12.",
    ]


def test_roots_session_has_no_process_without_privileges():
    assert auth_log("ssh.session_closed", user=ROOT, **CLIENT)[0].startswith("sshd[2871]: Received disconnect")


@pytest.mark.parametrize(
    ("how", "first"),
    [
        ("closed", "Connection closed by invalid user oracle 203.0.113.66 port 51234 [preauth]"),
        ("reset", "Connection reset by invalid user oracle 203.0.113.66 port 51234 [preauth]"),
        ("bye", "Received disconnect from 203.0.113.66 port 51234:11: Bye Bye [preauth]"),
        ("timeout", "fatal: Timeout before authentication for 203.0.113.66 port 51234"),
        (
            "exceeded",
            "error: maximum authentication attempts exceeded for invalid user oracle "
            "from 203.0.113.66 port 51234 ssh2 [preauth]",
        ),
    ],
)
def test_a_connection_may_end_before_anybody_is_in(how, first):
    assert auth_log("ssh.disconnected", user=NOBODY, how=how, **CLIENT)[0] == f"sshd[2871]: {first}"


def test_scanners_that_do_not_speak_ssh_are_told():
    silent = auth_log("ssh.no_identification", **CLIENT)
    talking = auth_log("ssh.no_identification", sent="GET / HTTP/1.1", **CLIENT)

    assert silent == [
        "sshd[2871]: error: kex_exchange_identification: Connection closed by remote host",
        "sshd[2871]: Connection closed by 203.0.113.66 port 51234",
    ]
    assert talking[0].endswith('client sent invalid protocol identifier "GET / HTTP/1.1"')


def test_sudo_pads_the_name_and_names_the_terminal_only_if_there_is_one():
    values = {"user": ALICE, "target": ROOT, "command": "/usr/bin/apt update"}

    assert auth_log("sudo.command", **values) == [
        "sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/apt update",
        "sudo: pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)",
    ]
    assert auth_log("sudo.command", terminal=None, working_directory="/srv", **values)[0] == (
        "sudo:    alice : PWD=/srv ; USER=root ; COMMAND=/usr/bin/apt update"
    )


def test_sudo_says_why_not():
    values = {"user": ALICE, "target": ROOT, "command": "/bin/sh"}

    assert auth_log("sudo.failed", **values) == [
        "sudo: pam_unix(sudo:auth): authentication failure; logname=alice uid=1000 euid=0 tty=/dev/pts/0 "
        "ruser=alice rhost=  user=alice",
        "sudo:    alice : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh",
    ]
    assert auth_log("sudo.failed", reason="user NOT in sudoers", **values) == [
        "sudo:    alice : user NOT in sudoers ; TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh"
    ]


def test_su_says_who_became_whom():
    assert auth_log("su.succeeded", user=ALICE, target=ROOT)[0] == "su: (to root) alice on pts/0"
    assert auth_log("su.failed", user=ALICE, target=ROOT)[1] == "su: FAILED SU (to root) alice on pts/0"


def test_accounts_and_groups_are_told_by_their_tools():
    mallory = User("mallory", uid=1005)

    assert auth_log("account.created", user=ROOT, target=mallory, pid=3001, terminal="pts/1") == [
        "useradd[3001]: new group: name=mallory, GID=1005",
        "useradd[3001]: new user: name=mallory, UID=1005, GID=1005, home=/home/mallory, shell=/bin/bash, "
        "from=/dev/pts/1",
    ]
    assert auth_log("group.member_added", user=ROOT, target=mallory, group="sudo", pid=3002) == [
        "usermod[3002]: add 'mallory' to group 'sudo'",
        "usermod[3002]: add 'mallory' to shadow group 'sudo'",
    ]


def test_crons_job_stands_in_syslog_and_its_session_in_auth_log_too():
    values = {"user": ROOT, "command": "   cd / && run-parts --report /etc/cron.hourly", "pid": 4100}

    assert syslog("cron.job", **values) == [
        ("86", "CRON", "4100", "pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)"),
        ("78", "CRON", "4101", "(root) CMD (   cd / && run-parts --report /etc/cron.hourly)"),
        ("86", "CRON", "4100", "pam_unix(cron:session): session closed for user root"),
    ]
    assert [line.split(" session ")[1] for line in auth_log("cron.job", **values)] == [
        "opened for user root(uid=0) by (uid=0)",
        "closed for user root",
    ]


def test_a_crontab_is_replaced_in_an_editor_or_from_a_file():
    edited = [message for _, _, _, message in syslog("crontab.changed", user=ALICE, action="EDIT")]

    assert edited == ["(alice) BEGIN EDIT (alice)", "(alice) REPLACE (alice)", "(alice) END EDIT (alice)"]
    assert syslog("crontab.changed", user=ROOT, target=ALICE, pid=77) == [
        ("78", "crontab", "77", "(root) REPLACE (alice)")
    ]


def test_systemd_names_units_with_their_description():
    unit = {"unit": "nginx.service", "description": "A high performance web server"}

    assert syslog("systemd.unit_started", **unit) == [
        ("30", "systemd", "1", "Starting nginx.service - A high performance web server..."),
        ("30", "systemd", "1", "Started nginx.service - A high performance web server."),
    ]
    assert len(syslog("systemd.unit_started", **unit, type="oneshot")) == 1
    assert syslog("systemd.unit_failed", **unit, status=203)[0][3] == (
        "nginx.service: Main process exited, code=exited, status=203/EXEC"
    )


def test_any_other_program_can_say_anything():
    promiscuous = {"program": "kernel", "message": "device eth0 entered promiscuous mode", "priority": 6}

    assert syslog("syslog.message", **promiscuous) == [("6", "kernel", "-", "device eth0 entered promiscuous mode")]
    assert syslog("syslog.message", program="named", message="x", pid=612) == [("30", "named", "612", "x")]


def test_every_event_of_ours_is_told_in_syslog():
    assert {each.name for each in EVENT_TYPES} <= set(SYSLOG.templates)


def test_every_event_that_is_told_exists():
    assert set(SYSLOG.templates) | set(AUTH_LOG.templates) <= set(event_types())


def test_fail2bans_stock_filter_finds_exactly_the_failures(tmp_path):
    failures = [
        line
        for number, user in enumerate((ROOT, ALICE, NOBODY, User("admin", known=False)))
        for line in rendered_records(
            AUTH_LOG,
            Rfc3164Format(),
            "ssh.login_failed",
            {"user": user, "source": ATTACKER, "source_port": 50000 + number, "pid": 3000 + number},
        )
    ]
    harmless = [
        *rendered_records(AUTH_LOG, Rfc3164Format(), "ssh.login_succeeded", {"user": ALICE, **CLIENT}),
        *rendered_records(AUTH_LOG, Rfc3164Format(), "ssh.session_closed", {"user": ALICE, **CLIENT}),
        *rendered_records(
            AUTH_LOG, Rfc3164Format(), "sudo.command", {"user": ALICE, "target": ROOT, "command": "/usr/bin/id"}
        ),
        *rendered_records(AUTH_LOG, Rfc3164Format(), "cron.job", {"user": ROOT, "command": "true"}),
    ]
    (tmp_path / "auth.log").write_text("\n".join([*failures, *harmless]) + "\n")
    command = ["fail2ban-regex", "--out", "<ip> <F-USER>", str(tmp_path / "auth.log"), "sshd"]
    found = output_of(command, "fail2ban").splitlines()

    # Of an unknown user it counts two lines, "Invalid user" and "Failed password", as it does in real logs.
    assert sorted(line for line in found if line.startswith("203.0.113.66")) == [
        "203.0.113.66 admin",
        "203.0.113.66 admin",
        "203.0.113.66 alice",
        "203.0.113.66 oracle",
        "203.0.113.66 oracle",
        "203.0.113.66 root",
    ]
