"""The walk of requests through the graph: all requests of a cell that reach a route are walked at once.

Time goes down the tree as starts and deadlines and comes back as ends, so that a span
lies within its parent by construction: nobody who is called may end after the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator_services.graph.nodes import Edge, RouteNode
from simulator_services.language.effects import CertificateExpiry
from simulator_services.walk import luck, outcomes
from simulator_services.walk.calling import Caller
from simulator_services.walk.requests import Answered, Asked, Links, Published, Requests, Spans
from simulator_services.walk.scene import Scene
from simulator_services.walk.work import Work, worked

Bits = NDArray[np.uint64]
Index = NDArray[np.intp]
Times = NDArray[np.int64]

GAP = 50_000  # between a span's start and its first child's, at least
MOST_OF_A_MESSAGE = 300_000_000_000  # a consumer works on one for so long at most
_POLL, _POLL_SPREAD = 20e6, 0.6  # until a message is taken that need not wait
_PAUSE = 10_000  # between two calls, at least
_SHED = 300_000  # a request that is turned away costs this at most


@dataclass
class Walk:
    """Walks requests, and collects their spans and messages."""

    scene: Scene
    served: Spans = field(default_factory=Spans)
    called: Spans = field(default_factory=Spans)
    unanswered: Spans = field(default_factory=Spans)
    published: list[Published] = field(default_factory=list)

    def __post_init__(self) -> None:
        graph = self.scene.graph
        entries = set(graph.entries)
        self._passed_on = [outcomes.passed_on(entry=route.number in entries) for route in graph.routes]
        self._caller = Caller(self)

    def enter(self, route: int, requests: Requests, starts: Times, clients: Index, timeout: int, path: str) -> Answered:
        """Let requests come in from outside: each is the root of a trace."""
        answered = Answered.at(starts)
        service = self.scene.graph.routes[route].service
        source = requests.bits(np.arange(len(starts)), f"{path}/entry")
        for region, there in self.scene.by_destination(service, requests.regions):
            place = self.scene.place(service, region)
            picked, alive = self.scene.presence.picked(place, starts[there], luck.share(source[there], 0))
            guilt = self.scene.blamed(service, starts[there])
            expired = np.zeros(len(there), np.bool_)
            for effect in self.scene.effects(service, self.scene.graph.routes[route].name):
                if isinstance(effect.arguments, CertificateExpiry):  # nobody shakes hands
                    expired |= effect.strength(picked, starts[there]) > 0
            ended = np.where(alive, np.where(expired, outcomes.CERTIFICATE, outcomes.OK), outcomes.REFUSED)
            alive = ended == outcomes.OK
            rows, lost = there[alive], there[~alive]
            answered.outcomes[lost], answered.guilt[lost] = ended[~alive], guilt[~alive]
            self.unanswered.add(
                len(lost), starts=starts[lost], instances=picked[~alive], high=requests.high[lost],
                low=requests.low[lost], sources=clients[lost], outcomes=answered.outcomes[lost],
                acts=answered.guilt[lost], route=route, luck=source[lost],
            )  # fmt: skip
            asked = Asked(rows, picked[alive], starts[rows], starts[rows] + timeout, None, clients[rows])
            if len(rows):
                answered.put(rows, self.serve(route, place, requests, asked, path))
        return answered

    def consume(self) -> None:
        """Let messages be taken from their queues, and those that follow from them."""
        waiting, self.published = self.published, []
        for messages in waiting:
            for queue, route in self.scene.graph.consumers:
                if queue == messages.queue:
                    self._take(route, messages)
        if self.published:
            self.consume()

    def _take(self, route: int, messages: Published) -> None:
        """Handle messages in traces of their own that are linked to those that sent them."""
        scene, sent = self.scene, messages.requests
        path = f"{messages.path}/to{route}"
        keys = sent.bits(messages.rows, f"{path}/keys")
        links = Links(sent.high[messages.rows], sent.low[messages.rows], messages.spans)
        requests = Requests.of(keys, messages.regions, sent.seed, links)
        source = requests.bits(np.arange(len(keys)), f"{path}/taken")
        service = scene.graph.routes[route].service
        for region, rows in scene.by_destination(service, messages.regions):
            queue = scene.place(messages.queue, scene.graph.destinations[messages.queue][region])
            age, _ = scene.now("age", queue, messages.times[rows])
            polled = _POLL * np.exp(_POLL_SPREAD * luck.normal(source[rows]))
            starts = messages.times[rows] + (polled + age * 1e9 * (0.9 + 0.2 * luck.share(source[rows], 0))).astype(int)
            place = scene.place(service, region)
            picked, alive = scene.presence.picked(place, starts, luck.share(source[rows], 1))
            asked = Asked(rows, picked, starts, starts + MOST_OF_A_MESSAGE, None, messages.instances[rows])
            if alive.any():
                self.serve(route, place, requests, asked.take(np.flatnonzero(alive)), path)

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
        self._end(route, place, requests, asked, spans, at, work, answered, path)
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
        place: int,
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
        self._reset(place, asked, answered)
        durations = answered.ends - asked.starts
        answered.excess = np.minimum(answered.excess, durations)
        rows = asked.rows
        self.served.add(
            len(rows), starts=asked.starts, durations=durations, spans=spans, instances=asked.instances,
            high=requests.high[rows], low=requests.low[rows], sources=asked.sources, outcomes=answered.outcomes,
            acts=answered.acts(durations), cold=np.minimum(work.cold, durations), route=route.number,
            size=requests.bits(rows, f"{path}/size"), **asked.origin(requests),
        )  # fmt: skip

    def _reset(self, place: int, asked: Asked, answered: Answered) -> None:
        """End what an instance was handling when it went down."""
        died = self.scene.presence.died_within(place, asked.instances, asked.starts, answered.ends)
        if died is not None and died.any():
            hit = died > 0
            service = place // len(self.scene.graph.regions)
            answered.outcomes[hit] = outcomes.RESET
            answered.guilt[hit] = self.scene.blamed(service, died[hit])
