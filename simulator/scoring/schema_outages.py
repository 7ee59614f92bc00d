"""The schema of what a scorecard says of objectives, and of the outages that violate them."""

from __future__ import annotations

from simulator.scoring.schema_words import Schema, count, listing, mapping, number, one_of, ref, stamp, text
from simulator.scoring.scorecard import Verdict
from simulator.scoring.scorecard_outages import Kept

_BEFORE = "What was burnt from the onset of the outage to its first page; null if nobody was paged."


def objective() -> Schema:
    return mapping(
        "Whether users got what they are promised.",
        id=text("Id of the objective."),
        title=text("Title."),
        target=number("The share of events that has to be good, from 0 to 1."),
        window=number("Length of the sliding window, in seconds."),
        period=number("The period of the error budget, in seconds."),
        least=count("Events that a window needs to say anything."),
        status=one_of(Kept, "Kept in every window; violated in some; or no window had enough events."),
        reason=text("Why it is unmeasured; empty if it is not."),
        expect={"enum": ["violated", "kept", None], "description": "What the playbook expects of it; null: nothing."},
        most_burnt=number("The share of the error budget that may be burnt by the first page.", null=True),
        verdict=one_of(Verdict, "Whether it became what is expected of it, in every run; null: nothing is.", null=True),
        said=text("Why, in a few words; of the first run in which it did not."),
        violated=ref("proportion", "Runs in which it was violated, of those in which it could be measured."),
        runs=listing(_run(), "What became of it in each run."),
    )


def _run() -> Schema:
    return mapping(
        "What became of an objective in one run.",
        run=text("The run."),
        watched={"type": "boolean", "description": "Whether any rule ran that could have told of it."},
        events=count("Events that counted."),
        bad=count("Of which were bad."),
        share=number("The share that was good, from 0 to 1.", null=True),
        worst=number("The least share that was good in a window, from 0 to 1.", null=True),
        worst_at=stamp("The end of that window.", null=True),
        violated=stamp("When it was violated first.", null=True),
        recovered=stamp("When it was no longer violated, for good; null if it still was at the end.", null=True),
        violations=count("How often it was violated."),
        page=stamp("The first page about the outage that violated it first.", null=True),
        burnt=ref("burnt", "What was burnt of the error budget in the whole run."),
        burnt_before_page=_or_null(_BEFORE),
    )


def impact() -> Schema:
    return mapping(
        "What an outage did to an objective in one run.",
        run=text("The run."),
        objective=text("Id of the objective."),
        violated=stamp("Its first violation that is put down to the outage: the impact."),
        recovered=stamp("The end of the last; null if it went on to the end.", null=True),
        page=stamp("The first page about the outage.", null=True),
        to_page=number("Seconds from the impact to that page; less than 0 if the page came first.", null=True),
        burnt=ref("burnt", "What was burnt of the error budget, from the onset of the outage on."),
        burnt_before_page=_or_null(_BEFORE),
    )


def burnt() -> Schema:
    return mapping(
        "A part of an error budget: of what may be bad in the period, if events come as often as in the run.",
        bad=count("Bad events."),
        budget=number("The share of the budget that they are; more than 1 if they are more than all.", null=True),
        outage=number("Seconds of an outage in which everything is bad that would have cost as much.", null=True),
    )


def _or_null(description: str) -> Schema:
    return {"anyOf": [{"$ref": "#/$defs/burnt"}, {"type": "null"}], "description": description}
