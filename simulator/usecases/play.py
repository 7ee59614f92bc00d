"""The one use case: play a playbook, record what it would have left, let the sandbox watch, score.

The command line, drills, the pytest plugin and workers all come through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from simulator.clock import Pace, stopwatch
from simulator.delivery.gate import Gate
from simulator.delivery.sinks import FolderSink, Sink, StreamSink
from simulator.errors import UsageError, did_you_mean
from simulator.instruments import count, gauge, observed_run, span, timed
from simulator.interruption import uninterrupted
from simulator.logs import say
from simulator.playbook.planning.casting import Casting, Step
from simulator.plugin_manager import Plugins
from simulator.quantities import SECOND, iso
from simulator.recording.folder import TELEMETRY, TRUTH, RunFolder
from simulator.recording.inputs import Inputs
from simulator.recording.manifest import Manifest, Status, read_manifest, update_manifest, write_manifest
from simulator.recording.objective_counts import ObjectiveCounts
from simulator.recording.truth_ledger import Ledger
from simulator.recording.truth_summary import truth_of
from simulator.scoring.scorecard import Scorecard
from simulator.telemetry.metrics.sample_types import NUMBER
from simulator.telemetry.renderer import Renderer
from simulator.telemetry.streams import RenderedBatch
from simulator.telemetry.tag import Tag
from simulator.telemetry.templates import best_backend, named_backend
from simulator.timeline.emission import Act, Emission, Plan
from simulator.timeline.engine import Timeline, Window
from simulator.usecases.judge import judge
from simulator.usecases.recorders import Recorder, recorder_of

Progress = Callable[[float, int], None]
"""Told after each window how much of the timeline is done (0 to 1) and how many events there were so far."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run is played. None of it changes a byte of a record.

    ``speed`` is seconds of the timeline in a second of the wall clock; None is as fast
    as it goes. ``window`` is in nanoseconds; ``backend`` names one that renders.
    """

    only: tuple[str, ...] = ()
    speed: float | None = None
    window: int | None = None
    backend: str | None = None


_USUAL = Manner()


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a run."""

    folder: Path
    tag: Tag
    events: int
    records: int
    seconds: float
    scorecard: Scorecard | None


def _unseen(done: float, events: int) -> None:
    """Nobody watches."""


def play(
    casting: Casting,
    inputs: Inputs,
    plugins: Plugins,
    out: Path,
    *,
    manner: Manner = _USUAL,
    rules: tuple[Path, ...] | None = (),
    progress: Progress = _unseen,
) -> Played:
    """Play a cast playbook into a run folder, and score it with rules: none given, those it expects; None, not at all.

    On Ctrl-C what was played until then becomes a marked partial run, and
    KeyboardInterrupt goes on, with a note that says where it is.
    """
    began = stopwatch()
    folder = RunFolder(out)
    say("run started", run=inputs.run_id, playbook=casting.name, seed=inputs.seed, folder=str(out))
    sink = FolderSink(folder.path / TELEMETRY)
    with observed_run(casting.name, inputs.run_id):
        try:
            recording = _Recording(folder, sink, casting, inputs, plugins, manner)
            try:
                recording.play(progress)
                manifest = recording.finished("playing")
                say("run recorded", **recording.facts, seconds=round(stopwatch() - began, 3))
                scorecard = None if rules is None else judge(manifest, plugins, rules)
            except KeyboardInterrupt as stop:
                stop.add_note(f"what was played until then is in {recording.stopped()}")
                raise
            path = recording.published()
        except BaseException:
            sink.abandon()
            folder.discard()
            raise
    seconds = stopwatch() - began
    say("run finished", run=inputs.run_id, folder=str(path), seconds=round(seconds, 3))
    return Played(path, recording.tag, recording.events, recording.records, seconds, scorecard)


def play_to(file: BinaryIO, casting: Casting, inputs: Inputs, plugins: Plugins, manner: Manner = _USUAL) -> None:
    """Play a cast playbook to a binary file such as standard output: records alone, nothing kept."""
    with observed_run(casting.name, inputs.run_id):
        line = _Line(casting, plugins, Tag(inputs.run_id, casting.name), manner, StreamSink(file))
        line.play(_unseen, None)
        line.gate.close()


def deployed(casting: Casting, plugins: Plugins, only: tuple[str, ...]) -> list[Renderer]:
    """Return the renderers that the world deploys, or those of them that are wanted only."""
    there = sorted({witness.renderer for witness in casting.plan.world.witnesses})
    for name in only:
        if name not in there:
            raise UsageError(
                f"the world {casting.plan.world.name!r} has no renderer {name!r} deployed "
                f"(deployed: {', '.join(there)}){did_you_mean(name, there)}"
            )
    return [plugins.renderers[name] for name in there if not only or name in only]


def deployed_for(step: Step, plan: Plan, plugins: Plugins) -> list[str]:
    """Return the names of the deployed renderers that record any of the events that come of a step."""
    there = {witness.renderer for witness in plan.world.witnesses}
    events = {each.event.name for emission in step.emissions for each in emission.family()}
    for planned in plan.systems:
        if any(effect in planned.effects for effect in step.effects):
            events |= set(planned.event_types)
    counted = {measure.event for metric in plugins.metrics.values() for measure in metric.measures}
    return sorted(
        name
        for name in there
        if events & (counted if plugins.renderers[name].metrics else set(plugins.renderers[name].templates))
    )


class _Recording:
    """A run folder that is being filled: by the line, by the ledger beside it, and in the end by the manifest."""

    def __init__(
        self, folder: RunFolder, sink: Sink, casting: Casting, inputs: Inputs, plugins: Plugins, manner: Manner
    ) -> None:
        self.tag = Tag(inputs.run_id, casting.name)
        self._folder, self._casting, self._inputs, self._plugins = folder, casting, inputs, plugins
        self._line = _Line(casting, plugins, self.tag, manner, sink)
        timeline, headers = self._line.timeline, self._line.headers
        start, length = casting.plan.span.start, timeline.window_length()
        self._ledger = Ledger(folder.path, self._line.emissions, headers, start, length)
        self._objectives = ObjectiveCounts(casting.objectives, timeline.emissions, casting.plan.span)

    @property
    def events(self) -> int:
        return int(self._ledger.summary.events.sum())

    @property
    def records(self) -> int:
        return int(self._ledger.summary.records.sum())

    @property
    def facts(self) -> dict[str, object]:
        return {"run": self.tag.run, "events": self.events, "records": self.records}

    def play(self, progress: Progress) -> None:
        with span("play"):
            self._line.play(progress, self._ledger, self._objectives)

    def finished(self, status: Status) -> Manifest:
        """Close what is open and write what is to be said of the whole, up to the moment that was reached."""
        with uninterrupted():
            self._line.gate.close()
            self._ledger.close()
            end = self._line.reached
            self._objectives.write(self._folder.path, end)
            touched, counted = self._line.timeline.touched(), self._objectives.told(end)
            self._folder.write_json(TRUTH, truth_of(self._casting, self._ledger.summary, touched, counted, end))
            self._inputs.write(self._folder)
            return write_manifest(
                self._folder.path,
                status,
                self._casting,
                end,
                self._inputs,
                self.tag,
                self._line.renderers,
                self._plugins,
            )

    def published(self) -> Path:
        """Give the run its name: it is complete."""
        with uninterrupted():
            update_manifest(read_manifest(self._folder.path, unfinished=True), (), "complete")
            return self._folder.publish()

    def stopped(self) -> Path:
        """Put a run that was interrupted in order, and give it a name that says what it is."""
        with uninterrupted():
            self.finished("interrupted")
            folder = self._folder.publish_partial()
            say("run interrupted", run=self.tag.run, reached=iso(self._line.reached), folder=str(folder))
            return folder


class _Line:
    """The way of the data: timeline, recorders, gate."""

    def __init__(self, casting: Casting, plugins: Plugins, tag: Tag, manner: Manner, sink: Sink) -> None:
        self.timeline = Timeline(casting.plan)
        self.renderers = deployed(casting, plugins, manner.only)
        self._manner, self._span = manner, casting.plan.span
        rows = int(self.timeline.expected_events()) * len(self.renderers)  # at most: not all record every event
        backend = named_backend(manner.backend) if manner.backend else best_backend(rows)
        formats = {renderer.name: plugins.format_of(renderer) for renderer in self.renderers}
        self.emissions, self._recorders = self.timeline.emissions, list[Recorder]()
        for each in self.renderers:
            number = len(self.emissions)
            recorder = recorder_of(each, formats[each.name], tag, casting.plan, plugins.metrics, number, backend)
            self._recorders.append(recorder)
            if each.metrics:  # its samples are events too, of no act
                self.emissions += (Emission(f"metrics/{each.name}", NUMBER, Act("background"), self._span, {}),)
        self.reached = casting.plan.span.start
        self.gate = Gate(sink, tag, formats)
        self.headers = {
            each.renderer.name: self.gate.open(each.renderer.name, each.heading) for each in self._recorders
        }
        for name, form in formats.items():
            say("stream opened", stream=name, format=form.name)

    def play(self, progress: Progress, ledger: Ledger | None, objectives: ObjectiveCounts | None = None) -> None:
        """Play the whole timeline through the gate."""
        start, end = self._span
        speed, length = self._manner.speed, self._manner.window or self.timeline.window_length()
        pace = Pace(speed, start) if speed else None
        if speed:
            length = min(length, max(1, int(speed * SECOND / 4)))  # so that records come about when they should
        events = 0
        for window in self.timeline.windows(length):
            if pace:
                pace.wait_until(window.end)
            with uninterrupted(), timed("feint.window.duration"):  # records belong together with what the ledger says
                self._record(window, ledger)
                if objectives:
                    objectives.happened(window.batches)
                self.reached = window.end
                count("feint.events", window.events)
                if pace:
                    gauge("feint.clock.lag", pace.lag(window.end))
            events += window.events
            progress((window.end - start) / max(1, end - start), events)

    def _record(self, window: Window, ledger: Ledger | None) -> None:
        happened = [(self.timeline.emissions[batch.emission].event, batch) for batch in window.batches]
        if ledger:
            ledger.happened(window.batches)
        for recorder in self._recorders:
            for rendered in _timed(recorder.records(happened, window.end), recorder.renderer.name):
                self.gate.deliver(rendered)
                if ledger:
                    ledger.recorded(rendered)
        if ledger:
            ledger.passed(window.end)


def _timed(rendered: Iterator[RenderedBatch], stream: str) -> Iterator[RenderedBatch]:
    """Yield what a recorder rendered, measuring how long each batch took it."""
    while True:
        with timed("feint.render.duration", stream=stream):
            batch = next(rendered, None)
        if batch is None:
            return
        yield batch
