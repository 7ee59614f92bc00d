"""One attempt of a call: a client span, the network, and whoever answers at the other side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.nodes import Edge
from simulator_services.language.effects import CertificateExpiry, PacketLoss
from simulator_services.load_model.forces import PACKETS, RETRANSMISSION
from simulator_services.walk import luck, outcomes
from simulator_services.walk.requests import Answered, Asked, Requests
from simulator_services.walk.work import worked

if TYPE_CHECKING:
    from simulator_services.walk.walking import Walk

Bits = NDArray[np.uint64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

NEAR, FAR = 100_000, 30_000_000  # one way, at least: within a region, and between two
_JITTER = 300_000
_SPANS_OF_ITS_OWN = ("service", "function")
_MOST_LOST = 6  # in a row; then the connection is given up


class Asker:
    """Asks instances."""

    def __init__(self, walk: Walk) -> None:
        self._walk, self._scene = walk, walk.scene

    def ask(
        self,
        edge: Edge,
        region: int,
        requests: Requests,
        asked: Asked,
        parents: Bits,
        start: Times,
        far: NDArray[np.bool_],
        path: str,
        attempt: int,
    ) -> Answered:
        """Ask instances in a region, and note the client spans. ``far``: from another region."""
        scene = self._scene
        service = scene.service_of(edge)
        place = scene.place(service, region)
        source = requests.bits(asked.rows, f"{path}/call")
        spans = np.maximum(requests.bits(asked.rows, f"{path}/call/client"), 1)
        picked, alive = scene.presence.picked(place, start, luck.share(source, 0))
        least = np.where(far, FAR, NEAR)
        there = least + (_JITTER * luck.share(source, 1)).astype(np.int64)
        back = least + (_JITTER * luck.share(source, 2)).astype(np.int64)
        deadline = np.minimum(start + edge.timeout, asked.deadlines - NEAR)
        ended = Answered.at(start + there + back)
        ended.fail(~alive, outcomes.REFUSED, scene.blamed(service, start))
        self._network(edge, asked, picked, start, source, ended)
        reached = np.flatnonzero((ended.outcomes == 0) & (ended.ends < deadline))
        if len(reached):
            passed = Asked(
                asked.rows[reached], picked[reached], (ended.ends - back)[reached], (deadline - back)[reached],
                spans[reached], asked.instances[reached],
            )  # fmt: skip
            answer = self._answered(edge, place, requests, passed, path)
            answer.ends = answer.ends + back[reached]
            answer.slow(ended.excess[reached], ended.cause[reached])
            ended.put(reached, answer)
        self._cut(ended, start, deadline)
        durations = ended.ends - start
        self._walk.called.add(
            len(start), starts=start, durations=durations, spans=spans, parents=parents,
            high=requests.high[asked.rows], low=requests.low[asked.rows], instances=asked.instances,
            peers=picked, outcomes=ended.outcomes, acts=ended.acts(durations), route=edge.callee, attempt=attempt,
        )  # fmt: skip
        return ended

    def _network(self, edge: Edge, asked: Asked, picked: Index, start: Times, source: Bits, ended: Answered) -> None:
        """Let packets get lost, and handshakes fail."""
        scene = self._scene
        callee, caller = scene.graph.routes[edge.callee], scene.graph.routes[edge.caller]
        for route, instances in ((callee, picked), (caller, asked.instances)):
            for effect in scene.effects(route.service, route.name):
                said = effect.arguments
                if isinstance(said, CertificateExpiry) and route is callee:
                    ended.fail(effect.strength(instances, start) > 0, outcomes.CERTIFICATE, effect.act)
                elif isinstance(said, PacketLoss):
                    delay = _sent_again(said.loss * effect.strength(instances, start), luck.share(source, 3))
                    ended.slow(delay, effect.act)
                    ended.ends = ended.ends + delay

    def _cut(self, ended: Answered, start: Times, deadline: Times) -> None:
        """Let calls time out that are not answered by their deadline."""
        late = ended.ends >= deadline
        ended.guilt = np.where(late & (ended.guilt == 0), ended.cause, ended.guilt).astype(np.int16)
        ended.outcomes[late] = outcomes.TIMEOUT
        ended.ends = np.where(late, np.maximum(deadline, start), ended.ends)
        ended.excess = np.minimum(ended.excess, ended.ends - start)

    def _answered(self, edge: Edge, place: int, requests: Requests, asked: Asked, path: str) -> Answered:
        """Return how the other side ends: with spans of its own, or none."""
        graph = self._scene.graph
        route = graph.routes[edge.callee]
        if graph.services[route.service].kind in _SPANS_OF_ITS_OWN:
            return self._walk.serve(edge.callee, place, requests, asked, path)
        source = requests.bits(asked.rows, f"{path}/work")
        work, answered = worked(self._scene, route, place, asked.instances, asked.starts, source)
        answered.ends = asked.starts + np.where(answered.outcomes > 0, work.waited, work.waited + work.own)
        return answered


def _sent_again(loss: NDArray[np.float64], chance: NDArray[np.float64]) -> Times:
    """Return how long calls wait for packets to be sent again: each time one is lost, twice as long as before."""
    loss = np.maximum(loss, 1e-9)
    hit = np.maximum(1.0 - (1.0 - loss) ** PACKETS, 1e-9)
    more = np.log(np.maximum(chance, 1e-9) / hit) / np.log(loss)  # the same packet, lost again
    times = np.where(chance < hit, np.minimum(1 + more.astype(np.int64), _MOST_LOST), 0)
    return (RETRANSMISSION * 1e9 * (2.0**times - 1.0)).astype(np.int64)
