"""The one use case: play a playbook, record what it would have left, let the sandbox watch, score.

The command line, drills, the pytest plugin and workers all come through here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from simulator.clock import Pace, stopwatch
from simulator.delivery.gate import Gate
from simulator.delivery.sinks import FolderSink, Sink, StreamSink
from simulator.errors import UsageError, did_you_mean
from simulator.judging import judge
from simulator.playbook.planning.casting import Casting
from simulator.plugin_manager import Plugins
from simulator.quantities import SECOND
from simulator.recording.folder import DELIVERIES, TELEMETRY, TRUTH, TRUTH_RECORDS, RunFolder
from simulator.recording.inputs import Inputs
from simulator.recording.ledger import Ledger
from simulator.recording.manifest import write_manifest
from simulator.recording.truth import truth_of
from simulator.scoring.scorecard import Scorecard
from simulator.telemetry.deployment import Deployment
from simulator.telemetry.renderer import Renderer
from simulator.telemetry.streams import StreamRecorder
from simulator.telemetry.tag import Tag
from simulator.telemetry.templates import best_backend, named_backend
from simulator.timeline.emission import Emission
from simulator.timeline.engine import Timeline, Window
from simulator.world.model import World

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
    KeyboardInterrupt goes on.
    """
    began = stopwatch()
    folder = RunFolder(out)
    tag = Tag(inputs.run_id, casting.name)
    try:
        line = _Line(casting, plugins, tag, manner, FolderSink(folder.path / TELEMETRY))
        ledger = Ledger(
            folder.path / TRUTH_RECORDS, folder.path / DELIVERIES, line.timeline.emissions, list(line.headers)
        )
        try:
            line.play(progress, ledger)
            status = "complete"
        except KeyboardInterrupt:
            status = "interrupted"
        line.gate.close()
        ledger.close()
        folder.write_json(TRUTH, truth_of(casting, ledger.summary))
        inputs.write(folder)
        write_manifest(folder.path, status, casting, inputs, tag, line.renderers, plugins)
        if status == "interrupted":
            folder.publish_partial()
            raise KeyboardInterrupt  # noqa: TRY301  what was interrupted stays so, after it was put in order
        scorecard = None if rules is None else judge(folder.path, plugins, rules)
        path = folder.publish()
    except BaseException:
        folder.discard()
        raise
    events, records = int(ledger.summary.events.sum()), int(ledger.summary.records.sum())
    return Played(path, tag, events, records, stopwatch() - began, scorecard)


def play_to(file: BinaryIO, casting: Casting, inputs: Inputs, plugins: Plugins, manner: Manner = _USUAL) -> None:
    """Play a cast playbook to a binary file such as standard output: records alone, nothing kept."""
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


def deployed_for(emissions: Sequence[Emission], world: World, renderers: Mapping[str, Renderer]) -> list[str]:
    """Return the names of the deployed renderers that record any of these emissions' events."""
    there = {witness.renderer for witness in world.witnesses}
    events = {each.event.name for emission in emissions for each in emission.family()}
    return sorted(name for name in there if events & set(renderers[name].templates))


class _Line:
    """The way of the data: timeline, recorders, gate."""

    def __init__(self, casting: Casting, plugins: Plugins, tag: Tag, manner: Manner, sink: Sink) -> None:
        self.timeline = Timeline(casting.plan)
        self.renderers = deployed(casting, plugins, manner.only)
        self._manner, self._span = manner, casting.plan.span
        rows = int(self.timeline.expected_events())
        backend = named_backend(manner.backend) if manner.backend else best_backend(rows)
        formats = {renderer.name: plugins.format_of(renderer) for renderer in self.renderers}
        self._recorders = [
            StreamRecorder(
                each, formats[each.name], tag, Deployment.of(each, casting.plan.world, casting.plan.seed), backend
            )
            for each in self.renderers
        ]
        self.gate = Gate(sink, tag, formats)
        self.headers = {name: self.gate.open(name) for name in formats}

    def play(self, progress: Progress, ledger: Ledger | None) -> None:
        """Play the whole timeline through the gate."""
        start, end = self._span
        speed, length = self._manner.speed, self._manner.window or self.timeline.window_length()
        pace = Pace(speed, start) if speed else None
        if speed:
            length = min(length, max(1, int(speed * SECOND / 4)))  # so that records come about when they should
        if ledger:
            ledger.opened(self.headers)
        events = 0
        for window in self.timeline.windows(length):
            if pace:
                pace.wait_until(window.end)
            self._record(window, ledger)
            events += window.events
            progress((window.end - start) / max(1, end - start), events)

    def _record(self, window: Window, ledger: Ledger | None) -> None:
        happened = [(self.timeline.emissions[batch.emission].event, batch) for batch in window.batches]
        if ledger:
            ledger.happened(window.batches)
        for recorder in self._recorders:
            rendered = recorder.record(happened)
            if rendered is not None:
                self.gate.deliver(rendered)
                if ledger:
                    ledger.recorded(rendered)
