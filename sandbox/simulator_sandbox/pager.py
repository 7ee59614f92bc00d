"""Alerting: alerts of one rule about one thing become a group, and the first of a group pages somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from simulator import Alert, Detection

_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Grouping:
    """How alerts are held together, in nanoseconds.

    ``window`` begins with the first alert of a group: what the same rule says about the
    same thing within it belongs to the group. ``wait`` is how long the pager waits for
    more before it pages.
    """

    window: int = 3600 * _SECOND
    wait: int = 30 * _SECOND

    def grouped(self, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
        """Return the alerts in the order of their firing, each with its group and the time of the group's page.

        Those that came with a group and a page keep them; the groups are numbered anew, all together.
        """
        firsts: dict[tuple[str, str], Alert] = {}
        given: dict[int, int] = {}
        groups = 0
        told: list[Alert] = []
        for alert in sorted(alerts, key=lambda alert: (alert.fired, alert.rule, alert.key)):
            if alert.group:
                groups += alert.group not in given
                told.append(replace(alert, group=given.setdefault(alert.group, groups)))
                continue
            first = firsts.get((alert.rule, alert.key))
            if first is None or alert.fired >= first.fired + self.window:
                groups += 1
                first = firsts[alert.rule, alert.key] = replace(alert, group=groups, paged=alert.fired + self.wait)
            told.append(replace(alert, group=first.group, paged=first.paged))
        return tuple(sorted(told, key=lambda alert: (alert.fired, alert.rule, alert.group)))


def pager_lines(detection: Detection) -> Iterator[str]:
    """Yield what the pager showed, a line a page: when, which group, how bad, what, about whom, on what grounds.

    Of a group that is told of again because there is news, there is a line for each page.
    """
    rules = {report.id: report for report in detection.rules}
    firsts: dict[tuple[int, int], Alert] = {}
    for alert in detection.alerts:
        firsts.setdefault((alert.group, alert.paged), alert)
    for alert in sorted(firsts.values(), key=lambda alert: (alert.paged, alert.group)):
        report = rules.get(alert.rule)
        level, title = (report.level or "unrated", report.title) if report else ("unrated", alert.rule)
        about = f" about {_clean(alert.key)}" if alert.key else ""
        receiver = f" to {_clean(alert.receiver)}" if alert.receiver else ""
        records = "1 record" if alert.events == 1 else f"{alert.events} records"
        yield (
            f"{_stamp(alert.paged)} page {alert.group}{receiver} [{level}] {_clean(title)}{about}: "
            f"{records} since {_stamp(alert.first_event)}"
        )


def _stamp(time: int) -> str:
    return datetime.fromtimestamp(time // _SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _clean(text: str) -> str:
    """Keep a page on one line, whatever the records say."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
