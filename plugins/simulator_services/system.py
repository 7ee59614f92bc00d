"""The system ``services``: what the core asks of a graph of services.

Everything heavy is imported where it is used: commands that play nothing list systems too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator_services.event_types import EVENT_TYPES

if TYPE_CHECKING:
    from simulator import Behaviour, Complaints, Effect, HostGroup, Setting


class ServicesSystem:
    """Graphs of services."""

    name = "services"
    events: Sequence[str] = tuple(each.name for each in EVENT_TYPES)

    @property
    def description(self) -> type:
        from simulator_services.language.description import Services

        return Services

    @property
    def effects(self) -> Mapping[str, type]:
        from simulator_services.language.effects import EFFECTS

        return EFFECTS

    def hosts(self, described: Any) -> Sequence[HostGroup]:
        from simulator_services.graph.instances import host_groups

        return tuple(host_groups(described))

    def targets(self, described: Any) -> Sequence[str]:
        return (*map(str, described.services), *map(str, described.regions))

    def varieties(self, described: Any, event: str) -> Sequence[Mapping[str, Any]]:
        from simulator_services.graph.numbering import graph_of

        graph = graph_of(described)
        names = [each.name for each in graph.services]
        if event in ("service.request", "service.unanswered"):
            routes = graph.routes if event == "service.request" else [graph.routes[each] for each in graph.entries]
            return [{"service": names[each.service], "method": each.method, "route": each.path} for each in routes]
        if event == "service.call":
            ends = [(graph.routes[each.caller], graph.routes[each.callee]) for each in graph.edges]
            return [{"service": names[one.service], "peer": names[other.service]} for one, other in ends]
        return [{"service": each} for each in names]

    def check(self, described: Any, effects: Sequence[Effect], complaints: Complaints) -> None:
        from simulator_services.checks.bearing import check_load
        from simulator_services.checks.checking import check_description, check_effects

        before = len(complaints)
        check_description(described, complaints)
        if len(complaints) == before:
            check_load(described, complaints)
        check_effects(described, effects, complaints)

    def behaviour(self, setting: Setting) -> Behaviour:
        from simulator_services.behaviour import ServicesBehaviour

        return ServicesBehaviour(setting)
