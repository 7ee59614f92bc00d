"""One playing of files of rules over a store: read them, run them, tell Alertmanager, report on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulator import Detection, Place, RuleReport, Schedule, Store
from simulator_prometheus.alertmanager.configuration import Configuration, default_configuration, read_configuration
from simulator_prometheus.alertmanager.dispatching import notifications
from simulator_prometheus.alertmanager.inhibition import Silence
from simulator_prometheus.go_yaml import Entries, Faults, read
from simulator_prometheus.promql.errors import PromQLError
from simulator_prometheus.promql.series import Times
from simulator_prometheus.rules.engine import Engine
from simulator_prometheus.rules.expressions import selectors
from simulator_prometheus.rules.outcomes import Outcome, Span
from simulator_prometheus.rules.reading import Group, Rule, RuleFile, name_rules, read_rule_file
from simulator_prometheus.samples import Telemetry, streams_of_samples, telemetry
from simulator_prometheus.telling import Told, changes_of, told_alerts


@dataclass(slots=True)
class Play:
    """Rules over what arrived in a store, and what they said."""

    files: list[RuleFile]
    configuration: Configuration
    refused: list[RuleReport]  # of files that hold no rules, or whose YAML cannot be read
    store: Store
    span: Span
    silences: Sequence[Silence] = ()
    found: Telemetry = field(default_factory=Telemetry)
    outcomes: dict[Rule, Outcome] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    @classmethod
    def of(cls, paths: Sequence[Path], store: Store, schedule: Schedule, silences: Sequence[Silence] = ()) -> Play:
        """Read files of rules, and an alertmanager.yml if there is one; run the rules."""
        kinds = {path: is_contacts(path) for path in paths}
        files = [read_rule_file(path) for path in paths if not kinds[path]]
        name_rules(rule for file in files for rule in file.rules)
        configuration, refused = _contacts([path for path in paths if kinds[path]])
        refused += [_refused(file.path, file.faults) for file in files if file.faults.found and not file.rules]
        play = cls(files, configuration, refused, store, Span(schedule.start, schedule.end), silences)
        play._run()
        return play

    @property
    def rules(self) -> list[Rule]:
        return [rule for file in self.files for rule in file.rules]

    @property
    def groups(self) -> list[Group]:
        return [group for file in self.files if not file.faults.found for group in file.groups]

    def _run(self) -> None:
        groups: list[Group] = []
        instants: list[Times] = []
        for group in self.groups:
            try:
                instants.append(self.span.steps(group))
                groups.append(group)
            except PromQLError as error:
                for rule in group.rules:
                    rule.fail(str(error), "error")
        if not groups:
            return
        self.found = telemetry(self.store, np.unique(np.concatenate(instants)))
        engine = Engine(groups, self.found.series, self.span)
        engine.run()
        self.outcomes = engine.outcomes
        changes = changes_of(groups, self.outcomes)
        ends = [change.time for change in changes] + [self.span.end]
        wait = max(route.timing.wait for route in self.configuration.route.walk())
        notes = notifications(self.configuration, changes, self.span.start, max(ends) + wait, self.silences)
        self.told = list(told_alerts(engine, self.found, notes))

    def detection(self) -> Detection:
        reports = [self._report(rule, str(file.path)) for file in self.files for rule in file.rules]
        alerts = sorted((each.alert for each in self.told if each.alert), key=lambda alert: (alert.fired, alert.rule))
        return Detection((*self.refused, *reports), tuple(alerts))

    def _report(self, rule: Rule, path: str) -> RuleReport:
        streams = [stream.renderer.name for stream in streams_of_samples(self.store)] if rule.status == "ran" else []
        outcome = self.outcomes.get(rule, Outcome())
        return RuleReport(
            id=rule.id,
            title=rule.name,
            path=path,
            status=rule.status,
            reason=rule.reason or "; ".join(self.notes(rule)),
            level=rule.severity if rule.alerts else "",
            streams=tuple(streams),
            hits=outcome.samples,
            alerts=rule.alerts,
        )

    def notes(self, rule: Rule) -> Iterator[str]:
        """Yield what a reader should know of a rule that ran."""
        if rule.status != "ran":
            return
        if not streams_of_samples(self.store):
            yield "no stream of this run has samples of metrics"
        elif missing := self.absent(rule):
            yield f"there are no samples of {', '.join(missing)}"
        outcome = self.outcomes.get(rule, Outcome())
        if outcome.failed:
            first = min(outcome.failed)
            yield f"it failed at {len(outcome.failed)} evaluations ({outcome.failed[first]})"
        untold = [each for each in self.told if each.rule is rule and each.alert is None]
        if untold:
            count = f"{len(untold)} of its {len(outcome.firings)} alerts"
            yield f"nobody was told of {count} (inhibited, silenced, muted, or over before the group was due)"

    def absent(self, rule: Rule) -> list[str]:
        """Return the metrics that an expression names and of which there is no series."""
        if rule.expression is None:
            return []
        recorded = self.found.series.values("__name__")
        recorded |= {"ALERTS", "ALERTS_FOR_STATE", *(other.name for other in self.rules if not other.alerts)}
        named = [
            matcher.value
            for selector in selectors(rule.expression)
            for matcher in selector.matchers
            if matcher.name == "__name__" and matcher.operator == "="
        ]
        return [name for name in dict.fromkeys(named) if name not in recorded]


def is_contacts(path: Path) -> bool:
    """Say whether a file is an alertmanager.yml rather than one of rules."""
    root = read(path, Faults())
    return isinstance(root, Entries) and root.get("groups") is None and root.get("route") is not None


def _contacts(paths: Sequence[Path]) -> tuple[Configuration, list[RuleReport]]:
    """Return the configuration of Alertmanager, and reports on the files that cannot be used as one."""
    found: Configuration | None = None
    refused: list[RuleReport] = []
    for path in paths:
        configuration, faults = read_configuration(path)
        if configuration is not None and found is not None:
            faults.add(Place(path.name, 1, 1), "there is another alertmanager.yml before it; give one")
        if faults.found:
            refused.append(_refused(path, faults))
        found = found or configuration
    return found or default_configuration(), refused


def _refused(path: Path, faults: Faults) -> RuleReport:
    more = f" (and {len(faults.found) - 1} more)" if len(faults.found) > 1 else ""
    return RuleReport(path.stem, path.name, str(path), "error", f"{faults.found[0]}{more}", alerts=False)
