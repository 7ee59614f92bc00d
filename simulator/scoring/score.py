"""Scores what detectors said of a run against what really happened in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulator.detection import Detection, RecordedRun, RuleReport
from simulator.scoring.checking import check
from simulator.scoring.durations import DAY
from simulator.scoring.expectations import Expectation
from simulator.scoring.matching import judge
from simulator.scoring.measures import proportion, rate, times
from simulator.scoring.noticing import Noticing
from simulator.scoring.outages import objective_scores, of_outage
from simulator.scoring.overview import decoy_score, step_score, unmeasured_things
from simulator.scoring.roster import key_of, roster
from simulator.scoring.rule_scores import background_days, rule_scores
from simulator.scoring.scorecard import Given, Scorecard, Unmeasured, Verdict
from simulator.scoring.truth import Act


@dataclass(frozen=True, slots=True)
class Watched:
    """A run, and what the detectors said of it."""

    run: RecordedRun
    detection: Detection


def score(
    run: RecordedRun, detection: Detection, expectations: Sequence[Expectation], responses: Sequence[Given] = ()
) -> Scorecard:
    """Score one run: one episode of its attack, with the responses that were given in it."""
    return score_together([Watched(run, detection)], expectations, responses)


def score_together(
    watched: Sequence[Watched], expectations: Sequence[Expectation], responses: Sequence[Given] = ()
) -> Scorecard:
    """Score several runs of one playbook, each as one episode; ``responses`` were given in all of them."""
    on_duty = roster(each.detection for each in watched)
    expected = [(expectation, on_duty.find(expectation.rule)) for expectation in expectations]
    patience = _patience(expected)
    episodes = [Noticing(judge(each.run, each.detection, on_duty, patience)) for each in watched]
    truths = [each.episode.truth for each in episodes]
    groups = [group for each in episodes for group in each.episode.groups]
    guarded = [each for each in episodes if each.guarded]
    stamps = [each.episode_stamps() for each in episodes]
    recall = proportion(sum(each.alert is not None for each in stamps), len(guarded))
    false_alarms = rate(sum(group.kind == "false" for group in groups), background_days(guarded))
    rules = rule_scores(on_duty, expected, episodes)
    objectives = objective_scores(episodes)
    steps = tuple(
        of_outage(step_score(step, on_duty, episodes), on_duty, episodes)
        for step in _united(truth.steps for truth in truths)
    )
    decoys = tuple(decoy_score(decoy, on_duty, episodes) for decoy in _united(truth.decoys for truth in truths))
    checked = tuple(check(expectation, rule, episodes) for expectation, rule in expected)
    found = [*(each.verdict for each in checked), *(each.verdict for each in objectives if each.verdict)]
    verdict, reason = _verdict(found)
    return Scorecard(
        playbook=watched[0].run.tag.playbook,
        runs=tuple(each.run.tag.run for each in watched),
        verdict=verdict,
        reason=reason,
        start=min(truth.start for truth in truths),
        end=max(truth.end for truth in truths),
        days=sum((truth.end - truth.start) / DAY for truth in truths),
        background_events=sum(truth.background_events for truth in truths),
        background_records=sum(truth.background_records for truth in truths),
        recall=recall,
        precision=proportion(sum(bool(group.notices) for group in groups), len(groups)),
        false_alarms=false_alarms,
        times=times(stamps),
        rules=rules,
        steps=steps,
        decoys=decoys,
        expectations=checked,
        unmeasured=(
            *unmeasured_things(on_duty, rules, steps, decoys, checked, recall, false_alarms),
            *(Unmeasured(f"objective {each.id}", each.reason) for each in objectives if each.status == "unmeasured"),
        ),
        objectives=objectives,
        responses=tuple(responses),
        without_impact=sum(bool(group.harmless) for group in groups),
    )


def _patience(expected: Iterable[tuple[Expectation, RuleReport | None]]) -> dict[str, int]:
    """Return for each rule the longest that a playbook gives it."""
    patience: dict[str, int] = {}
    for expectation, rule in expected:
        if rule is not None and expectation.within is not None:
            patience[key_of(rule)] = max(expectation.within, patience.get(key_of(rule), 0))
    return patience


def _united(acts: Iterable[Mapping[str, Act]]) -> list[Act]:
    """Return every act that is in any of the truths, as in the first that has it."""
    united: dict[str, Act] = {}
    for each in acts:
        for name, act in each.items():
            united.setdefault(name, act)
    return list(united.values())


def _verdict(expectations: Sequence[Verdict]) -> tuple[Verdict, str]:
    """Return the verdict: met only when every expectation was measured, and met."""
    count = Counter(expectations)
    if not expectations:
        return "unmeasured", "the playbook expects nothing of any rule"
    if count["not met"]:
        return "not met", f"{count['not met']} of {len(expectations)} expectations not met"
    if count["unmeasured"]:
        return "unmeasured", f"{count['unmeasured']} of {len(expectations)} expectations could not be measured"
    return "met", f"{count['met']} of {len(expectations)} expectations met"
