"""What sshd and systemd-logind say of logins: OpenSSH 9 and PAM 1.5 as Debian 12 ships them."""

from __future__ import annotations

from simulator_linux.lines import ALERT, AUTH, AUTHPRIV, ERROR, INFO, NOTICE, Line, Story

_FROM = "{{ source.ip }} port {{ source_port }}"
_WHO = "{% if user.known %}authenticating{% else %}invalid{% endif %} user {{ user.name }} " + _FROM
_BY_PAM = "method != 'publickey'"  # a key is checked without PAM
LOGIND_PID = "{{ host.ip.split('.')[-1]|int + 500 }}"
SESSION = "{{ logon|decimal % 65536 }}"
# Only root's session is served by the process that let the client in; others get a child without privileges.
_CHILD = "{% if user.uid == 0 %}{{ pid }}{% else %}{{ pid + 84 }}{% endif %}"
KEY = "ED25519 {{ user.name|fingerprint }}"


def _sshd(message: str, when: str = "", severity: int = INFO, pid: str = "{{ pid }}") -> Line:
    return Line(AUTH + severity, "sshd", pid, message, when)


def _pam(message: str, when: str = "", severity: int = INFO) -> Line:
    return Line(AUTHPRIV + severity, "sshd", "{{ pid }}", f"pam_unix(sshd:{message}", when)


def _logind(message: str) -> Line:
    return Line(AUTH + INFO, "systemd-logind", LOGIND_PID, message)


_INVALID = "{% if not user.known %}invalid user {% endif %}"
_EXCEEDED = "how == 'exceeded'"
_SUFFIX = "{% if method == 'publickey' %}: " + KEY + "{% endif %}"
_FAILURE = "authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={{ source.ip }} "

_LEFT = (
    _sshd(f"Connection closed by {_WHO} [preauth]", "how == 'closed'"),
    _sshd(f"Connection reset by {_WHO} [preauth]", "how == 'reset'"),
    _sshd(f"Received disconnect from {_FROM}:11: Bye Bye [preauth]", "how == 'bye'"),
    _sshd(f"Disconnected from {_WHO} [preauth]", "how == 'bye'"),
)

LOGINS: Story = {
    "ssh.login_failed": (
        _sshd(f"Invalid user {{{{ user.name }}}} from {_FROM}", "not user.known"),
        _pam("auth): check pass; user unknown", f"not user.known and {_BY_PAM}", NOTICE),
        _pam(f"auth): {_FAILURE}{{% if user.known %}} user={{{{ user.name }}}}{{% endif %}}", _BY_PAM, NOTICE),
        _sshd(
            "error: PAM: Authentication failure for {% if not user.known %}illegal user {% endif %}{{ user.name }} "
            "from {{ source.ip }}",
            "method == 'keyboard-interactive/pam'",
            ERROR,
        ),
        _sshd(f"Failed {{{{ method }}}} for {_INVALID}{{{{ user.name }}}} from {_FROM} ssh2{_SUFFIX}"),
        *_LEFT,
    ),
    "ssh.login_succeeded": (
        _sshd(f"Accepted {{{{ method }}}} for {{{{ user.name }}}} from {_FROM} ssh2{_SUFFIX}"),
        _pam("session): session opened for user {{ user.name }}(uid={{ user.uid }}) by (uid=0)"),
        _logind(f"New session {SESSION} of user {{{{ user.name }}}}."),
    ),
    "ssh.session_closed": (
        _sshd(f"Received disconnect from {_FROM}:11: disconnected by user", pid=_CHILD),
        _sshd(f"Disconnected from user {{{{ user.name }}}} {_FROM}", pid=_CHILD),
        _pam("session): session closed for user {{ user.name }}"),
        _logind(f"Session {SESSION} logged out. Waiting for processes to exit."),
        _logind(f"Removed session {SESSION}."),
    ),
    "ssh.disconnected": (
        *_LEFT,
        _sshd(f"fatal: Timeout before authentication for {_FROM}", "how == 'timeout'", severity=2),
        _sshd(
            f"error: maximum authentication attempts exceeded for {_INVALID}{{{{ user.name }}}} "
            f"from {_FROM} ssh2 [preauth]",
            _EXCEEDED,
            ERROR,
        ),
        _sshd(f"Disconnecting {_WHO}: Too many authentication failures [preauth]", _EXCEEDED),
        Line(
            AUTHPRIV + NOTICE,
            "sshd",
            "{{ pid }}",
            f"PAM 5 more authentication failures; {_FAILURE.split('; ')[1]}"
            "{% if user.known %} user={{ user.name }}{% endif %}",
            _EXCEEDED,
        ),
        Line(AUTHPRIV + ALERT, "sshd", "{{ pid }}", "PAM service(sshd) ignoring max retries; 6 > 3", _EXCEEDED),
    ),
    "ssh.no_identification": (
        _sshd("error: kex_exchange_identification: Connection closed by remote host", "not sent", ERROR),
        _sshd(f"Connection closed by {_FROM}", "not sent"),
        _sshd(
            'error: kex_exchange_identification: client sent invalid protocol identifier "{{ sent }}"', "sent", ERROR
        ),
        _sshd("banner exchange: Connection from " + _FROM + ": invalid format", "sent", ERROR),
    ),
    "ssh.error": (_sshd("error: {{ message }}", severity=ERROR),),
}
