"""A world as it is written down: groups of machines, accounts and outsiders, and the products that watch them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from simulator.places import NOWHERE, Place, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class HostGroup:
    """A machine, or ``count`` of them with a number in their names: ``ws-{n:03}``."""

    noun: ClassVar[str] = "a host"
    name: Word
    os: str
    count: int = 1
    os_version: str = ""
    roles: tuple[str, ...] = ()
    network: Word | None = None
    ip: Word | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """An account, or ``count`` of them with a number in their names.

    Without ``host`` those who are no ``service`` get the next host of role ``workstation``, while there are any;
    an empty one is nobody's desk.
    """

    noun: ClassVar[str] = "a user"
    name: Word
    count: int = 1
    full_name: str = ""
    department: str = ""
    roles: tuple[str, ...] = ()
    admin: bool = False
    host: Literal[""] | Word | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsiderGroup:
    """A machine outside, or ``count`` of them with a number in their names."""

    noun: ClassVar[str] = "an outsider"
    name: Word
    count: int = 1
    country: str = ""
    roles: tuple[str, ...] = ()
    ip: Word | None = None
    fqdn: Word | None = None
    asn: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Description:
    """All that a world is made of. ``build`` in :mod:`simulator.world.generation` makes it."""

    name: str
    title: str
    domain: Word
    netbios: str
    networks: Mapping[str, Word]
    hosts: tuple[HostGroup, ...]
    users: tuple[UserGroup, ...]
    outsiders: tuple[OutsiderGroup, ...]
    place: Place = NOWHERE
