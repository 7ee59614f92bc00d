"""The system ``services``: what the core asks of a graph of services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator import Behaviour, Complaints, Effect, HostGroup, Setting
from simulator_services.description import Services
from simulator_services.effects import EFFECTS
from simulator_services.event_types import EVENT_TYPES
from simulator_services.instances import host_groups


class ServicesSystem:
    """Graphs of services."""

    name = "services"
    description: type = Services
    effects: Mapping[str, type] = EFFECTS
    events: Sequence[str] = tuple(each.name for each in EVENT_TYPES)

    def hosts(self, described: Any) -> Sequence[HostGroup]:
        return tuple(host_groups(described))

    def targets(self, described: Any) -> Sequence[str]:
        return (*map(str, described.services), *map(str, described.regions))

    def check(self, described: Any, effects: Sequence[Effect], complaints: Complaints) -> None:
        from simulator_services.bearing import check_load
        from simulator_services.checking import check_description, check_effects

        before = len(complaints)
        check_description(described, complaints)
        if len(complaints) == before:
            check_load(described, complaints)
        check_effects(described, effects, complaints)

    def behaviour(self, setting: Setting) -> Behaviour:
        from simulator_services.behaviour import ServicesBehaviour

        return ServicesBehaviour(setting)
