"""The instances of services: machines of the world, with names such as those of pods."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from simulator import HostGroup, Word
from simulator_services.language.description import Region, Service, Services
from simulator_services.language.kinds import instances_of, memory_limit_of, most_of

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"  # no vowels, no 0, 1, 3: no words, nothing to mix up
_STATEFUL = ("database", "cache", "queue")
ONE_REGION = "main"


def regions_of(described: Services) -> dict[str, Region]:
    """Return the regions there are, by name."""
    return {str(name): region for name, region in described.regions.items()} or {ONE_REGION: Region()}


def runs_in(described: Services, service: Service) -> tuple[str, ...]:
    """Return the regions that a service has instances in."""
    return tuple(map(str, service.regions)) or tuple(regions_of(described))


def instance_names(described: Services, name: str, service: Service, region: str) -> list[str]:
    """Return the names of all instances that a service can have in a region, those of the start first."""
    several = len(regions_of(described)) > 1
    if service.kind in _STATEFUL:
        middle = f"-{region}" if several else ""
        return [f"{name}{middle}-{number}" for number in range(most_of(service))]
    template = _letters(f"{name}/{service.version}", 9)
    return [f"{name}-{template}-{_letters(f'{name}/{region}/{number}', 5)}" for number in range(most_of(service))]


def host_groups(described: Services) -> Iterator[HostGroup]:
    """Yield every instance as a machine of the world."""
    for name, service in described.services.items():
        for region in runs_in(described, service):
            network = service.network or regions_of(described).get(region, Region()).network or described.network
            for number, instance in enumerate(instance_names(described, name, service, region)):
                attributes = {
                    "service": str(name),
                    "version": service.version,
                    "region": region,
                    "kind": service.kind,
                    "namespace": service.namespace or described.namespace,
                }
                if service.kind == "function":
                    attributes["memory_mb"] = str(memory_limit_of(service) >> 20)
                if number >= instances_of(service):
                    attributes["standby"] = "true"
                yield HostGroup(
                    name=Word(instance, name.place),
                    os="linux",
                    roles=("instance", service.kind, str(name)),
                    network=network,
                    attributes=attributes,
                    place=service.place,
                )


def _letters(text: str, count: int) -> str:
    digest = blake2b(text.encode(), digest_size=count).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)
