"""What cannot be in an effect: services, routes and regions that are not there, and what a service does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator import Complaints, Effect, did_you_mean
from simulator_services.graph.instances import regions_of
from simulator_services.language.description import Service, Services
from simulator_services.language.effects import (
    BadVersion,
    CacheHitRate,
    Capacity,
    CertificateExpiry,
    ClockJump,
    ColdStartStorm,
    ConnectionLeak,
    CpuLoad,
    CpuSteal,
    DiskFill,
    InstanceDeath,
    MemoryLeak,
    PoolSize,
    Surge,
)
from simulator_services.language.words import ServiceName

_A_POOL = (
    lambda service: service.pool is not None,
    "has no `pool`; give it one, or name the service that has",
)
_NEEDS: Mapping[type, tuple[Callable[[Service], bool], str]] = {
    PoolSize: _A_POOL,
    ConnectionLeak: _A_POOL,
    CacheHitRate: (lambda service: service.kind == "cache", "is not a cache; name one"),
    ColdStartStorm: (lambda service: service.kind == "function", "is not a function; name one"),
    DiskFill: (lambda service: service.disk is not None, "has no `disk`; give it one, such as {size: 20GiB}"),
    CertificateExpiry: (
        lambda service: service.kind in ("service", "function") and service.certificate > 0,
        "has no certificate; name a service or function that has",
    ),
}
_OWN_INSTANCES = (BadVersion, Capacity, ClockJump, CpuLoad, CpuSteal, InstanceDeath, MemoryLeak)


def check_effect(described: Services, effect: Effect, complaints: Complaints) -> None:
    """Add what is wrong with an effect to the complaints."""
    said = effect.arguments
    regions = regions_of(described)
    region = getattr(said, "region", None)
    if region is not None and region not in regions:
        hint = did_you_mean(region, regions) or f"; there are {', '.join(regions)}"
        complaints.add(region.place, f"there is no region {str(region)!r}{hint}")
    if isinstance(said, Surge):
        _check_surge(described, said, complaints)
    name = getattr(said, "service", None)
    if isinstance(name, ServiceName):
        _check_service(described, said, name, complaints)
    if isinstance(said, MemoryLeak) and not said.per_hour and not said.per_request:
        complaints.add(said.place, "nothing leaks; give `per_hour` or `per_request`")
    if isinstance(said, BadVersion) and said.promoted is not None and said.promoted < said.share:
        complaints.add(said.place, "`promoted` is less than `share`; a version is promoted to more instances")


def _check_service(described: Services, said: object, name: ServiceName, complaints: Complaints) -> None:
    service = described.services.get(name)
    if service is None:
        known = [str(each) for each in described.services]
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        complaints.add(name.place, f"there is no service {str(name)!r}{hint}")
        return
    fits, message = _NEEDS.get(type(said), (None, ""))
    if fits is not None and not fits(service):
        complaints.add(name.place, f"{str(name)!r} {message}")
    elif isinstance(said, _OWN_INSTANCES) and service.kind == "external":
        complaints.add(name.place, f"{str(name)!r} is outside and has no instances; take `latency` or `errors`")
    _check_place(described, said, service, complaints)


def _check_place(described: Services, said: object, service: Service, complaints: Complaints) -> None:
    """Check that a service has the route, and is in the region, that an effect on it names."""
    route, region = getattr(said, "route", None), getattr(said, "region", None)
    if route is not None and service.kind in ("service", "function") and route not in service.routes:
        known = [str(each) for each in service.routes]
        hint = did_you_mean(route, known) or f"; it has {', '.join(known) or 'none'}"
        complaints.add(route.place, f"the service has no route {str(route)!r}{hint}")
    if region is not None and service.regions and region in regions_of(described) and region not in service.regions:
        complaints.add(
            region.place, f"the service does not run in {str(region)!r}, only in {', '.join(service.regions)}"
        )


def _check_surge(described: Services, said: Surge, complaints: Complaints) -> None:
    known = [str(each.to) for each in described.traffic]
    if said.to is not None and said.to not in known:
        hint = did_you_mean(said.to, known) or f"; it goes to {', '.join(known)}"
        complaints.add(said.to.place, f"no traffic goes to {str(said.to)!r}{hint}")
