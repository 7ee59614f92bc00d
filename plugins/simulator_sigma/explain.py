"""Why a rule fired or not: as lines for people, and as facts for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import numpy as np
from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationRule
from sigma.rule import SigmaRule

from simulator import Explanation, UsageError
from simulator_sigma.anatomy import Anatomy, anatomy
from simulator_sigma.correlation import Correlation, Seen, correlation_of
from simulator_sigma.hits import Hits, streams_and_lines
from simulator_sigma.reading import BadRuleError, Rule
from simulator_sigma.routing import described
from simulator_sigma.rule_run import Play
from simulator_sigma.schedule import alerts_of_correlation, alerts_of_hits

_SECOND = 1_000_000_000
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))


def explanation(play: Play, name: str) -> Explanation:
    """Explain the rule with this id, title, name or file name."""
    rule = _found(play, name)
    facts: dict[str, Any] = {"id": rule.id, "title": rule.title, "path": str(rule.path)}
    lines = [f"{rule.title} ({rule.id})"]
    try:
        lines += _correlation(play, rule, facts) if rule.references else _search(play, rule, facts)
    except BadRuleError as error:
        rule.fail(error)
    facts |= {"status": rule.status, "reason": rule.reason}
    if rule.status != "ran":
        lines.append(f"It did not run ({rule.status}): {rule.reason}.")
    return Explanation(tuple(lines), facts)


def _found(play: Play, name: str) -> Rule:
    for rule in sorted(play.rules, key=lambda rule: not rule.alerts):  # a file's name means what alerts of it
        called = rule.sigma.name if rule.sigma is not None else None
        if name in {rule.id, rule.title, called, rule.path.name, rule.path.stem, str(rule.path)}:
            return rule
    known = [called for rule in play.rules for called in (rule.id, rule.title, rule.path.stem)]
    near = get_close_matches(name, known, 1)
    raise UsageError(
        f"none of the {len(play.rules)} rules is called {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    )


def _search(play: Play, rule: Rule, facts: dict[str, Any]) -> Iterator[str]:
    """Explain a rule that looks at records one by one."""
    if rule.status != "ran":
        return
    assert isinstance(rule.sigma, SigmaRule)
    searches = play.searches.by_rule[rule]
    facts["log_source"] = described(rule.sigma.logsource)
    facts["streams"] = []
    if not searches:
        yield f"No stream of this run answers its log source ({facts['log_source']}). These are there:"
        yield from _offers(play)
    for search in searches:
        found = anatomy(play.store, rule.sigma, search.route)
        facts["streams"].append(asdict(found))
        yield from _anatomy_lines(found)
    hits = play.find(rule)
    facts |= {"hits": len(hits)}
    yield from _lateness(play, hits, facts)
    names = [stream.renderer.name for stream in play.store.streams]
    alerts = list(alerts_of_hits(rule.id, hits, play.runs, names)) if rule.alerts else []
    facts["alerts"] = len(alerts)
    if not rule.alerts:
        yield "It raises no alerts itself: it feeds a correlation."
    elif alerts:
        yield f"It fired: {_many(len(alerts), 'alert')}, the first at {_stamp(alerts[0].fired)}."
    else:
        yield "It did not fire."


def _offers(play: Play) -> Iterator[str]:
    for stream in play.store.streams:
        sources = stream.renderer.log_sources
        told = " or ".join(
            ", ".join(
                f"{kind} {value}" for kind in ("product", "category", "service") if (value := getattr(source, kind))
            )
            for source in sources[:4]
        )
        yield f"  {stream.renderer.name}: {told or 'no log source'}{' …' if len(sources) > 4 else ''}"


def _anatomy_lines(found: Anatomy) -> Iterator[str]:
    yield f"{found.stream}: {_many(found.records, 'record')} of its log source, {found.matched} match the rule."
    for name, count in found.selections.items():
        yield f"  selection {name}: {count}"
        for item, matched in found.items.items():
            if item.startswith(f"{name}, "):
                yield f"    {item.removeprefix(f'{name}, ')}: {matched}"
    for name, (called, count) in found.fields.items():
        if not count and found.records:
            yield f"  field {name} is in none of these records{'' if called == name else f' (it is {called} there)'}"
    for miss in found.misses:
        missed = "; nor ".join(miss.unmatched)
        yield f"  near miss, line {miss.line}: matches {_many(miss.matched, 'part')}, but not {missed}"
        for name, value in miss.values.items():
            yield f"    {name} {'is absent' if value is None else f'is {value!r}'}"


def _lateness(play: Play, hits: Hits, facts: dict[str, Any]) -> Iterator[str]:
    """Say how many hits no run could see, because they arrived when it no longer looked back so far."""
    late = ~play.runs.in_time(hits)
    facts["late"] = int(late.sum())
    if not late.any():
        return
    runs = play.runs.first_at(hits.arrived[late])
    over = runs - play.runs.schedule.look_back - hits.times[late]
    worst = int(np.argmax(over))
    streams, lines = streams_and_lines(hits.records[late])
    stream = play.store.streams[int(streams[worst])].renderer.name
    facts["late_by_seconds"] = round(int(over[worst]) / _SECOND, 3)
    after = int((runs > play.runs.last).sum())
    if after:
        facts["after_the_last_run"] = after
        yield f"{_many(after, 'hit')} arrived after the last run of the rules ({_stamp(play.runs.last)})."
    if over[worst] >= 0:
        yield (
            f"{_many(int((over >= 0).sum()), 'hit')} arrived too late: rules look back "
            f"{_long(play.runs.schedule.look_back)}, and line {int(lines[worst])} of {stream} was "
            f"{_long(int(over[worst]))} too old at the first run that could see it."
        )


def _correlation(play: Play, rule: Rule, facts: dict[str, Any]) -> Iterator[str]:
    if rule.status != "ran":
        return
    assert isinstance(rule.sigma, SigmaCorrelationRule)
    hits = {base: play.find(base) for base in play.base_rules(rule)}
    facts["rules"] = []
    for base, found in hits.items():
        below: dict[str, Any] = {"title": base.title, "id": base.id}
        yield f"It correlates {base.title!r}:"
        yield from (f"  {line}" for line in _search(play, base, below))
        facts["rules"].append(below)
        facts.setdefault("hits_below", 0)
        facts["hits_below"] += len(found)
    correlation = correlation_of(rule, hits)
    yield from _best_window(correlation, facts)
    held = len(correlation.find(Seen(horizon=play.runs.last)).windows)
    names = [stream.renderer.name for stream in play.store.streams]
    _, alerts = alerts_of_correlation(correlation, play.runs, names)
    facts |= {"windows": held, "alerts": len(alerts)}
    if alerts:
        yield f"It fired: {_many(len(alerts), 'alert')}, the first at {_stamp(alerts[0].fired)}."
    elif held:
        yield f"Its condition holds in {_many(held, 'window')}, but too late for a run to see one whole."
    else:
        yield "It did not fire."


def _best_window(correlation: Correlation, facts: dict[str, Any]) -> Iterator[str]:
    """Say how near the nearest window came to the condition."""
    condition = correlation.sigma.condition
    sightings, _ = correlation.sightings(Seen())
    windows = correlation.measured(sightings)
    metrics = np.where(np.isnan(windows.metrics), -np.inf, windows.metrics)
    nearest: dict[str, Any] = {"type": correlation.kind, "timespan": correlation.sigma.timespan.spec}
    facts["correlation"] = nearest
    if not len(windows):
        yield "Nothing was seen to be correlated" + (
            " (or no record has all the fields that it groups by)." if correlation.sigma.group_by else "."
        )
        return
    lower = isinstance(condition, SigmaCorrelationCondition) and condition.op.name in {"LT", "LTE"}
    best = int(np.argmin(np.where(np.isinf(metrics), np.inf, metrics)) if lower else np.argmax(metrics))
    metric, key = float(metrics[best]), ", ".join(correlation.keys.keys[int(windows.groups[best])])
    of = f" for {key}" if key else ""
    ends = _stamp(int(windows.ends[best]))
    nearest |= {"nearest": metric, "key": key, "window_end": ends}
    end = "lowest" if lower else "highest"
    yield f"The {end} {correlation.kind} in {nearest['timespan']} was {metric:g}{of}, in the window to {ends}."
    if isinstance(condition, SigmaCorrelationCondition):
        nearest |= {"operator": condition.op.name.lower(), "threshold": condition.count}
        yield f"The condition is {condition.op.name.lower()} {condition.count:g}" + _shortfall(
            condition, metric, nearest
        )
    if correlation.kind.startswith("temporal"):
        yield from _unseen(correlation, set(sightings.slots[windows.members(best)].tolist()), nearest)


def _shortfall(condition: SigmaCorrelationCondition, metric: float, nearest: dict[str, Any]) -> str:
    short = condition.count - metric
    if condition.op.name not in {"GT", "GTE"} or short < 0 or (short == 0 and condition.op.name == "GTE"):
        return "."
    nearest["below_by"] = short
    return f": {short:g} below the threshold."


def _unseen(correlation: Correlation, seen: set[int], nearest: dict[str, Any]) -> Iterator[str]:
    missing = [rule.title for slot, rule in enumerate(correlation.rule.references.values()) if slot not in seen]
    nearest["unseen"] = missing
    if missing:
        yield f"In that window nothing was seen of: {', '.join(missing)}."


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _stamp(time: int) -> str:
    return datetime.fromtimestamp(time // _SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _long(nanoseconds: int) -> str:
    seconds = nanoseconds / _SECOND
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
