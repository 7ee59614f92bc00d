"""What the kernel tells of system calls: groups of records that share one serial.

As a machine tells it whose audit rules watch execve (key "exec") and writes and reads of files
(key "files"). A counter rises with each record; a group writes the number of its first record in all.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator import Record
from simulator_linux.auditd_messages import SEPARATOR, UNSET, head
from simulator_linux.logins import SESSION

_ID_FIELDS = ("uid", "gid", "euid", "suid", "fsuid", "egid", "sgid", "fsgid")
_IDS = " ".join(f"{name}={{{{ user.uid }}}}" for name in _ID_FIELDS)
_NAMES = " ".join(f'{name.upper()}="{{{{ user.name }}}}"' for name in _ID_FIELDS)
# A daemon has no terminal, and nobody has logged in for it.
_AUID = f"{{% if terminal %}}{{{{ user.uid }}}}{{% else %}}{UNSET}{{% endif %}}"
_AUID_NAME = "{% if terminal %}{{ user.name }}{% else %}unset{% endif %}"
_SESSION = f"{{% if terminal %}}{SESSION}{{% else %}}{UNSET}{{% endif %}}"
_DIRECTORY = (
    '{% if not terminal %}"/"{% elif user.uid == 0 %}"/root"{% else %}{{ ("/home/" ~ user.name)|untrusted }}{% endif %}'
)
_HEAP = "55c{{ pid + 10000 }}"  # at another place in each process
_NO_CAPABILITIES = "cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0"
_HERE = "ffffff9c"  # AT_FDCWD
_CREATE, _READ = "241", "80000"  # O_WRONLY|O_CREAT|O_TRUNC, O_CLOEXEC
_ROOT, _USER = ("0", "root"), ("{{ user.uid }}", "{{ user.name }}")
_THEIRS = "path.startswith(('/home/', '/tmp/', '/var/tmp/'))"
_OF_WHOM = (f"{{{{ user.uid if {_THEIRS} else 0 }}}}", f"{{{{ user.name if {_THEIRS} else 'root' }}}}")


def _call(number: int, name: str, key: str, returned: int, arguments: tuple[str, ...], items: int) -> str:
    shown = " ".join(f"a{place}={argument}" for place, argument in enumerate(arguments))
    return (
        f"type=SYSCALL arch=c000003e syscall={number} success=yes exit={returned} {shown} items={items} "
        f"ppid={{{{ parent_pid }}}} pid={{{{ pid }}}} auid={_AUID} {_IDS} tty={{{{ terminal|terminal_name }}}} "
        f'ses={_SESSION} comm={{{{ image|command_name }}}} exe={{{{ image|untrusted }}}} subj=unconfined key="{key}"'
        f'{SEPARATOR}ARCH=x86_64 SYSCALL={name} AUID="{_AUID_NAME}" {_NAMES}'
    )


def _path(item: int, kind: str, name: str, mode: str, owner: tuple[str, str] = _ROOT) -> str:
    uid, user = owner
    return (
        f"type=PATH item={item} name={{{{ {name}|untrusted }}}} inode={{{{ {name}|inode }}}} dev=fe:01 mode={mode} "
        f"ouid={uid} ogid={uid} rdev=00:00 nametype={kind} {_NO_CAPABILITIES}"
        f'{SEPARATOR}OUID="{user}" OGID="{user}"'
    )


def _group(*records: str, when: str = "") -> tuple[Record, ...]:
    """Return the records of one system call, each written ``type=KIND rest``, with time and serial."""
    parts = (record.removeprefix("type=").split(" ", 1) for record in records)
    return tuple(
        Record(head(kind, f"{{{{ serial - {place} }}}}" if place else "{{ serial }}") + rest, when)
        for place, (kind, rest) in enumerate(parts)
    )


_FOLDER = _path(0, "PARENT", "path|folder", "040755")
_CWD, _TITLE = f"type=CWD cwd={_DIRECTORY}", "type=PROCTITLE proctitle={{ image|title }}"


def _opened(flags: str, mode: str, *paths: str) -> tuple[Record, ...]:
    call = _call(257, "openat", "files", 3, (_HERE, f"{_HEAP}e4b0", flags, mode), items=len(paths))
    return _group(call, _CWD, *paths, _TITLE, when="image")


CALLS: Mapping[str, tuple[Record, ...]] = {
    "process.started": _group(
        _call(59, "execve", "exec", 0, (f"{_HEAP}d2a0", f"{_HEAP}d300", f"{_HEAP}c010", "8"), items=2),
        "type=EXECVE {{ command_line|argument_list }}",
        "type=CWD cwd={% if working_directory %}{{ working_directory|untrusted }}{% else %}"
        + _DIRECTORY
        + "{% endif %}",
        _path(0, "NORMAL", "image", "0100755"),
        _path(1, "NORMAL", '"/lib64/ld-linux-x86-64.so.2"', "0100755"),
        "type=PROCTITLE proctitle={{ command_line|title }}",
    ),
    "file.created": _opened(_CREATE, "1b6", _FOLDER, _path(1, "CREATE", "path", "0100644", _USER)),
    "file.modified": _opened(_CREATE, "1b6", _FOLDER, _path(1, "NORMAL", "path", "0100644", _OF_WHOM)),
    "file.read": _opened(_READ, "0", _path(0, "NORMAL", "path", "0100644", _OF_WHOM)),
    "file.deleted": _group(
        _call(263, "unlinkat", "files", 0, (_HERE, f"{_HEAP}e4b0", "0", "0"), items=2),
        _CWD,
        _FOLDER,
        _path(1, "DELETE", "path", "0100644", _OF_WHOM),
        _TITLE,
        when="image",
    ),
}
