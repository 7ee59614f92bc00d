"""Judging a recorded run: the sandbox watches its bytes, the score is worked out and written beside them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.clock import stopwatch
from simulator.detection import Detection, Detector, Explanation, Sandbox, Schedule, Store
from simulator.errors import UsageError
from simulator.instruments import about, count, span, timed
from simulator.interruption import uninterrupted
from simulator.logs import say
from simulator.plugin_manager import Plugins
from simulator.recording.folder import ALERTS, JUNIT, PAGER, SCORECARD, write_together
from simulator.recording.inputs import RULES
from simulator.recording.manifest import Manifest, update_manifest
from simulator.reporting.junit import junit_xml
from simulator.scoring.document import to_json
from simulator.scoring.score import score
from simulator.scoring.scorecard import Scorecard


def judge(manifest: Manifest, plugins: Plugins, rules: Sequence[Path] = ()) -> Scorecard:
    """Run rules over a recorded run and write alerts, pager log, scorecard and JUnit report into its folder.

    Without ``rules`` those that the playbook expects, as they were kept with the run.
    """
    began, folder = stopwatch(), manifest.folder
    run = manifest.recorded(plugins)
    sandbox = _sandbox(plugins)
    about(run.tag.playbook, run.tag.run)
    with span("judge"):
        detection = sandbox.detect(run, [_Timed(each) for each in plugins.detectors.values()], _rules(manifest, rules))
    scorecard = score(run, detection, manifest.expectations, manifest.responses)
    files = {
        ALERTS: "".join(_alert_lines(detection)).encode(),
        PAGER: "".join(f"{line}\n" for line in sandbox.pages(detection)).encode(),
        SCORECARD: to_json(scorecard).encode(),
        JUNIT: junit_xml(scorecard),
    }
    with uninterrupted():  # the manifest has the digests of just these files
        write_together(folder, files)
        update_manifest(manifest, files)
    say(
        "rules run",
        run=run.tag.run,
        rules=len(detection.rules),
        alerts=len(detection.alerts),
        seconds=round(stopwatch() - began, 3),
    )
    return scorecard


def explain(manifest: Manifest, plugins: Plugins, rule: str, rules: Sequence[Path] = ()) -> Explanation:
    """Say why a rule fired or not over a recorded run."""
    run = manifest.recorded(plugins)
    return _sandbox(plugins).explain(run, list(plugins.detectors.values()), _rules(manifest, rules), rule)


def existing_rules(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files and folders of rules, or UsageError for one that is not there or holds none."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file or folder; give --rules a file of rules or a folder")
        if path.is_dir() and not any(each.suffix.lower() in (".yml", ".yaml") for each in path.rglob("*")):
            raise UsageError(f"{path}: there is no rule in this folder (no .yml or .yaml file); give --rules another")
    return tuple(paths)


def _rules(manifest: Manifest, rules: Sequence[Path]) -> list[Path]:
    return list(existing_rules(rules)) or [manifest.folder / RULES]


def _sandbox(plugins: Plugins) -> Sandbox:
    if not plugins.sandboxes:
        raise UsageError("no sandbox is installed, so nothing can be scored; install one, or play with --no-score")
    return next(iter(plugins.sandboxes.values()))


@dataclass(frozen=True, slots=True)
class _Timed:
    """A detector whose runs are measured."""

    detector: Detector

    @property
    def name(self) -> str:
        return self.detector.name

    def claims(self, path: Path) -> bool:
        return self.detector.claims(path)

    def detect(self, rules: Sequence[Path], store: Store, schedule: Schedule) -> Detection:
        with span("detect", detector=self.name, rules=len(rules)), timed("feint.detector.duration", detector=self.name):
            detection = self.detector.detect(rules, store, schedule)
        for rule in detection.rules:
            count("feint.rules", detector=self.name, status=rule.status)
        count("feint.alerts", len(detection.alerts), detector=self.name)
        return detection

    def explain(self, rules: Sequence[Path], rule: str, store: Store, schedule: Schedule) -> Explanation:
        return self.detector.explain(rules, rule, store, schedule)


def _alert_lines(detection: Detection) -> list[str]:
    return [json.dumps(dataclasses.asdict(alert), ensure_ascii=False) + "\n" for alert in detection.alerts]
