"""Who and what a playbook plays with: hosts, users, outsiders, and who watches them.

Entities are frozen, and hashable by identity of their names: they stand in
vocabularies, and templates read their attributes (``{{ host.ip }}``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from simulator.places import NOWHERE, Place

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of the world. ``name`` is its short name; ``fqdn`` adds the world's domain."""

    name: str
    ip: str
    os: str  # "linux", "windows", "network" or what a playbook says
    fqdn: str
    mac: str = "00:00:5e:00:53:00"  # RFC 9542 documentation range
    os_version: str = ""
    roles: tuple[str, ...] = ()
    network: str = ""
    uuid: str = ""
    sid: str = ""  # of the machine account, in a Windows domain
    attributes: Mapping[str, str] = field(default_factory=lambda: _NOTHING, compare=False)
    account: User | None = field(default=None, compare=False)  # the machine's own, in a Windows domain


@dataclass(frozen=True, slots=True)
class User:
    """An account. ``known`` is false for a name that somebody typed but that does not exist."""

    name: str
    full_name: str = ""
    domain: str = ""  # NetBIOS name of the Windows domain, e.g. "EXAMPLE"
    email: str = ""
    uid: int = 0
    sid: str = "S-1-0-0"
    department: str = ""
    roles: tuple[str, ...] = ()
    host: str = ""  # the name of the workstation they usually sit at
    admin: bool = False
    known: bool = True
    attributes: Mapping[str, str] = field(default_factory=lambda: _NOTHING, compare=False)


@dataclass(frozen=True, slots=True)
class Outsider:
    """A machine outside of the world. Addresses and names come from the documentation ranges only."""

    name: str
    ip: str
    asn: int = 64496  # RFC 5398
    country: str = ""
    fqdn: str = ""
    mac: str = "00:00:5e:00:53:fe"
    roles: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=lambda: _NOTHING, compare=False)


Endpoint = Host | Outsider
Entity = Host | User | Outsider


@dataclass(frozen=True, slots=True)
class Selector:
    """Picks entities by their attributes; every given one must match. Empty picks all."""

    names: tuple[str, ...] = ()
    os: str | None = None
    role: str | None = None
    network: str | None = None
    department: str | None = None
    country: str | None = None
    admin: bool | None = None

    def picks(self, entity: Entity) -> bool:
        return (
            (not self.names or entity.name in self.names)
            and (self.role is None or self.role in entity.roles)
            and all(
                (wanted := getattr(self, attribute)) is None or getattr(entity, attribute, None) == wanted
                for attribute in ("os", "network", "department", "country", "admin")
            )
        )


@dataclass(frozen=True, slots=True)
class Delay:
    """How late records arrive: log-normal, from its median and 99th percentile, in nanoseconds."""

    p50: int
    p99: int


@dataclass(frozen=True, slots=True)
class Witness:
    """A product that is deployed: which renderer, on which hosts, how late its records arrive, how off its clock is.

    Renderers that watch the network and not a host (``Renderer.witness`` is empty)
    see the events of every host; ``on`` then has to be empty.
    """

    renderer: str
    on: Selector = Selector()
    delay: Delay = Delay(0, 0)
    skew: int = 0  # standard deviation of the hosts' clock offsets, in nanoseconds
    every: int | None = None  # of what samples metrics: the interval, in nanoseconds, if not its own
    place: Place = field(default=NOWHERE, compare=False)  # where it is written, for what is found out while playing


@dataclass(frozen=True, slots=True)
class World:
    """A place to play in. Names are unique within hosts, users and outsiders."""

    name: str
    title: str
    domain: str
    hosts: tuple[Host, ...]
    users: tuple[User, ...]
    outsiders: tuple[Outsider, ...]
    witnesses: tuple[Witness, ...]
    attributes: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, compare=False)

    def entities(self) -> Iterator[Entity]:
        yield from self.hosts
        yield from self.users
        yield from self.outsiders
