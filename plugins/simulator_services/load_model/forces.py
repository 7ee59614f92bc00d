"""What effects do to the weather: their strength at each step, averaged over the instances of a place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.conditions import Applied, Conditions, work_factor
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
    DependencyTimeout,
    Errors,
    PacketLoss,
    PoolSize,
    RetryStorm,
)
from simulator_services.load_model.graph_arrays import Flow

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
RETRANSMISSION = 0.2  # seconds until a lost packet is sent again
_GREEDIEST = 0.95  # of the processors: those who have business there get the rest
PACKETS = 6  # that a call needs, both ways


class Forces:
    """Arrays of shape (steps, spots) or (steps, places); those that nothing changes are one row seen many times."""

    def __init__(self, flow: Flow, conditions: Conditions, times: Times) -> None:
        self._flow, self._times = flow, times
        spots, places = flow.spots, flow.places
        self.factor = self._plain(1.0, spots)
        self.errors = self._plain(0.0, spots)
        self.hang = self._plain(0.0, spots)
        self.attempts = self._plain(1.0, spots)
        self.capacity = self._plain(1.0, places)
        self.left = self._plain(1.0, places)  # of the processors
        self.pool = np.broadcast_to(flow.pool_size, (len(times), places))
        self.kept = self._plain(1.0, places)  # of those connections: share that requests have not kept for themselves
        self.warm = self._plain(1.0, places)  # the most of a cache that is not gone
        self.delay = self._plain(0.0, places)  # seconds that lost packets add
        self.lost = self._plain(0.0, places)  # share of calls that get nowhere
        self.cold = self._plain(0.0, places)
        self.starting = self._plain(1.0, places)  # how many times as long the start of a function's instance takes
        for applied in conditions.all():
            self._apply(applied)

    def _plain(self, value: float, width: int) -> Floats:
        return np.broadcast_to(np.float64(value), (len(self._times), width))

    def _apply(self, applied: Applied) -> None:
        said = applied.arguments
        for place, strength in self._places(applied):
            there = np.flatnonzero(self._flow.place_of == place).tolist()
            spots = [spot for spot in there if self._is_on(applied, spot)]
            if (full := work_factor(applied)) > 1.0:
                self._multiply("factor", spots, 1.0 + (full - 1.0) * strength)
            if isinstance(said, Errors | BadVersion):
                rate = said.rate if isinstance(said, Errors) else said.errors
                self._either("errors", spots, rate * strength)
            elif isinstance(said, ClockJump) and said.by > said.tolerance:
                self._either("errors", spots, strength)
            elif isinstance(said, DependencyTimeout):
                self._either("hang", spots, said.rate * strength)
            elif isinstance(said, RetryStorm):
                self._most("attempts", spots, 1.0 + (said.attempts - 1) * strength)
            else:
                self._on_place(said, place, strength)

    def _on_place(self, said: object, place: int, strength: Floats) -> None:
        if isinstance(said, Capacity):
            self._multiply("capacity", [place], 1.0 - (1.0 - said.factor) * strength)
        elif isinstance(said, CpuSteal):
            self._multiply("left", [place], 1.0 - said.steal * strength)
        elif isinstance(said, CpuLoad):
            cores = float(self._flow.cores[place])
            self._multiply("left", [place], 1.0 - min(said.cores / cores, _GREEDIEST) * strength)
        elif isinstance(said, PoolSize):
            rest = min(1.0, said.size / max(1.0, self._flow.pool_size[place]))
            self._multiply("pool", [place], 1.0 - (1.0 - rest) * strength)
        elif isinstance(said, ConnectionLeak):
            rest = min(1.0, said.left / max(1.0, self._flow.pool_size[place]))
            self._multiply("kept", [place], 1.0 - (1.0 - rest) * strength)
        elif isinstance(said, CacheHitRate):
            rest = min(1.0, said.rate / max(1e-9, float(self._flow.hit_rate[place])))
            self._multiply("warm", [place], 1.0 - (1.0 - rest) * strength)
        elif isinstance(said, PacketLoss):
            again = 1.0 - (1.0 - said.loss * strength) ** PACKETS
            self._add("delay", [place], RETRANSMISSION * again / np.maximum(0.1, 1.0 - 2.0 * said.loss * strength))
            self._either("lost", [place], again * (said.loss * strength) ** 4)
        elif isinstance(said, CertificateExpiry):
            self._either("lost", [place], strength)
        elif isinstance(said, ColdStartStorm):
            self._most("cold", [place], said.share * strength)
            self._most("starting", [place], 1.0 + (said.slower - 1.0) * strength)

    def _is_on(self, applied: Applied, spot: int) -> bool:
        graph = self._flow.graph
        return applied.route is None or graph.routes[spot // len(graph.regions)].name == applied.route

    def _places(self, applied: Applied) -> Iterator[tuple[int, Floats]]:
        """Yield the places that an effect is on, and how strong it is there on average."""
        graph = self._flow.graph
        hit = np.flatnonzero(applied.ranks < np.inf)
        if not len(hit):  # outside: a service without instances
            for region in graph.services[applied.service].regions:
                yield applied.service * len(graph.regions) + region, applied.effect.strength(self._times)
        for place in sorted({graph.instances[each].place for each in hit}):
            members = [each for each in hit if graph.instances[each].place == place and applied.ranks[each] < 1.0]
            strengths = [applied.strength(np.full(len(self._times), each), self._times) for each in members]
            yield place, np.mean(strengths, axis=0)

    def _own(self, name: str) -> Floats:
        """Return an array that may be written to."""
        table: Floats = getattr(self, name)
        if not table.flags.writeable:
            table = table.copy()
            setattr(self, name, table)
        return table

    def _multiply(self, name: str, columns: list[int], by: Floats) -> None:
        self._own(name)[:, columns] *= by[:, None]

    def _add(self, name: str, columns: list[int], more: Floats) -> None:
        self._own(name)[:, columns] += more[:, None]

    def _either(self, name: str, columns: list[int], share: Floats) -> None:
        table = self._own(name)
        table[:, columns] = 1.0 - (1.0 - table[:, columns]) * (1.0 - share[:, None])

    def _most(self, name: str, columns: list[int], value: Floats) -> None:
        table = self._own(name)
        table[:, columns] = np.maximum(table[:, columns], value[:, None])
