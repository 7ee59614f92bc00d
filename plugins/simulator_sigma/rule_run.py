"""One playing of a set of rules over a store: prepare all, then search, correlate and report one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from simulator import Alert, Detection, RuleReport, Schedule, Store
from simulator_sigma.conditions import refuse_unfit
from simulator_sigma.correlation import correlation_of
from simulator_sigma.hits import Hits
from simulator_sigma.matching import Searches, wanted_fields
from simulator_sigma.reading import BadRuleError, Rule, read_rules, sentence, silence
from simulator_sigma.routing import described
from simulator_sigma.schedule import Runs, alerts_of_correlation, alerts_of_hits

_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class Play:
    """The rules, how they search the store, and what they have found so far."""

    rules: Sequence[Rule]
    searches: Searches
    runs: Runs
    store: Store
    hits: dict[Rule, Hits] = field(default_factory=dict)

    @classmethod
    def of(cls, paths: Iterable[Path], store: Store, schedule: Schedule) -> Play:
        """Read rules and convert all of them; nothing is searched yet."""
        rules = read_rules(paths)
        searches = Searches(store)
        wanted = wanted_fields(rules)
        for rule in rules:
            if isinstance(rule.sigma, SigmaRule):
                attempt(rule, partial(searches.add, rule, wanted.get(rule, set())))
            elif isinstance(rule.sigma, SigmaCorrelationRule):
                attempt(rule, partial(refuse_unfit, rule))
        silence(rules)
        return cls(rules, searches, Runs(schedule), store)

    def detection(self) -> Detection:
        reports: dict[Rule, RuleReport] = {}
        alerts: list[Alert] = []
        for rule in sorted(self.rules, key=lambda rule: isinstance(rule.sigma, SigmaCorrelationRule)):
            found = attempt(rule, partial(self._run, rule, alerts))
            reports[rule] = rule.report(self.stream_names(rule), found or 0, self._note(rule))
        return Detection(tuple(reports[rule] for rule in self.rules), tuple(alerts))

    def find(self, rule: Rule) -> Hits:
        """Return all records that a rule matches, however late."""
        if rule.status != "ran":
            raise BadRuleError(rule.reason, rule.status)
        if rule not in self.hits:
            self.hits[rule] = self.searches.hits(rule)
        return self.hits[rule]

    def base_rules(self, rule: Rule) -> list[Rule]:
        """Return the rules that search records for this one: itself, or those below a correlation."""
        if not isinstance(rule.sigma, SigmaCorrelationRule):
            return [rule]
        below = [base for other in rule.references.values() for base in self.base_rules(other)]
        return list(dict.fromkeys(below))

    def stream_names(self, rule: Rule) -> list[str]:
        searches = [each for base in self.base_rules(rule) for each in self.searches.by_rule.get(base, ())]
        return list(dict.fromkeys(search.route.stream.renderer.name for search in searches))

    def _run(self, rule: Rule, alerts: list[Alert]) -> int:
        streams = [stream.renderer.name for stream in self.store.streams]
        if isinstance(rule.sigma, SigmaCorrelationRule):
            hits = {base: self._below(base) for base in self.base_rules(rule)}
            windows, said = alerts_of_correlation(correlation_of(rule, hits), self.runs, streams)
            alerts += said if rule.alerts else ()
            return windows
        found = self.find(rule)
        if rule.alerts:
            alerts += alerts_of_hits(rule.id, found, self.runs, streams)
        return len(found)

    def _below(self, base: Rule) -> Hits:
        try:
            return self.find(base)
        except BadRuleError as error:
            raise BadRuleError(f"it needs {base.title!r}, which cannot run: {error}", error.status) from error

    def _note(self, rule: Rule) -> str:
        """Say of which log sources there is no stream."""
        missing = [
            described(base.sigma.logsource)
            for base in self.base_rules(rule)
            if isinstance(base.sigma, SigmaRule) and not self.searches.by_rule.get(base)
        ]
        return f"no stream of this run answers its log source ({'; '.join(missing)})" if missing else ""


def attempt(rule: Rule, act: Callable[[], _Answer]) -> _Answer | None:
    """Do something for a rule that has not failed yet; if it fails now, the rule has, and nothing else."""
    if rule.status != "ran":
        return None
    try:
        return act()
    except BadRuleError as error:
        rule.fail(error)
    except Exception as error:  # noqa: BLE001 - one bad rule never stops the others, however it is bad
        rule.fail(BadRuleError(f"it cannot run: {sentence(error)}"))
    return None
