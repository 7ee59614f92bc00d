"""Objectives as they are written: what cannot be counted, kept or violated is said with its place."""

import pytest

from simulator.playbook.planning.casting import cast_playbook
from simulator.quantities import SECOND

BUSY = """\
background:
  - event: http.request
    arrivals: {poisson: 2/s}
    with:
      host: web1
      source: stranger-1
      path: {choice: [/, /checkout]}
      status: {choice: {200: 9, 503: 1}}
      duration: {uniform: {min: 10ms, max: 900ms}}
storyline: []
"""


def objective(**changed):
    given = {
        "objective": "checkout",
        "title": "People can check out",
        "of": "{event: http.request, when: {path: /checkout}}",
        "good": "{when: {status: 200}, faster: 500ms}",
        "target": "99.5%",
    } | changed
    return "objectives:\n  - " + "\n    ".join(f"{name}: {value}" for name, value in given.items() if value) + "\n"


def test_an_objective_is_what_is_written_and_the_usual_of_what_is_not(load):
    (found,) = cast_playbook(load(BUSY + objective()), 1).objectives

    assert (found.id, found.events, dict(found.of), dict(found.good)) == (
        "checkout",
        ("http.request",),
        {"path": ("/checkout",)},
        {"status": (200,)},
    )
    assert (found.measured, found.faster, found.lasts) == ("duration", SECOND // 2, "duration")
    assert (found.goal.target, found.goal.window, found.goal.least) == (0.995, 300 * SECOND, 20)
    assert (found.goal.period, found.goal.bin) == (30 * 86_400 * SECOND, 10 * SECOND)


def test_a_target_can_be_a_parameter_and_faster_can_name_its_field(load):
    text = BUSY + "parameters: {wanted: {type: share, default: 90%}}\n"
    text += objective(target="$wanted", good="{faster: {duration: 1ms}}")

    (found,) = cast_playbook(load(text), 1).objectives

    assert (found.goal.target, found.measured, found.faster) == (0.9, "duration", SECOND // 1000)


def test_steps_that_can_have_a_share_are_those_with_such_events(load):
    text = BUSY.replace("storyline: []", "storyline:")
    for name, event in (("breaks", "http.request"), ("knocks", "ssh.login_failed")):
        text += f"  - step: {name}\n    title: T\n    at: +1h\n    emissions:\n"
        text += f"      - {{event: {event}, with: {{host: web1, source: stranger-1"
        text += ", path: /}}\n" if event == "http.request" else ", user: ann}}\n"

    (found,) = cast_playbook(load(text + objective()), 1).objectives

    assert found.steps == ("breaks",)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"of": "{event: http.requst}"}, "http.requst} | no event type is called 'http.requst'; did you mean 'http.r"),
        (
            {"of": "{event: http.request, when: {pth: /}}"},
            "pth: /}} | `when`: http.request has no field 'pth'; did you mean 'path'?",
        ),
        (
            {"of": "{event: [http.request, dns.quary]}"},
            "dns.quary]} | no event type is called 'dns.quary'; did you mean 'dns.query'?",
        ),
        (
            {
                "of": "{event: [http.request, ssh.login_failed], when: {path: /checkout}}",
                "good": "{when: {host: web1}}",
            },
            "path: /checkout}} | http.request has a field 'path', and ssh.login_failed has no field; count them apart",
        ),
        ({"good": "{when: {statsu: 200}}"}, "statsu: 200}} | `when`: http.request has no field 'statsu'; did you mean"),
        ({"good": "{when: {status: ok}}"}, "ok}} | 'status' takes a whole number, not the text 'ok'"),
        ({"of": "{event: http.request, when: {host: web7}}"}, "web7}} | the world 'trial' has no host 'web7'; did you"),
        (
            {"good": "{faster: {status: 1s}}"},
            "`faster`: http.request has no field 'status' that is a length of time; it has duration",
        ),
        ({"of": "{event: process.started}", "good": "{faster: 1s}"}, "`faster`: process.started has no field"),
        ({"good": "{}"}, "{} | a `good`: say what a good event is: `when: {failed: 0}`, `faster: 800ms` or both"),
        ({"good": ""}, "an objective needs 'good'"),
        ({"target": "100%"}, "100% | 100% is out of range; it has to be at most 0.99999"),
        ({"target": "0%"}, "0% | 0% is out of range; it has to be more than 0"),
        ({"target": "120%"}, "120% | '120%' is not a probability"),
        ({"window": "5h"}, "the window of 5h is longer than the run, which lasts 4h; shorten it, or play longer"),
        ({"window": "1s"}, "1s | 1s is out of range; it has to be at least 10s"),
        ({"window": "1h", "period": "30m"}, "`period` is less than `window`"),
        ({"good": "{faster: 4h}"}, "it can never be violated: nothing takes 4h in a run; lower `faster`"),
        ({"good": "{faster: 2s}"}, "it can never be violated: every event that counts is good"),
        ({"good": "{when: {status: [200, 503]}}"}, "it can never be violated: every event that counts is good"),
        ({"good": "{when: {path: [/checkout, /pay]}}"}, "it can never be violated: every event that counts is good"),
        ({"good": "{when: {path: /pay}}"}, "no event that counts can be good: `of` and `good` ask for other values"),
        (
            {"of": "{event: http.request, when: {path: /chekout}}"},
            "it can never be violated: no http.request here can have path /chekout; did you mean '/checkout'?",
        ),
        (
            {"of": "{event: dns.query}", "good": "{when: {host: web1}}"},
            "nothing in this playbook or its world makes dns.query events; count another of http.request",
        ),
        ({"expect": "broken"}, "broken | expected one of violated, kept, not the text 'broken'"),
    ],
)
def test_what_is_wrong_with_an_objective_is_said_with_its_place(complaints, changed, said):
    (found,) = complaints(BUSY + objective(**changed))

    assert said in found


def test_two_objectives_cannot_have_one_name(complaints):
    text = objective()

    (found,) = complaints(BUSY + text + text.removeprefix("objectives:\n"))

    assert "checkout | two objectives are called 'checkout'; rename one" in found
