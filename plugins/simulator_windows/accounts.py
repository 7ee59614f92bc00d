"""How Windows names accounts, groups and machines: SIDs, NetBIOS names, realms. Filters of the templates."""

from __future__ import annotations

import hashlib

from simulator import Host, Outsider, User

# name → domain, SID, LogonId: the accounts that every Windows machine has
_BUILT_IN = {
    "SYSTEM": ("NT AUTHORITY", "S-1-5-18", "0x3e7"),
    "LOCAL SERVICE": ("NT AUTHORITY", "S-1-5-19", "0x3e5"),
    "NETWORK SERVICE": ("NT AUTHORITY", "S-1-5-20", "0x3e4"),
    "ANONYMOUS LOGON": ("NT AUTHORITY", "S-1-5-7", ""),
}
_LOCAL_GROUPS = {
    "Administrators": 544,
    "Users": 545,
    "Guests": 546,
    "Account Operators": 548,
    "Server Operators": 549,
    "Print Operators": 550,
    "Backup Operators": 551,
    "Remote Desktop Users": 555,
    "Event Log Readers": 573,
    "Hyper-V Administrators": 578,
    "Remote Management Users": 580,
}
_GLOBAL_GROUPS = {
    "Domain Admins": 512,
    "Domain Users": 513,
    "Domain Guests": 514,
    "Domain Computers": 515,
    "Group Policy Creator Owners": 520,
    "Protected Users": 525,
}
_UNIVERSAL_GROUPS = {"Schema Admins": 518, "Enterprise Admins": 519}
_DOMAIN_CONTROLLER = frozenset({"dc", "domain-controller", "domain_controller"})


def digest(value: str) -> bytes:
    """Return 32 bytes that look random and are always the same for one text."""
    return hashlib.sha256(value.encode()).digest()


def is_system(user: User | None) -> bool:
    return user is not None and user.name.upper() == "SYSTEM"


def is_service_account(user: User | None) -> bool:
    return user is not None and user.name.upper() in _BUILT_IN


def has_domain(user: User | None) -> bool:
    """Say whether an account is known to more than the machine it is used on."""
    return user is None or bool(user.domain) or user.name.upper() in _BUILT_IN


def account(user: User | None) -> str:
    return "-" if user is None else user.name.upper() if user.name.upper() in _BUILT_IN else user.name


def domain(user: User | None) -> str:
    if user is None:
        return "-"
    return _BUILT_IN[user.name.upper()][0] if user.name.upper() in _BUILT_IN else user.domain


def sid(user: User | None) -> str:
    if user is None:
        return "S-1-0-0"
    return _BUILT_IN[user.name.upper()][1] if user.name.upper() in _BUILT_IN else user.sid


def fixed_logon(user: User | None) -> str:
    """Return the LogonId of an account whose session never changes, or nothing."""
    return _BUILT_IN[user.name.upper()][2] if user is not None and user.name.upper() in _BUILT_IN else ""


def domain_sid(user: User) -> str:
    return user.sid.rpartition("-")[0] if user.sid.startswith("S-1-5-21-") else "S-1-5-21-0-0-0"


def common_name(user: User) -> str:
    return user.full_name or user.name


def is_local_group(group: str) -> bool:
    return group in _LOCAL_GROUPS


def group_rid(group: str) -> int:
    known = {**_LOCAL_GROUPS, **_GLOBAL_GROUPS, **_UNIVERSAL_GROUPS}
    return known.get(group) or 1103 + int.from_bytes(digest(group)[:2], "big") % 5000


def group_scope(group: str) -> str:
    return "universal" if group in _UNIVERSAL_GROUPS else "global" if group in _GLOBAL_GROUPS else "local"


def added_member_event(group: str) -> int:
    """Return the id of the event for a new member: it depends on the group's scope."""
    return {"local": 4732, "global": 4728, "universal": 4756}[group_scope(group)]


def netbios(machine: Host | Outsider | None) -> str:
    """Return the NetBIOS name that a machine gives when asked. One of outside has a factory-made name."""
    if machine is None:
        return "-"
    if isinstance(machine, Host):
        return machine.name.upper()[:15]
    letters = "".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[byte % 36] for byte in digest(machine.ip)[:7])
    return f"DESKTOP-{letters}"


def realm(host: Host) -> str:
    """Return the Kerberos realm of a host: its DNS domain in capitals."""
    return host.fqdn.partition(".")[2].upper()


def netbios_domain(host: Host) -> str:
    return host.attributes.get("domain") or host.fqdn.partition(".")[2].partition(".")[0].upper() or "WORKGROUP"


def distinguished_domain(host: Host) -> str:
    return ",".join(f"DC={label}" for label in host.fqdn.partition(".")[2].split("."))


def is_domain_controller(host: Host) -> bool:
    return not _DOMAIN_CONTROLLER.isdisjoint(host.roles)


def machine_id(host: Host) -> str:
    """Return an id of a machine in a UUID's form."""
    text = digest(host.fqdn).hex()
    return host.uuid or f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"


def machine_prefix(host: Host) -> str:
    """Return how Sysmon's GUIDs of a host begin: the machine, and the second it started in."""
    text = digest(f"boot {host.fqdn}").hex()
    return f"{text[:8]}-{text[8:12]}-69a0"


def luid(logon: str) -> str:
    """Return a LogonId in the order of bytes that it has inside a GUID: ``0x3e7`` is ``e7030000``."""
    return int(logon, 16).to_bytes(4, "little").hex()


def service_pid(host: Host, service: str) -> int:
    """Return the pid of a service that runs since the machine started. Windows gives out multiples of four."""
    return 500 + int.from_bytes(digest(f"{host.fqdn} {service}")[:2], "big") % 800 * 4


def record_prefix(host: Host) -> int:
    """Return the leading digits of a host's record numbers: machines do not start to count on the same day."""
    return 1 + digest(host.fqdn)[0] % 89


FILTERS = {
    each.__name__: each
    for each in (
        account,
        added_member_event,
        common_name,
        distinguished_domain,
        domain,
        domain_sid,
        fixed_logon,
        group_rid,
        group_scope,
        has_domain,
        is_domain_controller,
        is_local_group,
        is_service_account,
        is_system,
        luid,
        machine_id,
        machine_prefix,
        netbios,
        netbios_domain,
        realm,
        record_prefix,
        service_pid,
        sid,
    )
}
