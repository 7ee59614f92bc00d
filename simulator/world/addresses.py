"""Addresses, names and ids that nobody has: private ranges inside, documentation ranges outside."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import chain
from uuid import UUID

Address = IPv4Address | IPv6Address

PRIVATE = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))  # RFC 1918
DOCUMENTATION = tuple(IPv4Network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"))  # RFC 5737
DOCUMENTATION_6 = IPv6Network("2001:db8::/32")  # RFC 3849
DOCUMENTATION_ASNS = range(64496, 64512)  # RFC 5398
RESERVED_DOMAINS = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")  # RFC 2606

_DOCUMENTATION_MACS = 256  # 00:00:5e:00:53:00 to ff, RFC 9542
_FIRST_HOST = 10  # below it a network's own machines have their place


def digest(*parts: object, size: int = 8) -> bytes:
    """Return bytes that depend on the parts alone."""
    return blake2b("/".join(map(str, parts)).encode(), digest_size=size).digest()


def is_reserved(domain: str) -> bool:
    """Say whether a domain is one that nobody can own."""
    name = domain.lower().rstrip(".")
    return any(name == each or name.endswith(f".{each}") for each in RESERVED_DOMAINS)


def outside_address(text: str) -> Address:
    """Read the address of an outsider. ValueError says what was expected."""
    address = _address(text)
    inside = DOCUMENTATION if isinstance(address, IPv4Address) else (DOCUMENTATION_6,)
    if not any(address in network for network in inside):
        raise ValueError(
            f"{text} may belong to somebody; outsiders have addresses of the documentation ranges "
            "192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and 2001:db8::/32"
        )
    return address


def private_network(text: str) -> IPv4Network:
    """Read the range of a network. ValueError says what was expected."""
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not a network; write it like 10.1.0.0/24 ({error})") from error
    if not isinstance(network, IPv4Network) or not any(network.subnet_of(private) for private in PRIVATE):
        raise ValueError(f"{text} is not private; take a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    return network


def inside_address(text: str, network: IPv4Network) -> Address:
    """Read the address of a host. ValueError says what was expected."""
    address = _address(text)
    if address not in network:
        raise ValueError(f"{text} is not in the host's network {network}")
    return address


def host_addresses(network: IPv4Network) -> Iterator[Address]:
    """Yield the addresses that a network's hosts get, in order."""
    usable = network.num_addresses - 2
    first = _FIRST_HOST if usable > 2 * _FIRST_HOST else 1
    for number in chain(range(first, usable + 1), range(1, first)):
        yield network.network_address + number


def outside_addresses() -> Iterator[Address]:
    """Yield the addresses that outsiders get: those of version 4 in a fixed, mixed order, then those of version 6."""
    usable = [network.network_address + number for network in DOCUMENTATION for number in range(1, 255)]
    yield from sorted(usable, key=lambda address: digest("outside", address))
    for number in range(1, 2**31):
        spread = int.from_bytes(digest("outside", number, size=12), "big")
        yield DOCUMENTATION_6.network_address + spread


def mac(number: int, name: str) -> str:
    """Return the address of a network card: of the documentation range, then locally administered."""
    if number < _DOCUMENTATION_MACS:
        return f"00:00:5e:00:53:{number:02x}"
    return "02:" + ":".join(f"{byte:02x}" for byte in digest("mac", name, size=5))


def machine_uuid(*parts: object) -> str:
    return str(UUID(bytes=digest("uuid", *parts, size=16), version=4))


def domain_sid(world: str) -> str:
    """Return the SID of a world's Windows domain."""
    raw = digest("sid", world, size=12)
    return "S-1-5-21-" + "-".join(str(int.from_bytes(raw[at : at + 4], "big") | 1 << 28) for at in (0, 4, 8))


def _address(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not an IP address") from error
