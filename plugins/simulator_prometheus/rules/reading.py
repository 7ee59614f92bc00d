"""Reads files of rules: what ``promtool check rules`` refuses is refused, each fault with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from simulator import Place
from simulator_prometheus.go_template.functions import NOT_RUN
from simulator_prometheus.go_template.lexing import TemplateFault
from simulator_prometheus.go_template.parsing import Template, parsed
from simulator_prometheus.go_template.running import FUNCTIONS, VARIABLES
from simulator_prometheus.go_values import Struct, plain
from simulator_prometheus.go_yaml import Entries, Faults, Node, Text, read
from simulator_prometheus.promql.nodes import Expression
from simulator_prometheus.rules.expressions import BadExpressionError, UnknownExpressionError, expression_of

Status: TypeAlias = Literal["ran", "unconvertible", "error"]
_SECOND = 1_000_000_000
DEFAULT_INTERVAL = 60 * _SECOND
MOST_RULES = 5_000
_OF_FILE = ("groups",)
_OF_GROUP = ("name", "interval", "query_offset", "limit", "rules", "labels")
_OF_RULE = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")


@dataclass(slots=True, eq=False)
class Rule:
    """A rule as it is written; times are nanoseconds. Without an ``expression``, ``reason`` says why."""

    name: str
    alerts: bool  # rather than records
    expression: Expression | None
    labels: Mapping[str, Template | str]
    annotations: Mapping[str, Template | str]
    hold: int  # ``for``
    keep: int  # ``keep_firing_for``
    place: Place
    status: Status = "ran"
    reason: str = ""
    id: str = ""

    def fail(self, reason: str, status: Status = "unconvertible") -> None:
        if self.status == "ran":
            self.status, self.reason = status, reason

    @property
    def severity(self) -> str:
        label = self.labels.get("severity", "")
        return label if isinstance(label, str) else ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that run one after the other, every ``interval``."""

    name: str
    interval: int
    query_offset: int
    limit: int
    rules: tuple[Rule, ...]


@dataclass(slots=True)
class RuleFile:
    path: Path
    groups: list[Group] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    @property
    def rules(self) -> list[Rule]:
        return [rule for group in self.groups for rule in group.rules]


def read_rule_file(path: Path) -> RuleFile:
    """Read one file. Prometheus takes a file whole or not at all: with any fault, no rule of it runs."""
    file = RuleFile(path)
    root = read(path, file.faults)
    start = Place(path.name, 1, 1)
    if root is not None:
        struct = Struct(root, file.faults, "a rule file", _OF_FILE, start)
        for each in struct.items("groups"):
            file.groups.append(_group(each, file))  # one by one: a group looks at the names before it
    _check_names(file, start)
    if file.faults.found:
        first = str(file.faults.found[0])
        for rule in file.rules:
            rule.fail(f"{first} (Prometheus refuses the whole file)", "error")
    return file


def _check_names(file: RuleFile, start: Place) -> None:
    if len(file.rules) > MOST_RULES:
        file.faults.add(start, f"this file has more than {MOST_RULES:,} rules; split it")


def _group(node: Node, file: RuleFile) -> Group:
    struct = Struct(node, file.faults, "a group", _OF_GROUP, node.place)
    name = struct.text("name")
    if not name:
        file.faults.add(struct.place, "a group needs a name; write name: …")
    elif any(name == other.name for other in file.groups):
        file.faults.add(struct.place_of("name"), f"a second group is called {name!r}; name each differently")
    labels = struct.pairs("labels")
    _check_labels(labels, file.faults)
    rules = tuple(_rule(each, plain(labels), file) for each in struct.items("rules"))
    return Group(
        name=name,
        interval=struct.duration("interval") or DEFAULT_INTERVAL,
        query_offset=struct.duration("query_offset") or 0,
        limit=struct.integer("limit"),
        rules=rules,
    )


def _rule(node: Node, of_group: Mapping[str, str], file: RuleFile) -> Rule:
    faults = Faults()
    struct = Struct(node, faults, "a rule", _OF_RULE, node.place)
    record, alert = struct.text("record"), struct.text("alert")
    if bool(record) == bool(alert):
        wrong = "a rule has either record or alert, not both" if record else "a rule needs record or alert"
        faults.add(struct.place, f"{wrong}; name what it records, or the alert")
    hold, keep = struct.duration("for") or 0, struct.duration("keep_firing_for") or 0
    labels, annotations = struct.pairs("labels"), struct.pairs("annotations")
    _check_labels(labels, faults)
    for key in annotations:
        if not key.text:
            faults.add(key.place, "an annotation needs a name")
    if record:
        _check_record(struct, record, hold, keep, annotations)
    rule = Rule(
        name=alert or record,
        alerts=bool(alert),
        expression=None,
        labels=_said({**{Text(k, False, struct.place): v for k, v in of_group.items()}, **labels}, bool(alert), faults),
        annotations=_said(annotations, bool(alert), faults),
        hold=hold,
        keep=keep,
        place=struct.place,
    )
    rule.expression = _expression(struct, rule, faults)
    if faults.found:
        rule.fail(str(faults.found[0]), "error")
    else:
        _refuse_what_is_not_run(struct, rule)
    file.faults.found += faults.found
    return rule


def _check_record(struct: Struct, record: str, hold: int, keep: int, annotations: Mapping[Text, str]) -> None:
    for name, there in (("annotations", annotations), ("for", hold), ("keep_firing_for", keep)):
        if there:
            struct.faults.add(struct.keys[name].place, f"{name} is for alerts; a rule that records has none")
    if "{" in record or "}" in record:
        struct.faults.add(struct.place_of("record"), f"{record!r} has braces; matchers belong into expr")


def _check_labels(labels: Iterable[Text], faults: Faults) -> None:
    for key in labels:
        if not key.text or key.text == "__name__":
            faults.add(key.place, f"{key.text!r} cannot be the name of a label")


def _expression(struct: Struct, rule: Rule, faults: Faults) -> Expression | None:
    text, place = struct.text("expr"), struct.place_of("expr")
    if not text:
        faults.add(place, "a rule needs expr: what to evaluate")
        return None
    try:
        return expression_of(text)
    except BadExpressionError as error:
        faults.add(place, f"this is not PromQL: {error}")
    except UnknownExpressionError as error:
        rule.fail(f"{place}: {error}")
    return None


def _said(texts: Mapping[Text, str], alert: bool, faults: Faults) -> dict[str, Template | str]:
    """Read the templates among texts; rules that record have none."""
    said: dict[str, Template | str] = {}
    for key, text in texts.items():
        said[key.text] = text
        if alert and "{{" in text:
            try:
                said[key.text] = parsed(text, FUNCTIONS, VARIABLES)
            except TemplateFault as fault:
                faults.add(key.place, f"{key.text!r} is not a template: {fault}")
    return said


def _refuse_what_is_not_run(struct: Struct, rule: Rule) -> None:
    """Fail a rule of which a template calls what Prometheus knows and Feint does not run."""
    for name in ("labels", "annotations"):
        for key, text in struct.pairs(name).items():
            for function in sorted(NOT_RUN):
                if "{{" in text and rule.alerts and _calls(text, function):
                    rule.fail(f"{key.place}: {key.text!r} calls {function}, which Feint does not run; leave it out")


def _calls(text: str, function: str) -> bool:
    try:
        parsed(text, FUNCTIONS - {function}, VARIABLES)
    except TemplateFault:
        return True
    return False


def name_rules(rules: Iterable[Rule]) -> None:
    """Give each rule an id: its name, with its severity or place where that is not one rule's alone."""
    rules = list(rules)
    for told in (_by_name, _by_severity, _by_place):
        names: dict[str, int] = {}
        for rule in rules:
            names[told(rule)] = names.get(told(rule), 0) + 1
        for rule in rules:
            if not rule.id and names[told(rule)] == 1:
                rule.id = told(rule)
    for rule in rules:
        rule.id = rule.id or _by_place(rule)


def _by_name(rule: Rule) -> str:
    return rule.name


def _by_severity(rule: Rule) -> str:
    return f"{rule.name} [{rule.severity}]"


def _by_place(rule: Rule) -> str:
    return f"{rule.name} ({Path(rule.place.file).name}:{rule.place.line})"


def has_groups(node: Node | None) -> bool:
    return isinstance(node, Entries) and node.get("groups") is not None


def paths_of(files: Iterable[RuleFile]) -> Iterator[Path]:
    for file in files:
        yield file.path
