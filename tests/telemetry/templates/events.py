"""Events to render: columns of every kind, with the values that break things."""

from __future__ import annotations

import numpy as np

from simulator.events.columns import Coded, Column, Durations, Identifiers, Integers, Texts, Times, Vocabulary
from simulator.telemetry.templates import FieldKind
from simulator.world.model import Host, User

SCHEMA: dict[str, FieldKind] = {
    "host": "coded",
    "user": "coded",
    "path": "coded",
    "status": "coded",
    "pid": "integer",
    "time": "time",
    "duration": "duration",
    "guid": "identifier",
    "logon": "identifier",
    "note": "text",
}
HOSTS = Vocabulary(
    [
        Host("web-1", "192.0.2.1", "linux", "web-1.example.test", roles=("web", "edge")),
        Host("dc-1", "192.0.2.2", "windows", "dc-1.example.test", sid="S-1-5-21-1"),
        Host("zoë", "192.0.2.3", "linux", "zoe.example.test", roles=("db",)),
    ]
)
USERS = Vocabulary(
    [
        None,
        User("root", admin=True, uid=0),
        User("o'hara", 'Ann "O" Hara', "EXAMPLE", roles=("a", "b")),
        User("Ünï <&>"),
    ]
)
PATHS = Vocabulary(["/", "", 'C:\\Temp\\"x".exe', "/ünïcode/日本/😀", None, "a\tb\x01\x7f", "<script>&'", True, 1.5, 0])
STATUSES = Vocabulary([200, 404, 500, 0, -1, None])
NOTES = ["plain", "", 'quote " and \\', "tab\t", "naïve 日本 😀", "</script>", "plain", "\x7f", "x" * 300]
_EXTREMES = np.array([0, -1, 1, 9999, 10_000, 99_999_999, 10**8, 10**16, -(10**16), 2**63 - 1, -(2**63), 4, 22, 443])
_FIRST, _LAST = 0, 7_258_118_400 * 10**9  # 1970 to 2200


def texts(values: list[str]) -> Texts:
    encoded = [value.encode() for value in values]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(each) for each in encoded], out=offsets[1:])
    return Texts(np.frombuffer(b"".join(encoded) or b"", np.uint8), offsets)


def events(rows: int, seed: int = 1) -> dict[str, Column]:
    """Return columns of so many events; the same seed gives the same ones."""
    draw = np.random.Generator(np.random.Philox(seed))

    def coded(vocabulary: Vocabulary) -> Coded:
        return Coded(draw.integers(0, len(vocabulary), rows).astype(np.uint32), vocabulary)

    def numbers() -> np.ndarray:
        small, large = draw.integers(-5, 70_000, rows), draw.integers(-(2**62), 2**62, rows)
        kind = draw.integers(0, 3, rows) if seed % 3 == 0 else np.zeros(rows, np.int64)
        return np.choose(kind, [small, _EXTREMES[draw.integers(0, len(_EXTREMES), rows)], large])

    spread = 10**9 * 40 if seed % 2 else _LAST
    start = int(draw.integers(_FIRST, _LAST - spread + 1))
    return {
        "host": coded(HOSTS),
        "user": coded(USERS),
        "path": coded(PATHS),
        "status": coded(STATUSES),
        "pid": Integers(numbers()),
        "time": Times(np.sort(draw.integers(start, start + spread, rows))),
        "duration": Durations(numbers() * (1 if seed % 3 == 0 else 1_000_003)),
        "guid": Identifiers(draw.integers(0, 256, (rows, 16)).astype(np.uint8)),
        "logon": Identifiers(
            draw.integers(0, 256, (rows, 8)).astype(np.uint8) * draw.integers(0, 2, (rows, 8)).astype(np.uint8)
        ),
        "note": texts([NOTES[place] for place in draw.integers(0, len(NOTES), rows)]),
    }


def row(columns: dict[str, Column], number: int) -> dict[str, object]:
    return {name: column.row(number) for name, column in columns.items()}
