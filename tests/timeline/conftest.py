from __future__ import annotations

import pytest

from simulator.events.event_types import EventType, Field
from simulator.quantities import SECOND, instant
from simulator.timeline.arrivals import Span
from simulator.world.model import Host, Outsider, User, World

DAY = 86_400 * SECOND


@pytest.fixture(scope="session")
def monday() -> int:
    return instant("2026-03-02T00:00:00Z")


@pytest.fixture(scope="session")
def day(monday: int) -> Span:
    return Span(monday, monday + DAY)


@pytest.fixture(scope="session")
def world() -> World:
    hosts = tuple(Host(f"web{n}", f"10.0.0.{n}", "linux", f"web{n}.corp.example", roles=("web",)) for n in range(1, 9))
    users = tuple(User(f"user{n}", host=f"web{n % 8 + 1}") for n in range(40))
    outsiders = tuple(Outsider(f"visitor{n}", f"192.0.2.{n}", country="NL") for n in range(1, 20))
    return World("test", "A world", "corp.example", hosts, users, outsiders, ())


@pytest.fixture(scope="session")
def visit() -> EventType:
    return EventType(
        "test.visit",
        "Somebody looks at a page",
        (
            Field("host", "host"),
            Field("user", "user"),
            Field("source", "endpoint"),
            Field("page", "text"),
            Field("status", "code"),
            Field("size", "integer"),
            Field("took", "duration"),
            Field("session", "identifier", width=8),
        ),
    )
