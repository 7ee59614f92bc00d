"""How a logon's type and the cause of its failure show in the Security log. Filters of the templates."""

from __future__ import annotations

from dataclasses import dataclass

from simulator import UsageError

_TYPES = {
    2: "Interactive",
    3: "Network",
    4: "Batch",
    5: "Service",
    7: "Unlock",
    8: "NetworkCleartext",
    9: "NewCredentials",
    10: "RemoteInteractive",
    11: "CachedInteractive",
}
# The blanks at the end are Windows's own.
_PROCESSES = {
    2: "User32 ",
    4: "Advapi  ",
    5: "Advapi  ",
    7: "User32 ",
    8: "Advapi  ",
    9: "seclogo",
    10: "User32 ",
    11: "User32 ",
}
_SVCHOST = "C:\\Windows\\System32\\svchost.exe"
_IMAGES = {2: _SVCHOST, 4: _SVCHOST, 5: "C:\\Windows\\System32\\services.exe", 7: "C:\\Windows\\System32\\lsass.exe"}
_IMAGES |= {8: _SVCHOST, 9: _SVCHOST, 10: _SVCHOST, 11: _SVCHOST}


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed logon in Windows's codes, and in the words that Winlogbeat puts to them."""

    status: str
    reason: str
    sub_status: str
    said: str
    status_said: str
    sub_status_said: str


_BAD = "This is either due to a bad username or authentication information"
_REFUSED = "Unknown user name or bad password."
_RESTRICTED = (
    "Indicates a referenced user name and authentication information are valid, but some user account restriction "
)
_RESTRICTED += "has prevented successful authentication (such as time-of-day restrictions)."
_LOCKED = "User logon with account locked"
_EXPIRED = "User logon with expired account"
_OUT_OF_DATE = "User logon with expired password"
_NOT_GRANTED = "User logon is not granted the requested logon type (aka logon right) at this machine"
_OK = "Status OK."

_FAILURES = {
    "bad_password": Failure(
        "0xc000006d", "%%2313", "0xc000006a", _REFUSED, _BAD, "User logon with misspelled or bad password"
    ),
    "unknown_user": Failure(
        "0xc000006d", "%%2313", "0xc0000064", _REFUSED, _BAD, "User logon with misspelled or bad user account"
    ),
    "locked_out": Failure("0xc0000234", "%%2307", "0x0", "Account locked out.", _LOCKED, _OK),
    "disabled": Failure(
        "0xc000006e",
        "%%2310",
        "0xc0000072",
        "Account currently disabled.",
        _RESTRICTED,
        "User logon to account disabled by administrator",
    ),
    "expired": Failure("0xc0000193", "%%2305", "0x0", "The specified user account has expired.", _EXPIRED, _OK),
    "password_expired": Failure(
        "0xc0000071", "%%2309", "0x0", "The specified account's password has expired.", _OUT_OF_DATE, _OK
    ),
    "outside_hours": Failure(
        "0xc000006e",
        "%%2311",
        "0xc000006f",
        "Account logon time restriction violation.",
        _RESTRICTED,
        "User logon outside authorized hours",
    ),
    "not_granted": Failure(
        "0xc000015b",
        "%%2308",
        "0x0",
        "The user has not been granted the requested logon type at this machine.",
        _NOT_GRANTED,
        _OK,
    ),
}


def logon_type_name(logon_type: int) -> str:
    return _TYPES.get(logon_type, "Network")


def package_of(package: str | None, logon_type: int, usual: str = "Kerberos") -> str:
    """Return the authentication package: the given one, or what is usual for the logon type."""
    return package or (usual if logon_type == 3 else "Negotiate")


def logon_process(logon_type: int, package: str) -> str:
    if logon_type == 3:
        return "Kerberos" if package == "Kerberos" else "NtLmSsp "
    return _PROCESSES.get(logon_type, "Advapi  ")


def logon_image(image: str | None, logon_type: int) -> str:
    return image or _IMAGES.get(logon_type, "-")


def logon_service(logon_type: int) -> str:
    """Return the name of the service that lets people of a logon type in, to know its pid; nothing for the network."""
    image = _IMAGES.get(logon_type, "")
    return f"logon {image}" if image else ""


def local_address(logon_type: int) -> str:
    """Return the address that is written when nobody came from afar."""
    return {2: "127.0.0.1", 7: "127.0.0.1", 9: "::1", 11: "127.0.0.1"}.get(logon_type, "-")


def failure(cause: str | None, known: bool) -> Failure:
    """Return what a cause looks like. Where none is given, it is what the account suggests."""
    name = cause or ("bad_password" if known else "unknown_user")
    if name not in _FAILURES:
        raise UsageError(f"no cause of a failed logon is called {name!r}; there are {', '.join(_FAILURES)}")
    return _FAILURES[name]


FILTERS = {
    each.__name__: each
    for each in (failure, local_address, logon_image, logon_process, logon_service, logon_type_name, package_of)
}
