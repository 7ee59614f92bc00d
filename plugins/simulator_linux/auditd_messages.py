"""What programs tell the audit system of themselves: logins, sudo, su, cron, accounts, services.

Each is a record with a serial of its own. The modules that PAM names as grantors are those of Debian 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from simulator import Record
from simulator_linux.logins import SESSION

UNSET = "4294967295"  # (uint32) -1: nobody has logged in
SEPARATOR = "\x1d"
_INVALID_USER, _UNKNOWN_USER = b"(invalid user)".hex().upper(), b"(unknown user)".hex().upper()


def head(kind: str, serial: str = "{{ serial }}") -> str:
    """Return how a record begins."""
    return f"type={kind} msg=audit({{{{ time|epoch(3) }}}}:{serial}): "


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whom a message comes from: the ids of its process, its program, and what else each message says."""

    program: str
    uid: str = "0"
    uid_name: str = "root"
    auid: str = UNSET
    auid_name: str = "unset"
    session: str = UNSET
    place: str = "hostname=? addr=? terminal=?"
    pid: str = "{{ pid }}"

    def says(self, kind: str, what: str, result: str = "success", when: str = "", names: str = "") -> Record:
        """Return the record of a message. ``names`` are further interpretations behind the separator."""
        return Record(
            f"{head(kind)}pid={self.pid} uid={self.uid} auid={self.auid} ses={self.session} subj=unconfined "
            f"msg='{what} exe=\"{self.program}\" {self.place} res={result}'{SEPARATOR}"
            f'UID="{self.uid_name}" AUID="{self.auid_name}"{names}',
            when,
        )

    def pam(
        self, kind: str, operation: str, grantors: str, account: str, result: str = "success", when: str = ""
    ) -> Record:
        return self.says(kind, f"op=PAM:{operation} grantors={grantors} acct={account}", result, when)


_USER, _TARGET = "{{ user.name|untrusted }}", "{{ target.name|untrusted }}"
_LOGGED_IN = {"auid": "{{ user.uid }}", "auid_name": "{{ user.name }}", "session": SESSION}
_LOGIN = Record(
    head("LOGIN")
    + f"pid={{{{ pid }}}} uid=0 subj=unconfined old-auid={UNSET} auid={{{{ user.uid }}}} tty=(none) old-ses={UNSET} "
    + f'ses={SESSION} res=1{SEPARATOR}UID="root" OLD-AUID="unset" AUID="{{{{ user.name }}}}"'
)

_SSHD = Speaker("/usr/sbin/sshd", place="hostname={{ source.ip }} addr={{ source.ip }} terminal=ssh")
_SSHD_WITHOUT_PAM = replace(_SSHD, place="hostname=? addr={{ source.ip }} terminal=sshd")
_SSHD_INSIDE = replace(_SSHD, **_LOGGED_IN)
_SSHD_TERMINAL = replace(
    _SSHD_INSIDE, place="hostname={{ source.ip }} addr={{ source.ip }} terminal=/dev/{{ terminal }}"
)
_SSHD_SESSION = (
    "pam_selinux,pam_loginuid,pam_keyinit,pam_permit,pam_unix,pam_systemd,pam_mail,pam_limits,"
    "pam_env,pam_env,pam_selinux"
)
_BY_PAM = "method != 'publickey'"
_SSH: Mapping[str, tuple[Record, ...]] = {
    "ssh.login_failed": (
        _SSHD_WITHOUT_PAM.says("USER_LOGIN", f"op=login acct={_UNKNOWN_USER}", "failed", "not user.known"),
        _SSHD.pam("USER_AUTH", "authentication", "?", _USER, "failed", _BY_PAM),
        _SSHD_WITHOUT_PAM.says("USER_LOGIN", f"op=login acct={_USER}", "failed", "user.known"),
        _SSHD_WITHOUT_PAM.says("USER_LOGIN", f"op=login acct={_INVALID_USER}", "failed", "not user.known"),
    ),
    "ssh.login_succeeded": (
        _SSHD.pam("USER_AUTH", "authentication", "pam_permit", _USER, when=_BY_PAM),
        _SSHD.pam("USER_ACCT", "accounting", "pam_permit", _USER),
        _SSHD.pam("CRED_ACQ", "setcred", "pam_permit", _USER),
        _LOGIN,
        _SSHD_INSIDE.pam("USER_START", "session_open", _SSHD_SESSION, _USER),
        _SSHD_TERMINAL.says("USER_LOGIN", "op=login id={{ user.uid }}", when="terminal", names=' ID="{{ user.name }}"'),
    ),
    "ssh.session_closed": (
        _SSHD_INSIDE.pam("USER_END", "session_close", _SSHD_SESSION, _USER),
        _SSHD_INSIDE.pam("CRED_DISP", "setcred", "pam_permit", _USER),
    ),
}

_ACTOR = Speaker("", uid="{{ user.uid }}", uid_name="{{ user.name }}", **_LOGGED_IN)
_AT_TERMINAL = "hostname=? addr=? terminal={% if terminal %}/dev/{{ terminal }}{% else %}?{% endif %}"
_SUDO = replace(_ACTOR, program="/usr/bin/sudo", place=_AT_TERMINAL)
_SUDO_COMMAND = replace(_SUDO, place="terminal={{ terminal or '?' }}")
_SUDO_SESSION = "pam_limits,pam_permit,pam_unix"
_CALL = (
    'cwd={% if working_directory %}{{ working_directory|untrusted }}{% elif user.uid == 0 %}"/root"{% else %}'
    '{{ ("/home/" ~ user.name)|untrusted }}{% endif %} cmd={{ command|typed }}'
)
_SU = replace(_SUDO, program="/usr/bin/su")
_SU_SESSION = "pam_env,pam_env,pam_mail,pam_limits,pam_permit,pam_unix"
_PRIVILEGES: Mapping[str, tuple[Record, ...]] = {
    "sudo.command": (
        _SUDO.pam("USER_ACCT", "accounting", "pam_permit", _USER),
        _SUDO_COMMAND.says("USER_CMD", _CALL),
        _SUDO.pam("CRED_REFR", "setcred", "pam_permit", _TARGET),
        _SUDO.pam("USER_START", "session_open", _SUDO_SESSION, _TARGET),
    ),
    "sudo.session_closed": (
        _SUDO.pam("USER_END", "session_close", _SUDO_SESSION, _TARGET),
        _SUDO.pam("CRED_DISP", "setcred", "pam_permit", _TARGET),
    ),
    "sudo.failed": (
        _SUDO.pam("USER_AUTH", "authentication", "?", _USER, "failed", "'password' in reason"),
        _SUDO_COMMAND.says("USER_CMD", _CALL, "failed"),
    ),
    "su.succeeded": (
        _SU.pam("USER_AUTH", "authentication", "pam_permit", _TARGET),
        _SU.pam("USER_ACCT", "accounting", "pam_permit", _TARGET),
        _SU.pam("CRED_ACQ", "setcred", "pam_permit", _TARGET),
        _SU.pam("USER_START", "session_open", _SU_SESSION, _TARGET),
    ),
    "su.failed": (_SU.pam("USER_AUTH", "authentication", "?", _TARGET, "failed"),),
    "su.session_closed": (
        _SU.pam("USER_END", "session_close", _SU_SESSION, _TARGET),
        _SU.pam("CRED_DISP", "setcred", "pam_permit", _TARGET),
    ),
}

_CRON = Speaker("/usr/sbin/cron", place="hostname=? addr=? terminal=cron")
_CRON_INSIDE = replace(_CRON, **_LOGGED_IN)
_CRON_SESSION = "pam_loginuid,pam_env,pam_env,pam_permit,pam_unix,pam_limits"
_SYSTEMD = Speaker("/usr/lib/systemd/systemd", pid="1")
_SERVICE = 'unit={{ unit|service_name }} comm="systemd"'
_IS_SERVICE = "unit.endswith('.service')"
_SERVICES: Mapping[str, tuple[Record, ...]] = {
    "cron.job": (
        _CRON.pam("USER_ACCT", "accounting", "pam_permit", _USER),
        _CRON.pam("CRED_ACQ", "setcred", "pam_permit", _USER),
        _LOGIN,
        _CRON_INSIDE.pam("USER_START", "session_open", _CRON_SESSION, _USER),
        _CRON_INSIDE.pam("CRED_DISP", "setcred", "pam_permit", _USER),
        _CRON_INSIDE.pam("USER_END", "session_close", _CRON_SESSION, _USER),
    ),
    "systemd.unit_started": (_SYSTEMD.says("SERVICE_START", _SERVICE, when=f"{_IS_SERVICE} and type != 'oneshot'"),),
    "systemd.unit_finished": (
        _SYSTEMD.says("SERVICE_START", _SERVICE, when=_IS_SERVICE),
        _SYSTEMD.says("SERVICE_STOP", _SERVICE, when=_IS_SERVICE),
    ),
    "systemd.unit_stopped": (_SYSTEMD.says("SERVICE_STOP", _SERVICE, when=_IS_SERVICE),),
    "systemd.unit_failed": (_SYSTEMD.says("SERVICE_STOP", _SERVICE, "failed", _IS_SERVICE),),
}

# libaudit names the machine when a tool has a terminal and does not say where it is used from.
_TOOL = replace(
    _ACTOR,
    place="{% if terminal %}hostname={{ host.name }} addr=? terminal={{ terminal }}{% else %}"
    "hostname=? addr=? terminal=?{% endif %}",
)
_USERADD, _USERDEL, _USERMOD, _PASSWD = (
    replace(_TOOL, program=f"/usr/{path}") for path in ("sbin/useradd", "sbin/userdel", "sbin/usermod", "bin/passwd")
)
_ID, _ID_NAME = "id={{ target.uid }}", ' ID="{{ target.name }}"'
_ACCOUNTS: Mapping[str, tuple[Record, ...]] = {
    "account.created": (
        _USERADD.says("ADD_GROUP", f"op=adding group acct={_TARGET}"),
        _USERADD.says("ADD_USER", f"op=adding user {_ID}", names=_ID_NAME),
        _USERADD.says("ADD_USER", f"op=adding home directory {_ID}", names=_ID_NAME),
    ),
    "account.deleted": (
        _USERDEL.says("DEL_USER", f"op=deleting user entries {_ID}", names=_ID_NAME),
        _USERDEL.says("DEL_GROUP", f"op=deleting group acct={_TARGET}"),
    ),
    "account.password_reset": (_PASSWD.pam("USER_CHAUTHTOK", "chauthtok", "pam_permit", _TARGET),),
    "group.member_added": (
        _USERMOD.says("USER_CHAUTHTOK", f"op=adding user to group acct={_TARGET}"),
        _USERMOD.says("USER_CHAUTHTOK", f"op=adding user to shadow group acct={_TARGET}"),
    ),
}

MESSAGES: Mapping[str, tuple[Record, ...]] = {**_SSH, **_PRIVILEGES, **_SERVICES, **_ACCOUNTS}
