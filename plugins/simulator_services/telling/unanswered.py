"""Requests from outside that no instance answers become columns: no span tells of them, for nobody made one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import Coded, Durations, Happened, Host, Outsider
from simulator_services.graph.nodes import Graph
from simulator_services.telling.spans import Vocabularies, asked_in, source_ports, trace_ids
from simulator_services.walk import luck, outcomes
from simulator_services.walk.requests import CLIENT, Spans

EVENT = "service.unanswered"
_TURNED_AWAY = 1_500_000  # nanoseconds until somebody is told that nobody is there
_REFUSED = {"root": 1, "status": 503, "error": "refused", "failed": 1}
_EXPIRED = {"root": 1, "status": 0, "error": "certificate_expired", "failed": 1}


class UnansweredTeller:
    """Tells ``service.unanswered``."""

    def __init__(
        self,
        graph: Graph,
        vocabulary: Vocabularies,
        hosts: Mapping[str, Host],
        clients: Sequence[Outsider],
        outlet: int,
    ) -> None:
        self._vocabulary, self._outlet = vocabulary, outlet
        self._instances = {
            "host": self._codes("host", [hosts[each.name] for each in graph.instances]),
            "service": self._codes("service", [graph.services[each.service].name for each in graph.instances]),
            "region": self._codes("region", [graph.regions[each.region] for each in graph.instances]),
        }
        self._routes = {
            "protocol": self._codes("protocol", [asked_in(each) for each in graph.routes]),
            "method": self._codes("method", [each.method for each in graph.routes]),
            "route": self._codes("route", [each.path for each in graph.routes]),
        }
        self._said = {name: self._codes(name, [_REFUSED[name], _EXPIRED[name]]) for name in _REFUSED}
        self._clients = self._codes("source", clients)

    def told(self, requests: Spans) -> Happened:
        """Return the events of a cell."""
        rows = requests.joined()
        expired = (rows["outcomes"] == outcomes.CERTIFICATE).astype(np.intp)
        codes = {name: table[rows["instances"]] for name, table in self._instances.items()}
        codes |= {name: table[rows["route"]] for name, table in self._routes.items()}
        codes |= {name: table[expired] for name, table in self._said.items()}
        codes["source"] = self._clients[rows["sources"] - CLIENT]
        columns: dict[str, Any] = {name: Coded(each, self._vocabulary(EVENT, name)) for name, each in codes.items()}
        columns |= {
            "trace": trace_ids(rows["high"], rows["low"]),
            "source_port": source_ports(rows["luck"]),
            "duration": Durations((_TURNED_AWAY * (0.5 + luck.share(rows["luck"], 2))).astype(np.int64)),
        }
        return Happened(self._outlet, rows["starts"], columns, rows["acts"].astype(np.int64))

    def _codes(self, field: str, values: Sequence[Any]) -> NDArray[np.uint32]:
        vocabulary = self._vocabulary(EVENT, field)
        return np.array([vocabulary.code(value) for value in values], np.uint32)
