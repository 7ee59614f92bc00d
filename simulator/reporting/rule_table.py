"""The table of rules on a terminal: as many columns as fit, and only the rules that did something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.reporting.table_cells import Cell, paragraph, printable, table
from simulator.scoring.durations import human
from simulator.scoring.scorecard import Delay, Outcome, Rate, RuleScore, Scorecard

_WIDE = 110
_MOST_UNEXPECTED = 20
_NARROW_HEADER = ("rule", "caught", "false/day", "data", "+ rule", "+ notify")
_WIDE_HEADER = ("rule", "caught", "missed", "false alarms/day", "data", "+ rule", "+ notify")
_KEY = "data + rule: the step's onset to the alert; + notify: to the page"
_LOOKS: dict[Outcome, Cell] = {
    "caught": Cell("✓ caught", "green"),
    "late": Cell("~ late", "yellow"),
    "missed": Cell("✗ missed", "red"),
    "not expected": Cell("–", "bright_black"),
    "unmeasured": Cell("? not run", "yellow"),
}


def rule_table(scorecard: Scorecard, width: int, *, color: bool) -> list[str]:
    """Return the lines of the table, and one that counts the rules it leaves out."""
    shown, left_out = _chosen(scorecard.rules)
    lines: list[str] = []
    if shown:
        header, cells = (_WIDE_HEADER, _wide) if width >= _WIDE else (_NARROW_HEADER, _narrow)
        lines = table(header, [cells(rule) for rule in shown], width, color=color)
        lines += paragraph(_KEY, width) if any(rule.times.to_alert.median is not None for rule in shown) else []
    counted = "; ".join(_counted(left_out))
    return lines + (paragraph(counted, width) if counted else [])


def titles(scorecard: Scorecard) -> dict[str, str]:
    """Return what people call the rules that a scorecard names by id."""
    return {rule.id: rule.title for rule in scorecard.rules}


def _chosen(rules: Sequence[RuleScore]) -> tuple[list[RuleScore], list[RuleScore]]:
    """Take the rules with expectations, then those that raised something, the noisiest first."""
    expected = [rule for rule in rules if rule.expected]
    others = [rule for rule in rules if not rule.expected]
    others.sort(key=lambda rule: (-(rule.false_alarms.per_day or 0), -rule.false_alarms.count, -rule.alert_groups))
    raised = [rule for rule in others if rule.alert_groups]
    shown = [*expected, *raised[:_MOST_UNEXPECTED]]
    return shown, [*raised[_MOST_UNEXPECTED:], *(rule for rule in others if not rule.alert_groups)]


def _counted(rules: Sequence[RuleScore]) -> Iterator[str]:
    ran = [rule for rule in rules if rule.status == "ran" and rule.alerts]
    feeding = sum(rule.status == "ran" and not rule.alerts for rule in rules)
    raised = sum(rule.alert_groups > 0 for rule in ran)
    silent = len(ran) - raised
    unconvertible = sum(rule.status == "unconvertible" for rule in rules)
    failed = len(rules) - len(ran) - feeding - unconvertible
    if raised:
        yield f"{raised} more {_rules(raised)} raised alerts: see scorecard.json"
    if silent:
        yield f"{silent} more {_rules(silent)} ran and raised no alert"
    if feeding:
        yield f"{feeding} {_rules(feeding)} only {'feeds' if feeding == 1 else 'feed'} other rules"
    if unconvertible:
        yield f"{unconvertible} could not be converted"
    if failed:
        yield f"{failed} failed"
    if silent or unconvertible or failed:
        yield "feint explain RUN RULE says why"


def _narrow(rule: RuleScore) -> list[Cell]:
    return [_title(rule), _caught_share(rule), _false_alarms(rule, wide=False), *_split(rule)]


def _wide(rule: RuleScore) -> list[Cell]:
    return [_title(rule), _caught(rule), _missed(rule), _false_alarms(rule, wide=True), *_split(rule)]


def _title(rule: RuleScore) -> Cell:
    return Cell(printable(rule.title), bold=rule.expected)


def _caught_share(rule: RuleScore) -> Cell:
    """Say what became of a rule; of several steps that it was to notice, how many it did."""
    looks = _LOOKS[rule.outcome]
    wanted = len(rule.steps_noticed) + len(rule.steps_missed)
    if rule.outcome == "caught" and rule.steps_missed:
        return Cell(f"{looks.text} {len(rule.steps_noticed)}/{wanted}", "yellow")
    return looks


def _caught(rule: RuleScore) -> Cell:
    looks = _LOOKS[rule.outcome]
    if rule.outcome == "missed":
        return Cell("–", "bright_black")
    return (
        Cell(printable(f"{looks.text}: {', '.join(rule.steps_noticed)}"), looks.color) if rule.steps_noticed else looks
    )


def _missed(rule: RuleScore) -> Cell:
    if rule.steps_missed:
        return Cell(printable(f"✗ {', '.join(rule.steps_missed)}"), "red")
    return Cell("✗ missed", "red") if rule.outcome == "missed" else Cell("–", "bright_black")


def _false_alarms(rule: RuleScore, *, wide: bool) -> Cell:
    rate = rule.false_alarms
    if rate.per_day is None:
        seen = f"0 in {human(rate.days * 86_400)}" if rate.days and wide else "unmeasured"
        return Cell(seen if rule.status == "ran" else "–", "bright_black")
    text = f"! {_number(rate.per_day)}" if rate.count else "0"
    return Cell(f"{text} {_interval(rate)}" if wide else text, "yellow" if rate.count else None)


def _interval(rate: Rate) -> str:
    assert rate.low is not None
    assert rate.high is not None
    return f"({_number(rate.low)}–{_number(rate.high)})" if rate.count else f"(≤ {_number(rate.high)})"


def _split(rule: RuleScore) -> list[Cell]:
    return [_delay(delay) for delay in (rule.times.data, rule.times.rule, rule.times.notify)]


def _delay(delay: Delay) -> Cell:
    return Cell("–", "bright_black") if delay.median is None else Cell(human(delay.median))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def _rules(count: int) -> str:
    return "rule" if count == 1 else "rules"
