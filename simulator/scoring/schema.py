"""The JSON Schema of ``scorecard.json``: the reference of its fields, and what ``feint schema scorecard`` prints."""

from __future__ import annotations

from simulator.detection import Status
from simulator.scoring.document import FORMAT
from simulator.scoring.measures import ENOUGH, ENOUGH_DAYS
from simulator.scoring.schema_outages import burnt, impact, objective
from simulator.scoring.schema_words import (
    Schema,
    count,
    listing,
    mapping,
    measured,
    number,
    one_of,
    ref,
    stamp,
    text,
    texts,
)
from simulator.scoring.scorecard import Attention, Effect, Named, Outcome, Verdict


def scorecard_schema() -> Schema:
    """Return the JSON Schema (2020-12) of a scorecard."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Feint scorecard",
        **mapping(
            "Who caught what, when, and what was made up. Null stands for what could not be measured.",
            format={"const": FORMAT, "description": "Version of this format."},
            playbook=text("The playbook that was played."),
            runs=texts("The runs that were scored, each one episode of the attack."),
            verdict=one_of(Verdict, "Whether the playbook's expectations are met: all, not all, or not all measured."),
            reason=text("The verdict in a few words."),
            span=mapping(
                "The simulated time that was scored.",
                start=stamp("First moment."),
                end=stamp("Last moment; of the last run, if there are several."),
                days=number("Length in days; of all runs together."),
            ),
            background=mapping(
                "What was neither attack nor decoy.",
                events=count("Events."),
                records=count("Records that products wrote of them."),
            ),
            recall=ref("proportion", "Episodes in which any rule noticed any step in time."),
            precision=ref("proportion", "Alert groups that were about the attack, of all."),
            false_alarms=ref("rate", "Alert groups of all rules about background only."),
            times=ref("times", "From the onset of the attack to the first alert of any rule that was about it."),
            rules=listing(_rule(), "Every rule: those with expectations first, then as reported."),
            steps=listing(_step(), "Every step of the attack, in the order of the storyline."),
            decoys=listing(_decoy(), "Every decoy: harmless acts that look like the attack."),
            expectations=listing(_expectation(), "Every expectation of the playbook."),
            unmeasured=listing(
                mapping("", what=text("What could not be measured."), reason=text("Why not.")),
                "What the run could not tell.",
            ),
            objectives=listing(objective(), "What the playbook's users are promised, and got."),
            responses=listing(_response(), "What responders did, in the order of the file of responses."),
            without_impact=count(
                "False alarms that show a symptom of an outage which made nobody suffer: no objective was violated."
            ),
        ),
        "$defs": {
            "proportion": _proportion(),
            "rate": _rate(),
            "delay": _delay(),
            "times": _times(),
            "stamps": _stamps(),
            "burnt": burnt(),
        },
    }


def _rule() -> Schema:
    return mapping(
        "What one rule did.",
        id=text("Id of the rule; its title, if it has none."),
        title=text("Title."),
        file=text("Name of its file."),
        level=text("Severity, as the rule gives it."),
        techniques=texts("ATT&CK techniques that the rule claims."),
        status=one_of(Status, "Whether it ran, could not be converted to a query, or failed."),
        reason=text("Why it did not run; empty if it did."),
        alerts={"type": "boolean", "description": "Whether it raises alerts; false if it only feeds a correlation."},
        expected={"type": "boolean", "description": "Whether the playbook expects something of it."},
        outcome=one_of(
            Outcome,
            "Caught in time; noticed too late; missed what it was expected to catch; nothing was expected and it "
            "noticed nothing; or it did not run.",
        ),
        hits=count("Records that it matched; for a correlation, windows."),
        alert_groups=count("Alert groups that it raised."),
        true_alarms=count("Alert groups about the attack, in time."),
        late_alarms=count("Alert groups about the attack, later than the end of the step and the grace."),
        decoy_alarms=count("Alert groups about decoys."),
        false_alarms=ref("rate", "Alert groups about background only."),
        caught=ref("proportion", "Episodes in which it noticed the attack in time."),
        precision=ref("proportion", "Its alert groups that were about the attack."),
        steps_noticed=texts("Ids of the steps that it noticed in time."),
        steps_missed=texts("Ids of the steps that an expectation names and that it did not notice in time."),
        decoys=texts("Ids of the decoys that fooled it."),
        times=ref("times", "From the onset of the step that it noticed first to its alert."),
    )


def _step() -> Schema:
    return mapping(
        "Who noticed one step.",
        id=text("Id of the step."),
        title=text("Title."),
        technique=text("ATT&CK technique or signature of an incident; may be empty."),
        onset=stamp("Its first event.", null=True),
        end=stamp("Its last event.", null=True),
        events=count("Events of the step."),
        records=count("Records that products wrote of them."),
        status=one_of(Attention, "Noticed in time; late; by nobody; or nothing was recorded or no rule ran."),
        noticed_by=texts("Ids of the rules that noticed it in time."),
        late_by=texts("Ids of the rules that noticed it, but only late."),
        noticed=ref("proportion", "Episodes in which any rule noticed it in time."),
        to_alert=ref("delay", "From its onset to the first alert of any rule about it."),
        outage={"type": "boolean", "description": "Whether it acts on a system of the world, such as its services."},
        first_page=one_of(
            Named,
            "Whether the first page about an outage names what it acts on, or only one who shows a symptom; null if "
            "there was none, or it is no outage.",
            null=True,
        ),
        cause_by=texts("Ids of the rules that named the cause of the outage in time."),
        symptom_by=texts("Ids of the rules that noticed the outage in time, but named symptoms only."),
        impacts=listing(impact(), "What it did to each objective that it violated, in each run."),
    )


def _response() -> Schema:
    return mapping(
        "A response that was given.",
        at=stamp("When."),
        do=text("What was done, as the playbook calls it."),
        what=text("What it was done to."),
    )


def _decoy() -> Schema:
    return mapping(
        "Whom one decoy fooled.",
        id=text("Id of the decoy."),
        title=text("Title."),
        because=text("Why it is harmless."),
        events=count("Events of the decoy."),
        records=count("Records that products wrote of them."),
        status=one_of(Effect, "No rule was fooled; some were; or nothing was recorded or no rule ran."),
        fooled=texts("Ids of the rules that took it for an attack."),
        alert_groups=count("Alert groups about it."),
    )


def _expectation() -> Schema:
    return mapping(
        "Whether one expectation is met.",
        rule=text("Id of the rule; as the playbook names it, if there is no such rule."),
        title=text("Title of the rule."),
        steps=texts("Ids of the steps that it should notice; none: any."),
        within=number("Seconds from the onset of each step to the alert that are allowed.", null=True),
        at_least=count("Fewest alert groups about the attack.", null=True),
        at_most=count("Most alert groups about the attack.", null=True),
        exactly=count("Number of alert groups about the attack.", null=True),
        because=text("Why it is expected."),
        verdict=one_of(Verdict, "Met in every episode; not met in one; or not measured in one."),
        reason=text("Why, in a few words; of the first episode in which it was not met."),
        alert_groups=count("Alert groups about the attack, of all episodes."),
        to_alert=number("Seconds from onset to alert, of the slowest step and episode.", null=True),
        episodes_met=count("Episodes in which it is met."),
        episodes=count("Episodes."),
    )


def _proportion() -> Schema:
    return mapping(
        "A share, with Wilson's 95 % interval.",
        count=count("How many."),
        of=count("Of how many."),
        value=number(f"The share, from 0 to 1; null if there are fewer than {ENOUGH}.", null=True),
        low=number("Lower end of the interval.", null=True),
        high=number("Upper end of the interval.", null=True),
        status=measured("value"),
    )


def _rate() -> Schema:
    return mapping(
        "A rate per day of background, with Garwood's exact 95 % interval.",
        count=count("How many alert groups."),
        days=number("Days of background that the rule ran over."),
        per_day=number(f"Per day; null if there was none in less than {ENOUGH_DAYS:g} day.", null=True),
        low=number("Lower end of the interval, per day.", null=True),
        high=number("Upper end of the interval, per day.", null=True),
        status=measured("per_day"),
    )


def _delay() -> Schema:
    return mapping(
        "A duration over episodes, with a bootstrap 95 % interval of its median. A miss counts as never.",
        median=number("Seconds; of one episode, its own.", null=True),
        p90=number(f"90th percentile, seconds; null if there are fewer than {ENOUGH} episodes.", null=True),
        low=number("Lower end of the interval, seconds; null if there are too few episodes.", null=True),
        high=number("Upper end of the interval, seconds; null if too few, or never.", null=True),
        episodes=count("Episodes in which it came to an end."),
    )


def _times() -> Schema:
    return mapping(
        "How long it took, and whose delay it was. data + rule = to_alert in each episode.",
        stamps=listing({"$ref": "#/$defs/stamps"}, "What happened when, for each episode."),
        data=ref("delay", "Onset to the first evidence delivered in a stream that the rule reads."),
        rule=ref("delay", "Evidence to alert."),
        notify=ref("delay", "Alert to page."),
        to_alert=ref("delay", "Onset to alert: the time to detect."),
    )


def _stamps() -> Schema:
    return mapping(
        "Moments of one episode, in simulated time.",
        onset=stamp("First event of the step, or of the attack.", null=True),
        evidence=stamp("First record of it that was delivered.", null=True),
        alert=stamp("First alert about it.", null=True),
        page=stamp("When the pager was told.", null=True),
    )
