"""A border firewall that tells of connections in CEF: those that come in from outside or go out."""

from __future__ import annotations

from collections.abc import Mapping

from simulator import Counter, LogSource, Record, Renderer
from simulator_network.cells import Cell
from simulator_network.connections import CONNECTIONS
from simulator_network.zeek import RESOLVER
from simulator_network.zeek_filters import SHARED

_DEVICE = "CEF:0|Example Networks|Border Firewall|4.2"
_MOMENT = "%b %d %Y %H:%M:%S.%3f UTC"


def escaped(value: str) -> str:
    """Write a value of the extension, where a backslash and an equals sign would be taken for its structure."""
    return value.replace("\\", "\\\\").replace("=", "\\=").replace("\r", "\\r").replace("\n", "\\n")


def _record(cells: Mapping[str, Cell], *, accepted: bool) -> str:
    verdict = "100|Connection accepted|3" if accepted else "101|Connection denied|5"
    ended = "(time|shift(duration))" if accepted and cells["duration"].text == "duration" else "time"
    addresses = " ".join(
        f"{key}={cells[column].template}"
        for key, column in (("src", "id.orig_h"), ("spt", "id.orig_p"), ("dst", "id.resp_h"), ("dpt", "id.resp_p"))
    )
    service = cells["service"].text
    app = f"{{% if ({service}) %}} app={{{{ ({service})|upper|escaped }}}}{{% endif %}}" if accepted else ""
    # Inbound is from source to destination, whichever side of the border that is: so the CEF dictionary has it.
    sizes = f" in={cells['orig_ip_bytes'].template} out={cells['resp_ip_bytes'].template}" if accepted else ""
    outward = f"{{% if {cells['local_orig'].text} %}}1{{% else %}}0{{% endif %}}"
    return (
        f"{_DEVICE}|{verdict}|rt={{{{ {ended}|strftime('{_MOMENT}') }}}} externalId={{{{ session_number }}}}"
        f" start={{{{ time|strftime('{_MOMENT}') }}}} end={{{{ {ended}|strftime('{_MOMENT}') }}}} {addresses}"
        f" proto={{{{ ({cells['proto'].text})|upper }}}}{app} act={'accept' if accepted else 'deny'}{sizes}"
        f" deviceDirection={outward} cat=traffic"
    )


def _records(event: str, cells: Mapping[str, Cell]) -> tuple[Record, ...]:
    """What comes from outside and is not answered, or is refused, is what the firewall stopped."""
    source, destination = cells["local_orig"].text, cells["local_resp"].text
    border = f"({source}) != ({destination})"
    if event != "network.connection":
        return (Record(_record(cells, accepted=True), border),)
    stopped = f"({destination}) and state in ('S0', 'REJ')"
    return (
        Record(_record(cells, accepted=True), f"{border} and not ({stopped})"),
        Record(_record(cells, accepted=False), f"{border} and {stopped}"),
    )


FIREWALL = Renderer(
    name="firewall.cef",
    title="A border firewall's connections, accepted and denied, in CEF",
    format="cef",
    templates={event: _records(event, cells) for event, cells in CONNECTIONS.items()},
    witness="",
    lasts="duration",
    log_sources=(LogSource(category="firewall"),),
    fields={
        "src_ip": "src",
        "src_port": "spt",
        "dst_ip": "dst",
        "dst_port": "dpt",
        "action": "act",
        "protocol": "proto",
    },
    entities={"source": "src"},
    counters={"session_number": Counter(start=100000, step=7)},
    constants={"resolver": RESOLVER},
    filters=SHARED | {"escaped": escaped},
)
