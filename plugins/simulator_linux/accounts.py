"""What useradd, usermod, userdel and passwd say: shadow 4.13 as Debian 12 ships it."""

from __future__ import annotations

from simulator_linux.lines import AUTHPRIV, INFO, NOTICE, Line, Story

_HOME = "/home/{{ target.name }}"
_ID = "{{ target.uid }}"


def _says(program: str, message: str, severity: int = INFO) -> Line:
    return Line(AUTHPRIV + severity, program, "{{ pid }}", message)


ACCOUNTS: Story = {
    "account.created": (
        _says("useradd", f"new group: name={{{{ target.name }}}}, GID={_ID}"),
        _says(
            "useradd",
            f"new user: name={{{{ target.name }}}}, UID={_ID}, GID={_ID}, home={_HOME}, shell=/bin/bash, "
            "from={% if terminal %}/dev/{{ terminal }}{% else %}none{% endif %}",
        ),
    ),
    "account.deleted": (
        _says("userdel", "delete user '{{ target.name }}'"),
        _says("userdel", "removed group '{{ target.name }}' owned by '{{ target.name }}'"),
        _says("userdel", "removed shadow group '{{ target.name }}' owned by '{{ target.name }}'"),
    ),
    "account.password_reset": (
        _says("passwd", "pam_unix(passwd:chauthtok): password changed for {{ target.name }}", NOTICE),
    ),
    "group.member_added": (
        _says("usermod", "add '{{ target.name }}' to group '{{ group }}'"),
        _says("usermod", "add '{{ target.name }}' to shadow group '{{ group }}'"),
    ),
}
