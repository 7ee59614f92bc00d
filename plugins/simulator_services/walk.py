"""The walk of requests through the graph: all requests of a cell that reach a route are walked at once.

Time goes down the tree as starts and deadlines and comes back as ends, so that a span
lies within its parent by construction: nobody who is called may end after the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator_services import luck, outcomes
from simulator_services.calling import Caller
from simulator_services.graph import Edge, RouteNode
from simulator_services.requests import Answered, Asked, Requests, Spans
from simulator_services.scene import Scene
from simulator_services.work import Work, worked

Bits = NDArray[np.uint64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

GAP = 50_000  # between a span's start and its first child's, at least
_PAUSE = 10_000  # between two calls, at least
_SHED = 300_000  # a request that is turned away costs this at most


@dataclass(frozen=True)
class Published:
    """Messages that went to a queue: when they had got there, and the spans that sent them."""

    queue: int
    requests: Requests
    rows: Index
    times: Times
    spans: Bits
    regions: Index
    acts: NDArray[np.int16]
    path: str


@dataclass
class Walk:
    """Walks requests, and collects their spans and messages."""

    scene: Scene
    served: Spans = field(default_factory=Spans)
    called: Spans = field(default_factory=Spans)
    published: list[Published] = field(default_factory=list)

    def __post_init__(self) -> None:
        graph = self.scene.graph
        entries = set(graph.entries)
        self._passed_on = [outcomes.passed_on(entry=route.number in entries) for route in graph.routes]
        self.region_of = np.array([each.region for each in graph.instances], np.intp)
        self._caller = Caller(self)

    def enter(self, route: int, requests: Requests, starts: Times, clients: Index, timeout: int, path: str) -> Answered:
        """Let requests come in from outside: each is the root of a trace."""
        answered = Answered.at(starts)
        service = self.scene.graph.routes[route].service
        source = requests.bits(np.arange(len(starts)), f"{path}/entry")
        for region, there in self.scene.by_destination(service, requests.regions):
            place = self.scene.place(service, region)
            picked, alive = self.scene.presence.picked(place, starts[there], luck.share(source[there], 0))
            rows, lost = there[alive], there[~alive]
            answered.outcomes[lost] = outcomes.REFUSED
            answered.guilt[lost] = self.scene.blamed(service, starts[lost])
            asked = Asked(rows, picked[alive], starts[rows], starts[rows] + timeout, None, clients[rows])
            if len(rows):
                answered.put(rows, self.serve(route, place, requests, asked, path))
        return answered

    def serve(self, number: int, place: int, requests: Requests, asked: Asked, path: str) -> Answered:
        """Let instances at a place handle requests: a server span for each, and all that it calls."""
        route = self.scene.graph.routes[number]
        source = requests.bits(asked.rows, f"{path}/work")
        spans = np.maximum(requests.bits(asked.rows, f"{path}/span"), 1)
        work, answered = worked(self.scene, route, place, asked.instances, asked.starts, source)
        steps = self.scene.graph.steps[number]
        first = work.own if not steps else (work.own * (0.2 + 0.5 * luck.share(source, 1))).astype(np.int64)
        failed = answered.outcomes > 0
        at = asked.starts + np.where(failed, np.minimum(first, _SHED), work.waited + first)
        at = np.maximum(at, asked.starts + GAP)
        rest = np.maximum((work.own - first) // max(1, len(steps)), _PAUSE)
        for place_of, step in enumerate(steps):
            going = np.flatnonzero((answered.outcomes == 0) & (at + 2 * GAP < asked.deadlines))
            if len(going):
                self._step(route, step.edges, requests, asked, spans, going, at, answered, f"{path}/{place_of}")
                at[going] = answered.ends[going] + rest[going]
        self._end(route, requests, asked, spans, at, work, answered, path)
        return answered

    def _step(
        self,
        route: RouteNode,
        edges: tuple[Edge, ...],
        requests: Requests,
        asked: Asked,
        spans: Bits,
        going: Index,
        at: Times,
        answered: Answered,
        path: str,
    ) -> None:
        """Make calls at the same time: the request goes on when the last has ended."""
        answered.ends[going] = at[going]
        slowest = np.zeros(len(going), np.int64)
        cause = np.zeros(len(going), np.int16)
        for number, edge in enumerate(edges):
            chosen = going
            if edge.probability < 1.0:
                chance = luck.share(requests.bits(asked.rows[going], f"{path}.{number}/made"), 3)
                chosen = going[chance < edge.probability]
            if not len(chosen):
                continue
            ended = self._caller.call(edge, requests, asked.take(chosen), spans[chosen], at[chosen], f"{path}.{number}")
            answered.ends[chosen] = np.maximum(answered.ends[chosen], ended.ends)
            places = np.searchsorted(going, chosen)
            more = ended.excess > slowest[places]
            slowest[places] = np.where(more, ended.excess, slowest[places])
            cause[places] = np.where(more, ended.cause, cause[places])
            if not edge.fallback:
                fresh = chosen[(answered.outcomes[chosen] == 0) & (ended.outcomes > 0)]
                rows = np.searchsorted(chosen, fresh)
                answered.outcomes[fresh] = self._passed_on[route.number][ended.outcomes[rows]]
                answered.guilt[fresh] = ended.guilt[rows]
        answered.excess[going] += slowest
        answered.cause[going] = np.where(cause > 0, cause, answered.cause[going])

    def _end(
        self,
        route: RouteNode,
        requests: Requests,
        asked: Asked,
        spans: Bits,
        at: Times,
        work: Work,
        answered: Answered,
        path: str,
    ) -> None:
        """Cut what did not end in time, and note the spans."""
        late = at >= asked.deadlines
        answered.guilt = np.where(late, answered.cause, answered.guilt).astype(np.int16)
        answered.outcomes[late] = outcomes.CANCELLED
        answered.ends = np.where(late, asked.deadlines, at)
        self._reset(asked, answered)
        durations = answered.ends - asked.starts
        rows = asked.rows
        self.served.add(
            len(rows), starts=asked.starts, durations=durations, spans=spans, instances=asked.instances,
            high=requests.high[rows], low=requests.low[rows], sources=asked.sources, outcomes=answered.outcomes,
            acts=answered.acts(durations), cold=np.minimum(work.cold, durations), route=route.number,
            size=requests.bits(rows, f"{path}/size"), **asked.origin(requests),
        )  # fmt: skip

    def _reset(self, asked: Asked, answered: Answered) -> None:
        """End what an instance was handling when it went down."""
        died = self.scene.presence.died_within(asked.instances, asked.starts, answered.ends)
        if died is not None and died.any():
            hit = died > 0
            service = self.scene.graph.instances[int(asked.instances[0])].service
            answered.outcomes[hit] = outcomes.RESET
            answered.guilt[hit] = self.scene.blamed(service, died[hit])
