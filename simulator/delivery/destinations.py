"""Which destinations are allowed. The answer is no, unless it is known to be safe."""

from __future__ import annotations

import os
import re
from pathlib import Path

from simulator.errors import GuardError

STANDARD_OUTPUT = "-"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):/")
_PORT = re.compile(r"[^/\\]+:[0-9]{1,5}(/.*)?")  # host:9200, [2001:db8::1]:9200/index
_DEVICES = (Path("/dev"), Path("/proc"), Path("/sys"))


def allowed_folder(destination: str) -> Path:
    """Return the folder that a destination names, or raise GuardError: nothing on a network is allowed.

    Files, standard output and the embedded sandbox are always allowed.
    """
    scheme = _SCHEME.match(destination)
    if scheme and scheme[1].lower() == "file":
        destination = destination.split(":", 1)[1].removeprefix("//") or "/"
    elif _PORT.fullmatch(destination):
        raise GuardError(
            f"{destination}: is a port of a machine, and telemetry never goes to a network destination; "
            f"give --out a folder (./{destination} if one is called so)"
        )
    elif scheme or destination.startswith(("//", "\\\\")):
        raise GuardError(
            f"{destination}: telemetry goes to a folder, to standard output (-) or to the embedded sandbox, "
            "never to a network destination; give --out a folder"
        )
    path = Path(destination)
    try:
        named, meant = Path(os.path.normpath(path.absolute())), path.resolve()
    except (OSError, RuntimeError) as error:  # links that lead in a circle
        raise GuardError(f"{destination}: nobody can say where this leads; give --out a folder") from error
    if any(each.is_relative_to(device) for each in (named, meant) for device in _DEVICES):
        raise GuardError(f"{destination}: a device is not a place for telemetry; give --out a folder")
    return path
