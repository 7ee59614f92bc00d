"""The rules that were on duty, found by whatever name somebody calls them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from simulator.detection import Detection, RuleReport


@dataclass(frozen=True, slots=True)
class Roster:
    """Rules in the order they were reported in, and the names they answer to."""

    rules: Mapping[str, RuleReport]
    names: Mapping[str, str]
    namesakes: tuple[RuleReport, ...]

    def find(self, name: str) -> RuleReport | None:
        """Return the rule with this id, title or file name."""
        key = self.names.get(name) or self.names.get(name.casefold())
        return self.rules[key] if key is not None else None

    def key(self, name: str) -> str:
        """Return the key of the rule that is called this, or the name itself."""
        return self.names.get(name, name)


def key_of(report: RuleReport) -> str:
    """Return the name under which a rule is counted."""
    return report.id or report.title


def roster(detections: Iterable[Detection]) -> Roster:
    """Collect the rules of all detections. An id names a rule more surely than a title, a title than a file."""
    rules: dict[str, RuleReport] = {}
    namesakes: list[RuleReport] = []
    for detection in detections:
        for report in detection.rules:
            known = rules.setdefault(key_of(report), report)
            if known.path != report.path and known not in namesakes:
                namesakes.append(known)
        known_names = {name for report in detection.rules for name in (report.id, report.title)}
        for name in sorted({alert.rule for alert in detection.alerts} - known_names):
            rules.setdefault(name, RuleReport(name, name, "", "ran"))
    return Roster(rules, _names(rules), tuple(namesakes))


def _names(rules: Mapping[str, RuleReport]) -> dict[str, str]:
    """Return what names mean. A file of several rules means the first of them that raises alerts."""
    names: dict[str, str] = {}
    for of in (_ids, _titles, _files):
        for key, report in sorted(rules.items(), key=lambda pair: not pair[1].alerts):
            for name in of(report):
                names.setdefault(name, key)
                names.setdefault(name.casefold(), key)
    return names


def _ids(report: RuleReport) -> tuple[str, ...]:
    return (key_of(report),)


def _titles(report: RuleReport) -> tuple[str, ...]:
    return (report.title,)


def _files(report: RuleReport) -> tuple[str, ...]:
    path = PurePath(report.path)
    return (path.stem, path.name) if report.path else ()
