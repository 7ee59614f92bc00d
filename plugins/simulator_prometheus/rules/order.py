"""In which order rules can be run over all of a time at once, and which have to go step by step together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator_prometheus.rules.expressions import ALERTS, FOR_STATE, sees, selectors
from simulator_prometheus.rules.reading import Group, Rule

_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A rule where it stands: of rules that run at the same instant, the one with the lower ``position`` runs first."""

    rule: Rule
    group: Group
    position: int


@dataclass(frozen=True, slots=True)
class Part:
    """Rules to run together. ``at_once``: for all steps at once, which is possible for one rule only."""

    rules: tuple[Placed, ...]
    at_once: bool


def placed(groups: Sequence[Group]) -> list[Placed]:
    pairs = [(rule, group) for group in groups for rule in group.rules]
    return [Placed(rule, group, position) for position, (rule, group) in enumerate(pairs)]


def parts(rules: Sequence[Placed]) -> Iterator[Part]:
    """Yield all rules, each after those that it needs."""
    needs = {each: frozenset(needed(each, rules)) for each in rules}
    for component in _components(needs):
        ordered = tuple(sorted(component, key=lambda each: each.position))
        first = ordered[0]
        yield Part(ordered, len(ordered) == 1 and first not in needs[first] and not looks_ahead(first.rule))


def delay(needed: Placed, by: Placed) -> int:
    """Return how much older (ms) than the instant that a rule asks for the newest result of another is that it sees.

    One that runs after it has not given its result of this instant yet; one with a larger
    query_offset gives what is of an earlier instant.
    """
    offsets = (needed.group.query_offset - by.group.query_offset) // _MILLISECOND
    return offsets + (needed.position >= by.position)


def looks_ahead(rule: Rule) -> bool:
    """Say whether an expression asks for times that may be after its own: they have no samples yet when it runs."""
    return rule.expression is not None and any(
        selector.offset < 0 or isinstance(selector.at, int) for selector in selectors(rule.expression)
    )


def needed_by_name(rule: Rule, rules: Sequence[Rule]) -> Iterator[Rule]:
    """Yield the rules whose results an expression asks for by name."""
    if rule.expression is None:
        return
    for selector in selectors(rule.expression):
        names = {each.value for each in selector.matchers if each.name == "__name__" and each.operator == "="}
        yield from (other for other in rules if names and other is not rule and _gives(other, selector))


def _gives(rule: Rule, selector: object) -> bool:
    if rule.alerts:
        return any(sees(selector, metric, rule.name) for metric in (ALERTS, FOR_STATE))  # type: ignore[arg-type]
    return sees(selector, rule.name)  # type: ignore[arg-type]


def needed(each: Placed, rules: Sequence[Placed]) -> Iterator[Placed]:
    """Yield the rules whose results an expression may see."""
    if each.rule.expression is None:
        return
    asked = list(selectors(each.rule.expression))
    for other in rules:
        if any(_gives(other.rule, selector) for selector in asked):
            yield other


def _components(follows: Mapping[Placed, frozenset[Placed]]) -> Iterator[list[Placed]]:
    """Yield the strongly connected components, each after those that it follows (Tarjan, without recursion)."""
    numbers: dict[Placed, int] = {}
    lowest: dict[Placed, int] = {}
    stack: list[Placed] = []
    waiting: set[Placed] = set()
    for root in follows:
        if root in numbers:
            continue
        work = [(root, iter(sorted(follows[root], key=lambda each: each.position)))]
        numbers[root] = lowest[root] = len(numbers)
        stack.append(root)
        waiting.add(root)
        while work:
            node, successors = work[-1]
            for other in successors:
                if other not in numbers:
                    numbers[other] = lowest[other] = len(numbers)
                    stack.append(other)
                    waiting.add(other)
                    work.append((other, iter(sorted(follows[other], key=lambda each: each.position))))
                    break
                if other in waiting:
                    lowest[node] = min(lowest[node], numbers[other])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[node])
                if lowest[node] == numbers[node]:
                    component = stack[stack.index(node) :]
                    del stack[len(stack) - len(component) :]
                    waiting.difference_update(component)
                    yield component
