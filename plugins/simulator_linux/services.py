"""What cron and systemd say: Debian's cron 3.0 and systemd 252 as Debian 12 ships them."""

from __future__ import annotations

from simulator_linux.lines import AUTHPRIV, CRON, DAEMON, INFO, NOTICE, WARNING, Line, Story

_EXIT_NAMES = {
    **dict(enumerate(("SUCCESS", "FAILURE", "INVALIDARGUMENT", "NOTIMPLEMENTED", "NOPERMISSION", "NOTINSTALLED"))),
    6: "NOTCONFIGURED",
    7: "NOTRUNNING",
    200: "CHDIR",
    203: "EXEC",
    216: "GROUP",
    217: "USER",
    226: "NAMESPACE",
}
_NAMED = "{{ unit }}{% if description != unit %} - {{ description }}{% endif %}"
_LASTS = "type != 'oneshot'"


def exit_name(status: int) -> str:
    """Return systemd's name of an exit status."""
    return _EXIT_NAMES.get(status, "n/a")


def _cron(message: str) -> Line:
    return Line(AUTHPRIV + INFO, "CRON", "{{ pid }}", f"pam_unix(cron:session): {message}")


def _crontab(message: str, when: str) -> Line:
    return Line(CRON + INFO, "crontab", "{{ pid }}", f"({{{{ user.name }}}}) {message} ({{{{ target.name }}}})", when)


def _systemd(message: str, severity: int = INFO, when: str = "") -> Line:
    return Line(DAEMON + severity, "systemd", "1", message, when)


SERVICES: Story = {
    "cron.job": (
        _cron("session opened for user {{ user.name }}(uid={{ user.uid }}) by (uid=0)"),
        Line(CRON + INFO, "CRON", "{{ pid + 1 }}", "({{ user.name }}) CMD ({{ command }})"),  # the child that runs it
        _cron("session closed for user {{ user.name }}"),
    ),
    "crontab.changed": (
        _crontab("BEGIN EDIT", "action == 'EDIT'"),
        _crontab("REPLACE", "action in ('EDIT', 'REPLACE')"),
        _crontab("END EDIT", "action == 'EDIT'"),
        _crontab("LIST", "action == 'LIST'"),
        _crontab("DELETE", "action == 'DELETE'"),
    ),
    "systemd.unit_started": (
        _systemd(f"Starting {_NAMED}..."),
        _systemd(f"Started {_NAMED}.", when=_LASTS),
    ),
    "systemd.unit_finished": (
        _systemd("{{ unit }}: Deactivated successfully."),
        _systemd(f"Finished {_NAMED}."),
    ),
    "systemd.unit_stopped": (
        _systemd(f"Stopping {_NAMED}..."),
        _systemd("{{ unit }}: Deactivated successfully."),
        _systemd(f"Stopped {_NAMED}."),
    ),
    "systemd.unit_failed": (
        _systemd("{{ unit }}: Main process exited, code=exited, status={{ status }}/{{ status|exit_name }}", NOTICE),
        _systemd("{{ unit }}: Failed with result 'exit-code'.", WARNING),
    ),
    "service.installed": (_systemd("Reloading."),),
    "syslog.message": (
        Line("{{ priority }}", "{{ program }}", "", "{{ message }}", "pid == 0"),
        Line("{{ priority }}", "{{ program }}", "{{ pid }}", "{{ message }}", "pid != 0"),
    ),
}
