"""Calls between routes: client spans, networks, pools, caches, timeouts, and trying again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator_services import luck, outcomes
from simulator_services.graph import Edge
from simulator_services.requests import Answered, Asked, Requests
from simulator_services.work import worked

if TYPE_CHECKING:
    from simulator_services.walk import Walk

Bits = NDArray[np.uint64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

NEAR, FAR = 100_000, 30_000_000  # one way, at least: within a region, and between two
_JITTER = 300_000
_SPANS_OF_ITS_OWN = ("service", "function")


class Caller:
    """Makes the calls of a walk."""

    def __init__(self, walk: Walk) -> None:
        self._walk, self._scene = walk, walk.scene

    def call(self, edge: Edge, requests: Requests, asked: Asked, parents: Bits, at: Times, path: str) -> Answered:
        """Call, and try again as often as those who call do. ``asked`` is what the callers were asked."""
        ended = Answered.at(at)
        trying = np.arange(len(at))
        start = at
        for attempt in range(1, edge.retries + 2):
            tried = self._attempt(
                edge, requests, asked.take(trying), parents[trying], start, f"{path}#{attempt}", attempt
            )
            if attempt > 1:
                tried.excess += np.where(tried.cause > 0, start - at[trying], 0)
            ended.put(trying, tried)
            again = tried.outcomes > 0
            if attempt > edge.retries or not again.any():
                break
            wait = edge.backoff << (attempt - 1)
            chance = luck.share(requests.bits(asked.rows[trying], f"{path}#{attempt}/backoff"), 0)
            start = tried.ends + (wait * (0.5 + chance)).astype(np.int64)
            again &= start + 2 * NEAR < asked.deadlines[trying]
            trying, start = trying[again], start[again]
            if not len(trying):
                break
        return ended

    def _attempt(
        self, edge: Edge, requests: Requests, asked: Asked, parents: Bits, start: Times, path: str, attempt: int
    ) -> Answered:
        ended = Answered.at(start)
        graph = self._scene.graph
        service = graph.routes[edge.callee].service
        regions = self._regions(asked.instances)
        for region, rows in self._scene.by_destination(service, regions):
            if len(rows):
                part = asked.take(rows)
                far = regions[rows] != region
                answer = self._ask(edge, region, requests, part, parents[rows], start[rows], far, path, attempt)
                ended.put(rows, answer)
        return ended

    def _regions(self, instances: Index) -> Index:
        return self._walk.region_of[instances]

    def _ask(
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
        """Ask instances in a region, and note the client spans."""
        scene = self._scene
        route = scene.graph.routes[edge.callee]
        place = scene.place(route.service, region)
        source = requests.bits(asked.rows, f"{path}/call")
        spans = np.maximum(requests.bits(asked.rows, f"{path}/client"), 1)
        picked, alive = scene.presence.picked(place, start, luck.share(source, 0))
        there = np.where(far, FAR, NEAR) + (_JITTER * luck.share(source, 1)).astype(np.int64)
        back = np.where(far, FAR, NEAR) + (_JITTER * luck.share(source, 2)).astype(np.int64)
        deadline = np.minimum(start + edge.timeout, asked.deadlines - NEAR)
        ended = Answered.at(start)
        ended.outcomes[~alive] = outcomes.REFUSED
        ended.guilt[~alive] = scene.blamed(route.service, start[~alive])
        ended.ends = start + there + back
        reached = np.flatnonzero(alive & (start + there + back < deadline))
        if len(reached):
            passed = Asked(
                asked.rows[reached], picked[reached], (start + there)[reached], (deadline - back)[reached],
                spans[reached], asked.instances[reached],
            )  # fmt: skip
            answer = self._answered(edge, place, requests, passed, path)
            answer.ends = answer.ends + back[reached]
            ended.put(reached, answer)
        late = ended.ends >= deadline
        ended.guilt = np.where(late & (ended.guilt == 0), ended.cause, ended.guilt).astype(np.int16)
        ended.outcomes[late] = outcomes.TIMEOUT
        ended.ends = np.where(late, np.maximum(deadline, start), ended.ends)
        durations = ended.ends - start
        self._walk.called.add(
            len(start), starts=start, durations=durations, spans=spans, parents=parents,
            high=requests.high[asked.rows], low=requests.low[asked.rows], instances=asked.instances,
            peers=picked, outcomes=ended.outcomes, acts=ended.acts(durations), route=edge.callee, attempt=attempt,
        )  # fmt: skip
        return ended

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
