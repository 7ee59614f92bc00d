"""What cannot be in a description of services: names that lead nowhere, circles, loads that nobody can bear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from simulator import Complaints, Effect, Place, Word, did_you_mean
from simulator_services.graph.instances import regions_of
from simulator_services.language.description import Call, Publish, Route, Service, Services, Together
from simulator_services.language.words import ServiceName, Target

MOST_SPANS = 5_000
"""Spans that one request may lead to at most."""

_NAMED_ROUTES = ("service", "function")


def check_description(described: Services, complaints: Complaints) -> None:
    """Add what is wrong with a description. What it amounts to can be worked out only if nothing is."""
    before = len(complaints)
    if not described.services:
        complaints.add(described.place, "there are no services; describe at least one under `services`")
    for name, service in described.services.items():
        _check_service(described, name, service, complaints)
        for route, each in service.routes.items():
            _check_route(described, route, service, complaints)
            for call in _calls(each.calls):
                _check_call(described, call, complaints)
    for traffic in described.traffic:
        _check_target(described, traffic.to, complaints)
        entry = described.services.get(ServiceName(traffic.to.service))
        if entry is not None and entry.kind not in _NAMED_ROUTES:
            complaints.add(traffic.to.place, f"traffic goes to services and functions, not to a {entry.kind}")
    if not described.traffic:
        complaints.add(described.place, "nobody asks these services; add an entry to `traffic`")
    if len(complaints) == before:
        _check_circles(described, complaints)


def _check_service(described: Services, name: ServiceName, service: Service, complaints: Complaints) -> None:
    regions = regions_of(described)
    for region in service.regions:
        if region not in regions:
            hint = did_you_mean(region, regions) or f"; there are {', '.join(regions)}"
            complaints.add(region.place, f"there is no region {str(region)!r}{hint}")
    if service.memory_limit is not None and service.memory_limit <= service.memory:
        complaints.add(name.place, f"{str(name)!r} is killed at once: `memory_limit` is not more than `memory`")
    if service.autoscale and service.instances and service.autoscale.most < service.instances:
        complaints.add(name.place, f"{str(name)!r} has more `instances` than `most` of its autoscaling; raise `most`")
    if service.pool is not None:
        found = _known(described, service.pool.to, service.pool.to.place, complaints)
        if found is not None and found.kind != "database":
            complaints.add(service.pool.to.place, f"a pool is of connections to a database; this is a {found.kind}")


def _check_route(described: Services, route: Word, service: Service, complaints: Complaints) -> None:
    method, _, path = route.partition(" ")
    if method == "process" and _known(described, path, route.place, complaints) is not None:
        kind = described.services[ServiceName(path)].kind
        if kind != "queue":
            complaints.add(route.place, f"`process` takes messages of a queue; {path!r} is a {kind}")
    if service.routes[route].calls and service.kind not in _NAMED_ROUTES:  # type: ignore[index]
        complaints.add(route.place, f"a {service.kind} makes no calls; leave `calls` out")


def _calls(calls: Iterable[Call | Publish | Together | Target]) -> Iterator[Call | Publish | Target]:
    """Yield all calls, those at the same time and those after a miss too."""
    for call in calls:
        if isinstance(call, Together):
            yield from _calls(call.together)
        else:
            yield call
            if isinstance(call, Call):
                yield from _calls(call.on_miss)


def _check_call(described: Services, call: Call | Publish | Target, complaints: Complaints) -> None:
    if isinstance(call, Publish):
        found = _known(described, call.publish, call.publish.place, complaints)
        if found is not None and found.kind != "queue":
            complaints.add(call.publish.place, f"messages go to a queue; {str(call.publish)!r} is a {found.kind}")
        return
    target = call.call if isinstance(call, Call) else call
    found = _check_target(described, target, complaints)
    if found is not None and found.kind == "queue":
        complaints.add(target.place, f"{target.service!r} is a queue; write {{publish: {target.service}}}")
    if found is not None and isinstance(call, Call) and call.on_miss and found.kind != "cache":
        complaints.add(target.place, f"only caches miss; {target.service!r} is a {found.kind}: leave `on_miss` out")


def _check_target(described: Services, target: Target, complaints: Complaints) -> Service | None:
    found = _known(described, target.service, target.place, complaints)
    if found is None or found.kind not in _NAMED_ROUTES or target.route in found.routes:
        return found
    known = [str(each) for each in found.routes]
    hint = did_you_mean(target.route, known) or f"; it has {', '.join(known) or 'none'}"
    complaints.add(target.place, f"{target.service!r} has no route {target.route!r}{hint}")
    return None


def _known(described: Services, name: str, place: Place, complaints: Complaints) -> Service | None:
    found = described.services.get(ServiceName(name))
    if found is None:
        known = [str(each) for each in described.services]
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        complaints.add(place, f"there is no service {name!r}{hint}")
    return found


def _check_circles(described: Services, complaints: Complaints) -> None:
    """Refuse routes that lead back to themselves, and requests that lead to too many."""
    sizes: dict[str, float] = {}
    for name, service in described.services.items():
        for route in service.routes:
            _size(described, f"{name} {route}", [], sizes, complaints)
    for traffic in described.traffic:
        size = sizes.get(traffic.to, 0.0)
        if size > MOST_SPANS:
            complaints.add(
                traffic.to.place,
                f"a request to it leads to {size:,.0f} spans; the most is {MOST_SPANS:,}: make fewer calls",
            )


def _size(
    described: Services, target: str, above: Sequence[str], sizes: dict[str, float], complaints: Complaints
) -> float:
    """Return how many spans a route leads to at most."""
    if target in sizes:
        return sizes[target]
    name, _, route = target.partition(" ")
    size = 1.0
    for call in _calls(_route(described.services[ServiceName(name)], route).calls):
        for place, callee in _callees(described, call):
            way = [*above, target]
            if callee in way:
                circle = " → ".join([*way[way.index(callee) :], callee])
                complaints.add(place, f"calls go round in a circle: {circle}; leave one of them out")
                continue
            size += 1.0 + _size(described, callee, way, sizes, complaints)
    sizes[target] = size
    return size


def _callees(described: Services, call: Call | Publish | Target) -> Iterator[tuple[Place, str]]:
    """Yield what a call leads to: a route, or those that process a queue's messages."""
    if isinstance(call, Publish):
        wanted = f"process {call.publish}"
        for name, service in described.services.items():
            if wanted in service.routes:
                yield call.publish.place, f"{name} {wanted}"
    else:
        target = call.call if isinstance(call, Call) else call
        yield target.place, str(target)


def _route(service: Service, name: str) -> Route:
    return next((route for key, route in service.routes.items() if key == name), Route())


def check_effects(described: Services, effects: Sequence[Effect], complaints: Complaints) -> None:
    """Add what is wrong with effects."""
    from simulator_services.checks.effect_checks import check_effect

    for effect in effects:
        check_effect(described, effect, complaints)
