"""What sudo and su say: sudo 1.9 and util-linux' su as Debian 12 ships them. Neither gives its pid."""

from __future__ import annotations

from simulator_linux.lines import ALERT, AUTH, AUTHPRIV, INFO, NOTICE, Line, Story

HOME = "{% if user.uid == 0 %}/root{% else %}/home/{{ user.name }}{% endif %}"
DIRECTORY = "{% if working_directory %}{{ working_directory }}{% else %}" + HOME + "{% endif %}"
_WHAT = (
    "{% if terminal %}TTY={{ terminal }} ; {% endif %}PWD=" + DIRECTORY + " ; USER={{ target.name }} ; "
    "COMMAND={{ command }}"
)
_SUDO_USER = '{{ "%8s"|format(user.name) }}'
_OPENED = (
    "session): session opened for user {{ target.name }}(uid={{ target.uid }}) by {{ user.name }}(uid={{ user.uid }})"
)
_CLOSED = "session): session closed for user {{ target.name }}"
_FAILURE = (
    "auth): authentication failure; logname={{ user.name }} uid={{ user.uid }} euid=0 "
    "tty=/dev/{{ terminal or 'none' }} ruser={{ user.name }} rhost=  user="
)


def _pam(program: str, message: str, severity: int = INFO, when: str = "") -> Line:
    return Line(AUTHPRIV + severity, program, "", f"pam_unix({program}:{message}", when)


PRIVILEGES: Story = {
    "sudo.command": (
        Line(AUTHPRIV + NOTICE, "sudo", "", f"{_SUDO_USER} : {_WHAT}"),
        _pam("sudo", _OPENED),
    ),
    "sudo.session_closed": (_pam("sudo", _CLOSED),),
    "sudo.failed": (
        _pam("sudo", _FAILURE + "{{ user.name }}", NOTICE, "'password' in reason"),
        Line(AUTHPRIV + ALERT, "sudo", "", f"{_SUDO_USER} : {{{{ reason }}}} ; {_WHAT}"),
    ),
    "su.succeeded": (
        Line(AUTH + NOTICE, "su", "", "(to {{ target.name }}) {{ user.name }} on {{ terminal or 'none' }}"),
        _pam("su", _OPENED),
    ),
    "su.failed": (
        _pam("su", _FAILURE + "{{ target.name }}", NOTICE),
        Line(AUTH + NOTICE, "su", "", "FAILED SU (to {{ target.name }}) {{ user.name }} on {{ terminal or 'none' }}"),
    ),
    "su.session_closed": (_pam("su", _CLOSED),),
}
