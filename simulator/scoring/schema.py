"""The JSON Schema of ``scorecard.json``: the reference of its fields, and what ``feint schema scorecard`` prints."""

from __future__ import annotations

from typing import Any, get_args

from simulator.detection import Status
from simulator.scoring.document import FORMAT
from simulator.scoring.measures import ENOUGH, ENOUGH_DAYS
from simulator.scoring.scorecard import Attention, Effect, Outcome, Verdict

_Schema = dict[str, Any]


def scorecard_schema() -> _Schema:
    """Return the JSON Schema (2020-12) of a scorecard."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Feint scorecard",
        **_object(
            "Who caught what, when, and what was made up. Null stands for what could not be measured.",
            format={"const": FORMAT, "description": "Version of this format."},
            playbook=_text("The playbook that was played."),
            runs=_texts("The runs that were scored, each one episode of the attack."),
            verdict=_one_of(Verdict, "Whether the playbook's expectations are met: all, not all, or not all measured."),
            reason=_text("The verdict in a few words."),
            span=_object(
                "The simulated time that was scored.",
                start=_stamp("First moment."),
                end=_stamp("Last moment; of the last run, if there are several."),
                days=_number("Length in days; of all runs together."),
            ),
            background=_object(
                "What was neither attack nor decoy.",
                events=_count("Events."),
                records=_count("Records that products wrote of them."),
            ),
            recall=_ref("proportion", "Episodes in which any rule noticed any step in time."),
            precision=_ref("proportion", "Alert groups that were about the attack, of all."),
            false_alarms=_ref("rate", "Alert groups of all rules about background only."),
            times=_ref("times", "From the onset of the attack to the first alert of any rule that was about it."),
            rules=_list(_rule(), "Every rule: those with expectations first, then as reported."),
            steps=_list(_step(), "Every step of the attack, in the order of the storyline."),
            decoys=_list(_decoy(), "Every decoy: harmless acts that look like the attack."),
            expectations=_list(_expectation(), "Every expectation of the playbook."),
            unmeasured=_list(
                _object("", what=_text("What could not be measured."), reason=_text("Why not.")),
                "What the run could not tell.",
            ),
        ),
        "$defs": {
            "proportion": _proportion(),
            "rate": _rate(),
            "delay": _delay(),
            "times": _times(),
            "stamps": _stamps(),
        },
    }


def _rule() -> _Schema:
    return _object(
        "What one rule did.",
        id=_text("Id of the rule; its title, if it has none."),
        title=_text("Title."),
        file=_text("Name of its file."),
        level=_text("Severity, as the rule gives it."),
        techniques=_texts("ATT&CK techniques that the rule claims."),
        status=_one_of(Status, "Whether it ran, could not be converted to a query, or failed."),
        reason=_text("Why it did not run; empty if it did."),
        alerts={"type": "boolean", "description": "Whether it raises alerts; false if it only feeds a correlation."},
        expected={"type": "boolean", "description": "Whether the playbook expects something of it."},
        outcome=_one_of(
            Outcome,
            "Caught in time; noticed too late; missed what it was expected to catch; nothing was expected and it "
            "noticed nothing; or it did not run.",
        ),
        hits=_count("Records that it matched; for a correlation, windows."),
        alert_groups=_count("Alert groups that it raised."),
        true_alarms=_count("Alert groups about the attack, in time."),
        late_alarms=_count("Alert groups about the attack, later than the end of the step and the grace."),
        decoy_alarms=_count("Alert groups about decoys."),
        false_alarms=_ref("rate", "Alert groups about background only."),
        caught=_ref("proportion", "Episodes in which it noticed the attack in time."),
        precision=_ref("proportion", "Its alert groups that were about the attack."),
        steps_noticed=_texts("Ids of the steps that it noticed in time."),
        steps_missed=_texts("Ids of the steps that an expectation names and that it did not notice in time."),
        decoys=_texts("Ids of the decoys that fooled it."),
        times=_ref("times", "From the onset of the step that it noticed first to its alert."),
    )


def _step() -> _Schema:
    return _object(
        "Who noticed one step.",
        id=_text("Id of the step."),
        title=_text("Title."),
        technique=_text("ATT&CK technique or signature of an incident; may be empty."),
        onset=_stamp("Its first event.", null=True),
        end=_stamp("Its last event.", null=True),
        events=_count("Events of the step."),
        records=_count("Records that products wrote of them."),
        status=_one_of(Attention, "Noticed in time; late; by nobody; or nothing was recorded or no rule ran."),
        noticed_by=_texts("Ids of the rules that noticed it in time."),
        late_by=_texts("Ids of the rules that noticed it, but only late."),
        noticed=_ref("proportion", "Episodes in which any rule noticed it in time."),
        to_alert=_ref("delay", "From its onset to the first alert of any rule about it."),
    )


def _decoy() -> _Schema:
    return _object(
        "Whom one decoy fooled.",
        id=_text("Id of the decoy."),
        title=_text("Title."),
        because=_text("Why it is harmless."),
        events=_count("Events of the decoy."),
        records=_count("Records that products wrote of them."),
        status=_one_of(Effect, "No rule was fooled; some were; or nothing was recorded or no rule ran."),
        fooled=_texts("Ids of the rules that took it for an attack."),
        alert_groups=_count("Alert groups about it."),
    )


def _expectation() -> _Schema:
    return _object(
        "Whether one expectation is met.",
        rule=_text("Id of the rule; as the playbook names it, if there is no such rule."),
        title=_text("Title of the rule."),
        steps=_texts("Ids of the steps that it should notice; none: any."),
        within=_number("Seconds from the onset of each step to the alert that are allowed.", null=True),
        at_least=_count("Fewest alert groups about the attack.", null=True),
        at_most=_count("Most alert groups about the attack.", null=True),
        exactly=_count("Number of alert groups about the attack.", null=True),
        because=_text("Why it is expected."),
        verdict=_one_of(Verdict, "Met in every episode; not met in one; or not measured in one."),
        reason=_text("Why, in a few words; of the first episode in which it was not met."),
        alert_groups=_count("Alert groups about the attack, of all episodes."),
        to_alert=_number("Seconds from onset to alert, of the slowest step and episode.", null=True),
        episodes_met=_count("Episodes in which it is met."),
        episodes=_count("Episodes."),
    )


def _proportion() -> _Schema:
    return _object(
        "A share, with Wilson's 95 % interval.",
        count=_count("How many."),
        of=_count("Of how many."),
        value=_number(f"The share, from 0 to 1; null if there are fewer than {ENOUGH}.", null=True),
        low=_number("Lower end of the interval.", null=True),
        high=_number("Upper end of the interval.", null=True),
        status=_measured("value"),
    )


def _rate() -> _Schema:
    return _object(
        "A rate per day of background, with Garwood's exact 95 % interval.",
        count=_count("How many alert groups."),
        days=_number("Days of background that the rule ran over."),
        per_day=_number(f"Per day; null if there was none in less than {ENOUGH_DAYS:g} day.", null=True),
        low=_number("Lower end of the interval, per day.", null=True),
        high=_number("Upper end of the interval, per day.", null=True),
        status=_measured("per_day"),
    )


def _delay() -> _Schema:
    return _object(
        "A duration over episodes, with a bootstrap 95 % interval of its median. A miss counts as never.",
        median=_number("Seconds; of one episode, its own.", null=True),
        p90=_number(f"90th percentile, seconds; null if there are fewer than {ENOUGH} episodes.", null=True),
        low=_number("Lower end of the interval, seconds; null if there are too few episodes.", null=True),
        high=_number("Upper end of the interval, seconds; null if too few, or never.", null=True),
        episodes=_count("Episodes in which it came to an end."),
    )


def _times() -> _Schema:
    return _object(
        "How long it took, and whose delay it was. data + rule = to_alert in each episode.",
        stamps=_list({"$ref": "#/$defs/stamps"}, "What happened when, for each episode."),
        data=_ref("delay", "Onset to the first evidence delivered in a stream that the rule reads."),
        rule=_ref("delay", "Evidence to alert."),
        notify=_ref("delay", "Alert to page."),
        to_alert=_ref("delay", "Onset to alert: the time to detect."),
    )


def _stamps() -> _Schema:
    return _object(
        "Moments of one episode, in simulated time.",
        onset=_stamp("First event of the step, or of the attack.", null=True),
        evidence=_stamp("First record of it that was delivered.", null=True),
        alert=_stamp("First alert about it.", null=True),
        page=_stamp("When the pager was told.", null=True),
    )


def _object(description: str, **properties: _Schema) -> _Schema:
    about = {"description": description} if description else {}
    return {
        "type": "object",
        **about,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: _Schema, description: str) -> _Schema:
    return {"type": "array", "description": description, "items": items}


def _texts(description: str) -> _Schema:
    return _list({"type": "string"}, description)


def _text(description: str) -> _Schema:
    return {"type": "string", "description": description}


def _count(description: str, *, null: bool = False) -> _Schema:
    return {"type": _or_null("integer", null), "minimum": 0, "description": description}


def _number(description: str, *, null: bool = False) -> _Schema:
    return {"type": _or_null("number", null), "description": description}


def _stamp(description: str, *, null: bool = False) -> _Schema:
    about = f"{description} ISO 8601, UTC, milliseconds."
    return {"type": _or_null("string", null), "format": "date-time", "pattern": r"\.\d{3}Z$", "description": about}


def _one_of(words: Any, description: str) -> _Schema:
    return {"enum": list(get_args(words)), "description": description}


def _measured(field: str) -> _Schema:
    return {"enum": ["measured", "unmeasured"], "description": f"unmeasured: too little data, and {field} is null."}


def _ref(name: str, description: str) -> _Schema:
    return {"$ref": f"#/$defs/{name}", "description": description}


def _or_null(kind: str, null: bool) -> str | list[str]:
    return [kind, "null"] if null else kind
