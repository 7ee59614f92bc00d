"""Reading files of rules: several documents a file, none of them trusted, none of them stopping another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule, SigmaExtendedCorrelationCondition
from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaRule

from simulator import RuleReport

Status = Literal["ran", "unconvertible", "error"]
_MOST_BYTES = 1_000_000
_DEEPEST = 50
_LONGEST_CONDITION = 10_000
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C, eight times as fast, not in every build


class BadRuleError(Exception):
    """A sentence saying why something is no rule that can run, and which status it ends with."""

    def __init__(self, reason: str, status: Status = "error") -> None:
        super().__init__(reason)
        self.status: Status = status


@dataclass(slots=True, eq=False)
class Rule:
    """One rule of a file: what pySigma made of it, or the reason why it made nothing."""

    path: Path
    id: str
    title: str
    level: str = ""
    techniques: tuple[str, ...] = ()
    sigma: SigmaRule | SigmaCorrelationRule | None = None
    status: Status = "ran"
    reason: str = ""
    alerts: bool = True  # false for what only feeds a correlation
    references: dict[str, Rule] = field(default_factory=dict)  # of a correlation: as it calls them → rules

    def fail(self, error: BadRuleError) -> None:
        self.status, self.reason = error.status, str(error)

    def report(self, streams: Sequence[str] = (), hits: int = 0, note: str = "") -> RuleReport:
        return RuleReport(
            self.id, self.title, str(self.path), self.status, self.reason or note,
            self.level, self.techniques, tuple(streams), hits, self.alerts,
        )  # fmt: skip


def read_rules(paths: Iterable[Path]) -> list[Rule]:
    """Return the rules of these files in their order, filters applied and references resolved."""
    rules: list[Rule] = []
    filters: list[SigmaFilter] = []
    for path in paths:
        try:
            documents = list(_rules_of(path))
        except BadRuleError as error:
            bad = Rule(path, path.stem, path.name)
            bad.fail(error)
            documents = [bad]
        for found in documents:
            if isinstance(found, SigmaFilter):
                filters.append(found)
            else:
                rules.append(found)
    _refuse_doubles(rules)
    _apply(filters, rules)
    _resolve(rules)
    return rules


def sentence(error: BaseException) -> str:
    """Return what an exception says, as one line of a bearable length."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:299] + "…"


def _rules_of(path: Path) -> Iterator[Rule | SigmaFilter]:
    documents = [document for document in _documents(path) if document is not None]
    if not documents:
        raise BadRuleError("the file is empty")
    for number, document in enumerate(documents, 1):
        if not isinstance(document, dict) or not document.keys() & {"detection", "correlation", "filter", "action"}:
            kind = type(document).__name__ if not isinstance(document, dict) else "mapping without detection"
            raise BadRuleError(f"document {number} is no Sigma rule but a {kind}")
    try:
        collection = SigmaCollection.from_dicts(
            documents, collect_errors=True, collect_filters=True, resolve_references=False
        )
    except Exception as error:  # a hostile file can raise anything in a parser that is not ours
        raise BadRuleError(f"this is no Sigma rule: {sentence(error)}") from error
    several = len(collection.rules) > 1
    if not collection.rules and not collection.filters:
        raise BadRuleError(f"no rule: {sentence(next(iter(collection.errors), SigmaError('only actions')))}")
    for number, sigma in enumerate(collection.rules, 1):
        yield _rule(path, sigma, f"{path.stem}#{number}" if several else path.stem)
    for each in collection.filters:
        if each.errors:
            raise BadRuleError(f"a Sigma filter that is none: {sentence(each.errors[0])}")
        yield each


def _documents(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadRuleError("the file is larger than 1 MB; a Sigma rule is not")
        text = path.read_bytes().decode()
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):  # events first: building a deep document may overflow the stack
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEEPEST:
                raise BadRuleError(f"the file nests deeper than {_DEEPEST} levels")
        return list(yaml.load_all(text, Loader=_Loader))
    except OSError as error:
        raise BadRuleError(f"the file cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BadRuleError(f"the file is not UTF-8 (byte {error.start})") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that no calendar has
        raise BadRuleError(f"the file is not YAML: {sentence(error)}") from error


def _rule(path: Path, sigma: SigmaRule | SigmaCorrelationRule, fallback: str) -> Rule:
    rule = Rule(
        path,
        str(sigma.id or sigma.name or fallback),
        str(sigma.title or fallback),
        sigma.level.name.lower() if sigma.level else "",
        tuple(tag.name.upper() for tag in sigma.tags if tag.namespace == "attack" and tag.name[:1] in "tT"
              and tag.name[1:2].isdigit()),
        sigma,
    )  # fmt: skip
    if sigma.errors:
        rule.fail(BadRuleError(sentence(sigma.errors[0])))
    elif isinstance(sigma, SigmaRule) and any(len(text) > _LONGEST_CONDITION for text in sigma.detection.condition):
        rule.fail(BadRuleError(f"the condition is longer than {_LONGEST_CONDITION} characters"))
    return rule


def _refuse_doubles(rules: Iterable[Rule]) -> None:
    first: dict[str, Rule] = {}
    for rule in rules:
        other = first.setdefault(rule.id, rule)
        if other is not rule:
            rule.fail(BadRuleError(f"the id {rule.id} is already that of {other.title!r} in {other.path}"))


def _apply(filters: Sequence[SigmaFilter], rules: Iterable[Rule]) -> None:
    for rule in rules:
        if not filters or rule.status != "ran" or not isinstance(rule.sigma, SigmaRule):
            continue
        try:
            for each in filters:
                each.apply_on_rule(rule.sigma)
        except SigmaError as error:
            rule.fail(BadRuleError(f"a filter does not fit this rule: {sentence(error)}"))


def _resolve(rules: Sequence[Rule]) -> None:
    """Find what correlations refer to, by id or by name: in their own file first, then in all."""
    for rule in rules:
        if not isinstance(rule.sigma, SigmaCorrelationRule) or rule.status != "ran":
            continue
        for reference in _references(rule.sigma):
            found = [other for other in rules if other is not rule and _is_called(other, reference)]
            found.sort(key=lambda other, here=rule.path: other.path != here)  # type: ignore[misc]
            if not found:
                rule.fail(BadRuleError(f"it refers to a rule {reference!r}, which is not among the given ones"))
                break
            rule.references[reference] = found[0]
    for rule in rules:
        _refuse_broken(rule, [])


def silence(rules: Iterable[Rule]) -> None:
    """Let what only feeds correlations raise no alerts of its own; a correlation that cannot run silences nobody."""
    for rule in rules:
        if isinstance(rule.sigma, SigmaCorrelationRule) and rule.status == "ran" and not rule.sigma.generate:
            for other in rule.references.values():
                other.alerts = False


def _references(sigma: SigmaCorrelationRule) -> list[str]:
    if sigma.rules:
        return [each.reference for each in sigma.rules]
    condition = sigma.condition
    return condition.get_referenced_rules() if isinstance(condition, SigmaExtendedCorrelationCondition) else []


def _is_called(rule: Rule, reference: str) -> bool:
    sigma = rule.sigma
    return sigma is not None and (sigma.name == reference or str(sigma.id).lower() == reference.lower())


def _refuse_broken(rule: Rule, above: list[Rule]) -> None:
    """Fail correlations over rules that failed, and those that stand on themselves."""
    for name, other in rule.references.items():
        if other is rule or any(other is each for each in above):
            rule.fail(BadRuleError(f"it refers to itself by way of {name!r}"))
            rule.references = {}
            return
        _refuse_broken(other, [*above, rule])
        if other.status != "ran" and rule.status == "ran":
            rule.fail(BadRuleError(f"it needs {other.title!r}, which cannot run: {other.reason}", other.status))
