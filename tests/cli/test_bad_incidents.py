"""Whatever is wrong with an outage, its world or its rules: one sentence with its place, and exit code 2."""

from __future__ import annotations

import re

import pytest

from simulator.playbook.starter import starter, starter_rules

NAME = "my-outage"
FILE = f"./{NAME}.yaml"
RULES = f"rules/{NAME}.yml"
CALLS = "calls: [orders-db INSERT orders]"
WITH = "with: {service: checkout, factor: $slower}"
EFFECT = "effect: latency "
LISTED = "          # `feint plugins` lists effects\n        "
POOL = "effect: pool_size\n        with: {service: checkout, size: 3}"
GOOD = "good: {when: {failed: 0}, faster: 800ms}"
OF = "of: {event: service.request, when: {service: frontend, route: /checkout}}"
SAMPLES = "renderer: prometheus.metrics, every: 30s"
SPANS = "{renderer: otlp.traces,"

WRONG = {
    "circle": (CALLS, "calls: [frontend POST /checkout]", "calls go round in a circle: frontend POST /checkout → "),
    "own circle": (CALLS, "calls: [checkout POST /orders]", "checkout POST /orders → checkout POST /orders"),
    "callee": (CALLS, "calls: [orders-bd INSERT orders]", "there is no service 'orders-bd'; did you mean 'orders-db'?"),
    "callee's route": ("POST /orders, timeout", "POST /order, timeout", "has no route 'POST /order'; did you mean"),
    "traffic": ("to: frontend GET /,", "to: frontend GET /x,", "has no route 'GET /x'; did you mean 'GET /'?"),
    "overload": ("poisson: 1/s", "poisson: 4000/s", "its backlog would never end; give it more instances, workers"),
    "system": ("    services:     ", "    servces:     ", "no system is called 'servces'; did you mean 'services'?"),
    "effect": (EFFECT, "effect: latncy ", "no effect is called 'latncy'; did you mean 'latency'?"),
    "effect's service": (WITH, "with: {service: chekout, factor: 3}", "no service 'chekout'; did you mean 'checkout'?"),
    "effect's route": (WITH, "with: {service: checkout, factor: 3, route: POST /x}", "has no route 'POST /x'"),
    "effect's region": (WITH, "with: {service: checkout, factor: 3, region: mars}", "there is no region 'mars'"),
    "effect's need": (WITH, "with: {service: checkout}", "the effect `latency` needs 'factor': how many times as long"),
    "effect's range": (WITH, "with: {service: checkout, factor: 0.5}", "0.5 is out of range; it has to be at least 1"),
    "effect's key": (WITH, "with: {service: checkout, factor: 3, sice: 1}", "the effect `latency` has no 'sice'"),
    "what has no pool": (f"{EFFECT}{LISTED}{WITH}", POOL, "'checkout' has no `pool`; give it one, or name the service"),
    "renderer that samples": (SAMPLES, "renderer: prometheus.metric", "did you mean 'prometheus.metrics'?"),
    "every of what samples nothing": (SPANS, f"{SPANS} every: 30s,", "'otlp.traces' samples no metrics; leave `every`"),
    "every without a unit": (SAMPLES, "renderer: prometheus.metrics, every: 30", "the number 30; say its unit"),
    "every too often": (SAMPLES, "renderer: prometheus.metrics, every: 10ms", "it has to be at least 1s"),
    "response": ("until: {roll_back:", "until: {rol_back:", "no response 'rol_back' in `responses`; did you mean"),
    "response's target": ("until: {roll_back: checkout}", "until: {roll_back: frontend}", "is done to checkout, not"),
    "objective's event": (OF, OF.replace("request", "requst"), "did you mean 'service.request'?"),
    "objective's service": (OF, OF.replace("frontend", "frontent"), "the service 'frontent'; did you mean 'frontend'?"),
    "objective's route": (OF, OF.replace("/checkout", "/chekout"), "the route '/chekout'; did you mean '/checkout'?"),
    "objective's pair": (OF, OF.replace("/checkout", "/orders"), "the service frontend and the route /orders at once"),
    "objective's field": (GOOD, "good: {when: {faild: 0}}", "has no field 'faild'; did you mean 'failed'?"),
    "too slow to be true": (GOOD, "good: {faster: 2h}", "it can never be violated: nothing takes 2h in a run; lower"),
    "always good": (GOOD, "good: {when: {service: frontend}}", "never be violated: every event that counts is good"),
    "window": ("window: 5m", "window: 3h", "the window of 3h is longer than the run, which lasts 40m; shorten it"),
    "rule": (f"rule: {NAME}", "rule: CheckoutSlo", "no rule is called 'CheckoutSlo'; did you mean 'CheckoutSlow'?"),
    "file of rules": ("expectations:", "rules: [my-recordings]\nexpectations:", "no rule is called 'my-recordings'"),
}  # fmt: skip

SAMPLED = ("--out", "run", "--only", "prometheus.metrics")
REFUSED = {
    "expression": ("rate(", "rat(", f"{NAME}.yml:7:15: this is not PromQL: "),
    "key": ("expr:", "exp:", f"{NAME}.yml:7:9: a rule has no field 'exp'; did you mean 'expr'?"),
    "template": ("$labels.job", "$label.job", f"{NAME}.yml:13:11: 'summary' is not a template: undefined variable"),
    "duration": ("for: 1m", "for: soon", f"{NAME}.yml:10:14: "),
    "name": ("alert: CheckoutSlow", "record: checkout slow", f"{NAME}.yml:12:9: annotations is for alerts"),
    "YAML": ("groups:", "groups: [", f"{NAME}.yml:"),
}  # fmt: skip


@pytest.fixture
def outage(here):
    """The starter of an incident, to be changed: returns what writes it."""

    def write(*changes: tuple[str, str], rules: str = starter_rules(NAME, "incident")) -> None:
        text = starter(NAME, "incident")
        for old, new in changes:
            assert text.count(old) >= 1, old
            text = text.replace(old, new, 1)
        (here / f"{NAME}.yaml").write_text(text)
        (here / RULES).write_text(rules)

    write()
    return write


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_named_with_its_place_before_anything_is_played(feint, here, outage, old, new, said):
    outage((old, new))

    complaint = feint("play", FILE, "--out", "run").complaint(2)

    assert re.match(rf"{NAME}\.yaml:\d+:\d+: ", complaint)
    assert said in complaint
    assert not (here / "run").exists()
    assert complaint in feint("check", FILE).err


def test_an_effect_needs_a_world_with_systems(feint, outage):
    text = starter(NAME, "incident")
    systems = text[text.index("  systems:") : text.index("# What people are promised")]
    objectives = text[text.index("objectives:") : text.index("# What goes wrong")]
    outage((systems, "  hosts: [{name: checkout, os: linux}]\n\n"), (objectives, ""))

    said = feint("play", FILE, "--out", "run").err.splitlines()

    assert any("the effect 'latency' needs a world with `systems`, such as {services: …}" in line for line in said)
    assert all(re.match(rf"{NAME}\.yaml:\d+:\d+: ", line) for line in said)


def test_a_response_to_what_is_not_there_is_named_where_it_is_said_and_where_it_is_used(feint, outage):
    outage(("{what: checkout,", "{what: chekout,"))

    first, second = feint("play", FILE, "--out", "run").err.splitlines()

    assert "`until`: 'roll_back' is done to chekout" in first
    assert second.endswith(
        "response 'roll_back': nobody of the cast and no part of the world's systems is called 'chekout'; "
        "did you mean 'checkout'?"
    )


def test_responses_that_were_given_to_nobody_there_are_refused(feint, here, outage):
    (here / "responses.yaml").write_text("responses: [{at: +20m, do: roll_back, what: frontend}]\n")

    complaint = feint("play", FILE, "--out", "run", "--responses", "responses.yaml").complaint(2)

    assert re.match(r"responses\.yaml:1:\d+: ", complaint)


@pytest.mark.parametrize(("old", "new", "said"), REFUSED.values(), ids=REFUSED)
def test_an_expected_file_that_prometheus_would_refuse_is_bad_input_and_says_where(feint, outage, old, new, said):
    rules = starter_rules(NAME, "incident")
    assert old in rules
    outage(rules=rules.replace(old, new, 1))

    ended = feint("play", FILE, *SAMPLED)

    (complaint,) = [line for line in ended.err.splitlines() if line.startswith("feint: ")]
    assert ended.code == 2
    assert said in complaint
    assert "did not run: " in complaint


def test_so_is_one_that_the_playbook_only_names(feint, here, outage):
    outage(("expectations:", "rules: [others, routes]\nexpectations:"))
    (here / "rules" / "others.yml").write_text("groups: [{name: g, rules: [{record: a:b, expr: sum(}]}]\n")
    (here / "rules" / "routes.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: a}]\n")

    ended = feint("play", FILE, *SAMPLED)

    said = [line for line in ended.err.splitlines() if line.startswith("feint: ")]
    assert ended.code == 2
    assert any("others.yml:1:" in line for line in said)
    assert any("routes.yml:1:19: there is no receiver 'nobody'" in line for line in said)


def test_among_rules_that_somebody_chose_a_bad_file_is_named_and_stops_no_other(feint, here, outage):
    (here / "chosen").mkdir()
    (here / "chosen" / "bad.yml").write_text("groups: [{name: g, rules: [{record: a:b, expr: sum(}]}]\n")
    (here / "chosen" / f"{NAME}.yml").write_text(starter_rules(NAME, "incident"))

    ended = feint("play", FILE, *SAMPLED, "--rules", "chosen")

    assert ended.code == 0
    assert "2 of 2 expectations met" in ended.out
    assert any("bad.yml:1:" in line for line in ended.err.splitlines())


def test_a_chosen_file_that_prometheus_would_refuse_is_bad_input_where_no_other_ran(feint, here, outage):
    (here / "bad.yml").write_text("groups: [{name: g, rules: [{record: a:b, expr: sum(}]}]\n")

    ended = feint("play", FILE, *SAMPLED, "--rules", "bad.yml")

    assert ended.code == 2
    assert "bad.yml:1:" in ended.err


def test_labels_with_too_many_values_end_the_run_and_say_whose_they_are(feint, here, outage):
    routes = "".join(f"            GET /page/{n}: {{p50: 8ms}}\n" for n in range(210))
    traffic = "".join(f"        - {{to: frontend GET /page/{n}, arrivals: {{poisson: 60/h}}}}\n" for n in range(210))
    outage(("            POST /checkout:\n", f"{routes}            POST /checkout:\n"),
           ("        - {to: frontend POST", f"{traffic}        - {{to: frontend POST"))  # fmt: skip

    complaint = feint("play", FILE, "--out", "run").complaint(2)

    assert re.match(rf"{NAME}\.yaml:23:7: metric '[a-z.]+': ", complaint)
    assert "its label 'route' has more than 200 values, of them '/page/" in complaint
    assert "give the events fewer, or record with other renderers (--only)" in complaint
    assert not (here / "run").exists()
