"""Making a world of its description: every machine and account with addresses and ids of its own.

All of it follows from names and their order, so that a world is the same in every run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from simulator.errors import did_you_mean
from simulator.places import Complaints, Place, Word
from simulator.world.addresses import (
    DOCUMENTATION_ASNS,
    Address,
    digest,
    domain_sid,
    host_addresses,
    inside_address,
    is_reserved,
    mac,
    machine_uuid,
    outside_address,
    outside_addresses,
    private_network,
)
from simulator.world.description import Description, HostGroup, OutsiderGroup, UserGroup
from simulator.world.model import Host, Outsider, User, Witness, World

MOST = 20_000
NO_SID = "S-1-0-0"
_NUMBER = re.compile(r"\{n(?::0?([1-9]))?\}")
_WELL_KNOWN_RIDS = {"administrator": 500, "guest": 501, "krbtgt": 502}
_FIRST_RID, _FIRST_UID, _FIRST_SERVICE_UID = 1104, 1000, 110
_SYSTEM_UIDS = {"root": 0, "daemon": 1, "www-data": 33, "nobody": 65534}


def build(described: Description, witnesses: tuple[Witness, ...], complaints: Complaints) -> World:
    """Return the world; what is wrong with its description is added to the complaints."""
    maker = _Maker(described, complaints)
    hosts = tuple(maker.hosts())
    users = tuple(maker.users(hosts))
    outsiders = tuple(maker.outsiders())
    for kind, entities in (("host", hosts), ("user", users), ("outsider", outsiders)):
        seen: set[str] = set()
        for each in entities:
            if each.name in seen:
                complaints.add(maker.places[kind, each.name], f"there are two {kind}s {each.name!r}; rename one")
            seen.add(each.name)
    return World(described.name, described.title, described.domain, hosts, users, outsiders, witnesses)


@dataclass
class _Maker:
    described: Description
    complaints: Complaints
    counts: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    networks: dict[str, IPv4Network] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_reserved(self.described.domain):
            self._refuse_domain(self.described.domain)
        for name, cidr in self.described.networks.items():
            try:
                self.networks[name] = private_network(cidr)
            except ValueError as error:
                self.complaints.add(cidr.place, str(error))

    def _refuse_domain(self, domain: Word) -> None:
        self.complaints.add(domain.place, f"{domain!r} may belong to somebody; end it in .example or .test")

    def hosts(self) -> Iterator[Host]:
        taken = set(self._given_addresses())
        free = {
            name: (each for each in host_addresses(network) if each not in taken)
            for name, network in self.networks.items()
        }
        domain, sid = self.described.domain, domain_sid(self.described.name)
        in_domain = {"domain": self.described.netbios}
        number = 0
        for group in self.described.hosts:
            network = self._network(group)
            for name in self._names("host", group):
                address = self._address(group, network, free)
                own_sid = f"{sid}-{_FIRST_RID + 5000 + number}" if group.os == "windows" else ""
                yield Host(
                    name=name,
                    ip=str(address),
                    os=group.os,
                    fqdn=f"{name}.{domain}",
                    mac=mac(number, f"{name}.{domain}"),
                    os_version=group.os_version,
                    roles=group.roles,
                    network=network,
                    uuid=machine_uuid(domain, name),
                    sid=own_sid,
                    attributes={**in_domain, **group.attributes} if group.os == "windows" else group.attributes,
                    account=self._account(name, own_sid) if own_sid else None,
                )
                number += 1

    def _account(self, host: str, sid: str) -> User:
        """Return the account that a machine has in its domain."""
        return User(f"{host.upper()[:15]}$", domain=self.described.netbios, sid=sid)

    def _given_addresses(self) -> Iterator[Address]:
        for group in self.described.hosts:
            network = self.networks.get(self._network(group))
            if group.ip is not None and network is not None:
                try:
                    yield inside_address(group.ip, network)
                except ValueError as error:
                    self.complaints.add(group.ip.place, str(error))

    def _network(self, group: HostGroup) -> str:
        known = self.described.networks
        if group.network is None and len(known) == 1:
            return next(iter(known))
        if group.network is None:
            self.complaints.add(group.place, f"a host needs 'network', one of {', '.join(known) or 'none given'}")
        elif group.network not in known:
            hint = did_you_mean(group.network, known) or f"; there are {', '.join(known) or 'none'}"
            self.complaints.add(group.network.place, f"the world has no network {group.network!r}{hint}")
        return group.network or ""

    def _address(self, group: HostGroup, network: str, free: Mapping[str, Iterator[Address]]) -> Address | str:
        if group.ip is not None:
            return group.ip
        found = next(free[network], None) if network in free else None
        if found is None and network in free:
            full = f"network {network!r} ({self.networks[network]}) has no address left; make it larger"
            self.complaints.add(group.place, full)
        return found or "10.0.0.0"

    def users(self, hosts: tuple[Host, ...]) -> Iterator[User]:
        sid, domain = domain_sid(self.described.name), self.described.domain
        names = {host.name for host in hosts}
        desks = iter([host.name for host in hosts if "workstation" in host.roles])
        uids, rids, service_uids = _FIRST_UID, _FIRST_RID, _FIRST_SERVICE_UID
        for group in self.described.users:
            if group.host and group.host not in names:
                hint = did_you_mean(group.host, names)
                self.complaints.add(group.host.place, f"the world has no host {group.host!r}{hint}")
            is_service = "service" in group.roles
            for name in self._names("user", group):
                uid = _SYSTEM_UIDS.get(name, service_uids if is_service else uids)
                yield User(
                    name=name,
                    full_name=group.full_name,
                    domain="" if "local" in group.roles else self.described.netbios,
                    email=f"{name}@{domain}",
                    uid=uid,
                    sid=NO_SID if "local" in group.roles else f"{sid}-{_WELL_KNOWN_RIDS.get(name.lower(), rids)}",
                    department=group.department,
                    roles=group.roles,
                    host=group.host if group.host is not None else "" if is_service else next(desks, ""),
                    admin=group.admin,
                    attributes=dict(group.attributes),
                )
                rids += 1
                uids, service_uids = uids + (not is_service), service_uids + is_service

    def outsiders(self) -> Iterator[Outsider]:
        given = {group.ip for group in self.described.outsiders if group.ip is not None}
        free = (each for each in outside_addresses() if str(each) not in given)
        for group in self.described.outsiders:
            self._check_outsider(group)
            for name in self._names("outsider", group):
                asn = DOCUMENTATION_ASNS[digest("asn", group.country, name)[0] % len(DOCUMENTATION_ASNS)]
                yield Outsider(
                    name=name,
                    ip=group.ip if group.ip is not None else str(next(free)),
                    asn=group.asn if group.asn is not None else asn,
                    country=group.country,
                    fqdn=group.fqdn if group.fqdn is not None else f"{name}.example",
                    roles=group.roles,
                    attributes=dict(group.attributes),
                )

    def _check_outsider(self, group: OutsiderGroup) -> None:
        if group.ip is not None:
            try:
                outside_address(group.ip)
            except ValueError as error:
                self.complaints.add(group.ip.place, str(error))
        if group.fqdn is not None and not is_reserved(group.fqdn):
            self._refuse_domain(group.fqdn)
        if group.asn is not None and group.asn not in DOCUMENTATION_ASNS:
            self.complaints.add(group.place, f"AS {group.asn} may belong to somebody; take one from 64496 to 64511")

    def _names(self, kind: str, group: HostGroup | UserGroup | OutsiderGroup) -> Iterator[str]:
        pattern = _NUMBER.search(group.name)
        before = self.counts.get(kind, 0)
        self.counts[kind] = before + group.count
        if group.count < 1 or before + group.count > MOST:
            said = (
                f"a count is at least 1, not {group.count}"
                if group.count < 1
                else f"there are at most {MOST:,} {kind}s"
            )
            self.complaints.add(group.place, said)
        elif group.count > 1 and pattern is None:
            self.complaints.add(
                group.name.place, f"{group.count} {kind}s need numbers in their names: {group.name}-{{n:03}}"
            )
        elif isinstance(group, HostGroup | OutsiderGroup) and group.ip is not None and group.count > 1:
            self.complaints.add(group.ip.place, f"{group.count} {kind}s cannot share one address; leave `ip` out")
        else:
            for number in range(1, group.count + 1):
                name = _NUMBER.sub(lambda match, n=number: f"{n:0{match[1] or 1}}", group.name)  # type: ignore[misc]
                self.places[kind, name] = group.name.place
                yield name
