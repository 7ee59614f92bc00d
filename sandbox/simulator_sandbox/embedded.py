"""The sandbox that needs nothing: a store in this process, the installed detectors over it, groups and pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simulator import Alert, Detection, Detector, Explanation, RecordedRun, RuleReport, UsageError
from simulator_sandbox.pager import Grouping, pager_lines

_RULE_ENDINGS = frozenset({".yml", ".yaml"})


@dataclass(frozen=True, slots=True)
class Embedded:
    """Loads a run, lets each detector run its rules on their schedule, groups the alerts and pages."""

    name: str = "embedded"
    grouping: Grouping = Grouping()

    def detect(self, run: RecordedRun, detectors: Sequence[Detector], rules: Sequence[Path]) -> Detection:
        from simulator_sandbox.store import DuckDBStore

        claims, unclaimed = _claims(detectors, list(_files(rules)))
        reports: list[RuleReport] = []
        alerts: list[Alert] = []
        with DuckDBStore(run) as store:
            for detector, files in claims:
                found = detector.detect(files, store, run.schedule)
                reports += found.rules
                taken = max((alert.group for alert in alerts), default=0)  # the numbers of two detectors never meet
                alerts += [replace(alert, group=alert.group and alert.group + taken) for alert in found.alerts]
        return Detection(
            (*reports, *(_unclaimed(path, detectors) for path in unclaimed)), self.grouping.grouped(alerts)
        )

    def explain(self, run: RecordedRun, detectors: Sequence[Detector], rules: Sequence[Path], rule: str) -> Explanation:
        from simulator_sandbox.store import DuckDBStore

        claims, _ = _claims(detectors, list(_files(rules)))
        if not claims:
            raise UsageError(f"there is no rule file that an installed detector can read, so none is {rule!r}")
        failure: UsageError | None = None
        with DuckDBStore(run) as store:
            for detector, files in claims:
                try:
                    return detector.explain(files, rule, store, run.schedule)
                except UsageError as error:  # the rule may be another detector's
                    failure = failure or error
        assert failure is not None
        raise failure

    def pages(self, detection: Detection) -> Iterator[str]:
        return pager_lines(detection)


def _files(rules: Sequence[Path]) -> Iterator[Path]:
    """Yield rule files; a folder stands for all that are anywhere in it."""
    for path in rules:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix.lower() in _RULE_ENDINGS and p.is_file())
        else:
            yield path


def _claims(
    detectors: Sequence[Detector], files: Sequence[Path]
) -> tuple[list[tuple[Detector, list[Path]]], list[Path]]:
    """Give each file to the first detector that claims it; return the rest as well."""
    claimed: list[tuple[Detector, list[Path]]] = [(detector, []) for detector in detectors]
    unclaimed: list[Path] = []
    for path in dict.fromkeys(files):
        taker = next((taken for detector, taken in claimed if detector.claims(path)), None)
        (unclaimed if taker is None else taker).append(path)
    return [(detector, taken) for detector, taken in claimed if taken], unclaimed


def _unclaimed(path: Path, detectors: Sequence[Detector]) -> RuleReport:
    installed = ", ".join(detector.name for detector in detectors) or "none"
    reason = f"this file holds no rule that an installed detector knows (detectors: {installed})"
    return RuleReport(id=path.stem, title=path.name, path=str(path), status="error", reason=reason)
