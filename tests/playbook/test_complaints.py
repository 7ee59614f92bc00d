"""Each mistake gets a complaint at its place that says what to do next."""

from __future__ import annotations

import pytest

STORY = """\
storyline:
  - step: one
    title: One
    at: +1h
    emissions:
      - """
LOGIN = "event: ssh.login_failed, with: {host: web1, source: stranger-1, user: ann}"
REQUEST = "event: http.request, with: {host: web1, source: stranger-1, path: /"


def is_said(found: list[str], said: str) -> bool:
    """Say whether there is a complaint at a place that begins with one text, and holds the other."""
    where, _, what = said.rpartition(" | ")
    return any(each.startswith(where) and what in each.partition(" | ")[2] for each in found)


@pytest.mark.parametrize(
    ("emission", "said"),
    [
        ("{event: ssh.login_faild}", "ssh.login_faild | no event type is called 'ssh.login_faild'; did you mean"),
        (f"{{evnt: 1, {LOGIN}}}", "evnt: 1, | an emission has no 'evnt'; did you mean 'event'?"),
        ("{with: {}}", "{with: { | an emission needs 'event': what happens: an event type"),
        (REQUEST + ", hots: web1}", "hots: web1 | http.request has no field 'hots'; did you mean 'host'?"),
        ("{event: ssh.login_failed, with: {host: web1, user: ann}}", "needs the field 'source'"),
        (REQUEST + ", status: '200'}", "'200' | 'status' takes a whole number, not the text '200'"),
        (REQUEST + ", method: 5}", "5 | 'method' takes a text, not the number 5; put it in quotes"),
        (REQUEST + ", duration: 5}", "5 | expected a duration such as 90s, 5m, 1h30m or 2d, not the number 5; say its"),
        (REQUEST + ", connection: abc}", "abc | 'connection' takes 34 hexadecimal digits in quotes"),
        (REQUEST + ", method: [GET, PUT]}", "[GET, PUT | 'method' takes one value; to draw one of a list write"),
        (
            "{event: http.request, with: {host: wbe1, source: stranger-1, path: /}}",
            "has no host 'wbe1'; did you mean 'web1'",
        ),
        (
            "{event: http.request, with: {host: web1, source: 8.8.8.8, path: /}}",
            "8.8.8.8 may belong to somebody; take one",
        ),
        (
            "{event: http.request, with: {host: $x, source: 192.0.2.1, path: /}}",
            "called 'x'; text that begins so is written",
        ),
        (REQUEST + ", bytes: {lognormal: {p50: 9}}}", "{p50: 9 | `lognormal` needs 'p99'"),
        (REQUEST + ", bytes: {lognormal: {p50: 9, p99: 3}}}", "`lognormal`: `p50` is more than `p99`; swap them"),
        (REQUEST + ", bytes: {lognormal: {p50: 9s, p99: 10}}}", "9s, p99: 10 | expected a plain number, not the text"),
        (REQUEST + ", duration: {uniform: {min: 9, max: 10}}}", "9, max: 10 | expected a duration such as"),
        (REQUEST + ", bytes: {zipff: [1]}}", "zipff: [1 | no generator is called 'zipff'; there are choice"),
        (
            REQUEST + ", bytes: {pick: {hosts: {}}}}",
            "pick: {hosts: { | `pick` cannot fill 'bytes', which is an integer",
        ),
        (REQUEST + ", bytes: {same: path}}", "an integer such as 'bytes' cannot hold a text"),
        (REQUEST + ", bytes: {hash: [pth]}}", "[pth | http.request has no field 'pth'; did you mean 'path'?"),
        (REQUEST + ", status: {choice: {200: 0}}}", "`choice`: the weights are all 0; give at least one that is not"),
        (REQUEST + ", status: {choice: {values: [1, 2], weights: [1]}}}", "there are 2 values but 1 weights"),
        (
            REQUEST + ", method: {attribute: {of: source, name: contry}}}",
            "no attribute 'contry'; did you mean 'country'?",
        ),
        (REQUEST + ", method: {attribute: {of: path, name: x}}}", "'path' is a text and has no attributes"),
        (REQUEST + ", query: '{{ nope }}'}", "'{{ nope }}' | this template does not compile: nothing is called 'nope'"),
        (REQUEST + ", query: '{% for'}", "this template does not compile"),
        (REQUEST + ", query: '{{ status.__class__ }}'}", "attribute '__class__' is out of reach of a template"),
        (REQUEST + ", query: {same: referrer}, referrer: {same: query}}", "'query' and 'referrer' need each other"),
        (
            REQUEST + ", query: $parent.path}",
            "$parent.path | $parent.path: only a follow-up (under `then`) has a parent",
        ),
        (f"{{{LOGIN}, arrivals: {{busrt: 3}}}}", "busrt: 3 | no arrival process is called 'busrt'; there are once"),
        (f"{{{LOGIN}, arrivals: {{poisson: 3}}}}", "3 | expected a rate such as 40/h, 3/s or 1000/d, not the number 3"),
        (f"{{{LOGIN}, arrivals: {{every: 0s}}}}", "0s | 0s is out of range; it has to be more than 0s"),
        (f"{{{LOGIN}, arrivals: {{burst: {{count: -1, over: 1m}}}}}}", "-1 is out of range; it has to be at least 0"),
        (f"{{{LOGIN}, arrivals: {{profile: {{rate: 1/s, day: [1, 2]}}}}}}", "`day` has 2 numbers; give 24"),
        (f"{{{LOGIN}, until: {{block: stranger-1}}}}", "the playbook has no response 'block' in `responses`"),
        (f"{{{LOGIN}, for_each: {{host: {{}}}}}}", "'host' is both in `for_each` and in `with`; keep one"),
        ("{event: http.request, for_each: {source: {}}, with: {host: web1, path: /}}", "say which: {source: {hosts:"),
        (
            "{event: http.request, for_each: {host: {role: wbe}}, with: {source: stranger-1, path: /}}",
            "did you mean 'web'?",
        ),
        (f"{{{LOGIN}, then: [{{event: sudo.command, arrivals: once}}]}}", "a follow-up has no 'arrivals'"),
        (f"{{{LOGIN}, then: [{{{LOGIN}, probability: 120%}}]}}", "'120%' is not a probability"),
        (f"{{{LOGIN}, then: [{{{LOGIN}, when: {{usr: ann}}}}]}}", "has no field 'usr'; did you mean 'user'?"),
        (f"{{{LOGIN}, then: [{{{LOGIN}, when: {{source_port: ann}}}}]}}", "'source_port' takes a whole number"),
        (
            f"{{{LOGIN}, then: [{{{LOGIN}, excite: {{branching: 1, decay: 1s}}}}]}}",
            "1 is out of range; it has to be at most",
        ),
        (
            f"{{{LOGIN}, then: [{{{LOGIN}}}, {{{LOGIN}}}]}}",
            "two emissions here are called 'ssh.login_failed'; give this",
        ),
        (
            f"{{{LOGIN}, then: [{{event: http.request, with: {{path: $parent.user}}}}]}}",
            "cannot hold $parent.user, a user",
        ),
    ],
)
def test_an_emission(complaints, emission, said):
    if not emission.startswith("{"):
        emission = "{" + emission + "}"

    found = complaints(STORY + emission)

    assert is_said(found, said), found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("storyline: []\nbackground: [{event: http.request}]", "needs 'arrivals', such as {poisson: 40/h}"),
        ("storyline: [{step: a, title: A, emissions: []}]", "a step: give one of `at: +1h` and `after:"),
        (
            "storyline: [{step: a, title: A, at: +5h, emissions: []}]",
            "'a' may begin 5h after the start, but the run lasts",
        ),
        (
            "storyline: [{step: a, title: A, at: 1h, technique: 1110, emissions: []}]",
            "1110, emissions: [ | expected an ATT&CK",
        ),
        ("storyline: [{step: a, title: A, after: {step: a}, emissions: []}]", "'a' waits for 'a', which waits for it"),
        (
            "storyline: [{step: a, title: A, after: {step: b}, emissions: []}]",
            "b}, emissions: [ | no step is called 'b'",
        ),
        (
            "storyline: [{step: a b, title: A, at: 1h, emissions: []}]",
            "a b, title: A, at: 1h, emissions: [ | expected a name",
        ),
        (
            "storyline: []\ndecoys: [{decoy: a, title: A, at: 1h, emissions: []}]",
            "a decoy needs 'because': why it is harmless",
        ),
        ("storyline: []\ncast: {a: {outsider: {country: XX}}}", "no outsiders that this picks; their country is NL"),
        ("storyline: []\ncast: {a: {host: {}, user: {}}}", "give one of host, user, outsider"),
        ("storyline: []\ncast: {a: {host: {of: web1}}}", "`of` takes another member of the cast, such as $victim"),
        (
            "storyline: []\ncast: {a: {host: {role: web}}, b: {host: {role: web}}, c: {host: {role: web}}}",
            "nobody is left who could",
        ),
        ("storyline: []\ncast: {A: {host: {}}}", "A: {host: { | expected a name of small letters"),
        ("storyline: []\ncast: {parent: {host: {}}}", "parent: {host: { | 'parent' is taken by $parent"),
        (
            "parameters: {a: {type: integer, default: 1}}\ncast: {a: {host: {}}}\nstoryline: []",
            "'a' is taken by a parameter",
        ),
        (
            "storyline: []\nparameters: {a: {type: integer, default: 5, min: 7}}",
            "5, min: 7 | 5 is out of range; it goes from 7",
        ),
        ("storyline: []\nparameters: {a: {type: duration, default: 5}}", "expected a duration"),
        (
            "storyline: []\nparameters: {a: {type: choice, default: x, values: [y]}}",
            "expected one of y, not the text 'x'",
        ),
        ("storyline: []\nexpectations: [{rule: ssh-brute-forse}]", "no rule is called 'ssh-brute-forse'"),
        ("storyline: []\nexpectations: [{rule: x, steps: [a]}]", "a | no step is called 'a'"),
        ("storyline: []\nexpectations: [{rule: x, exactly: 1, at_most: 2}]", "give `exactly` alone"),
        ("storyline: []\nresponses: {block: {what: nobody, title: T}}", "nobody of the cast is called 'nobody'"),
        ("storyline: []\nrunbook: runbooks/gone.md", "there is no file 'runbooks/gone.md'"),
        ("storyline: []\ndetection: {interval: 0s}", "0s is out of range; it has to be at least 1s"),
        ("storyline: []\nfoo: 1", "foo: 1 | a playbook has no 'foo'; it has name, title, kind"),
        ("background: []", "a playbook needs 'storyline'"),
    ],
)
def test_a_playbook(complaints, text, said):
    found = complaints(text + "\n")

    assert is_said(found, said), found


@pytest.mark.parametrize(
    ("world", "said"),
    [
        ("small-offise", "small-offise | no world is called 'small-offise'; did you mean 'small-office'?"),
        ("./gone.yaml", "no world is called './gone.yaml'"),
        ("{use: small-office, activity: -1}", "-1 | -1 is out of range; it has to be at least 0"),
        (
            "{use: small-office, witnesses: [{renderer: zeek.con}]}",
            "no renderer is called 'zeek.con'; did you mean 'zeek.conn'?",
        ),
        (
            "{use: small-office, witnesses: [{renderer: zeek.conn, hosts: {os: linux}}]}",
            "watches the network and not a host",
        ),
        ("{use: small-office, witnesses: [{renderer: linux.auditd, hosts: {os: beos}}]}", "is deployed on no host"),
        (
            "{use: small-office, hosts: [{name: a, os: x, network: clinets}]}",
            "no network 'clinets'; did you mean 'clients'?",
        ),
        (
            "{use: small-office, hosts: [{name: ws-001, os: x, network: dmz}]}",
            "there are two hosts 'ws-001'; rename one",
        ),
        (
            "{use: small-office, hosts: [{name: a, os: x, network: dmz, ip: 10.1.1.1}]}",
            "10.1.1.1 is not in the host's network",
        ),
        (
            "{use: small-office, hosts: [{name: a, os: x, network: dmz, count: 2}]}",
            "2 hosts need numbers in their names",
        ),
        (
            "{use: small-office, hosts: [{name: 'a{n}', os: x, network: dmz, count: 99}]}",
            "has no address left; make it larger",
        ),
        ("{use: small-office, users: [{name: a, host: ws-999}]}", "the world has no host 'ws-999'"),
        (
            "{use: small-office, outsiders: [{name: a, ip: 1.1.1.1}]}",
            "1.1.1.1 may belong to somebody; outsiders have addresses",
        ),
        (
            "{use: small-office, outsiders: [{name: a, fqdn: a.com}]}",
            "'a.com' may belong to somebody; end it in .example",
        ),
        (
            "{use: small-office, outsiders: [{name: a, asn: 15169}]}",
            "AS 15169 may belong to somebody; take one from 64496",
        ),
        ("{use: small-office, networks: {x: 8.8.8.0/24}}", "8.8.8.0/24 is not private; take a part of 10.0.0.0/8"),
        ("{use: small-office, networks: {x: 10.0.0.1/24}}", "is not a network; write it like 10.1.0.0/24"),
        ("{domain: corp.com, networks: {}, hosts: [], witnesses: []}", "'corp.com' may belong to somebody"),
        ("{domain: a.example}", "{domain: a.example | a world needs 'networks'"),
        ("[a]", "[a | expected a text, not a list"),
    ],
)
def test_a_world(complaints, world, said):
    found = complaints("storyline: []\n", world=f"world: {world}\n")

    assert is_said(found, said), found


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("name: other", "other | the file is called 'trial'; name the playbook so, or rename the file"),
        ("kind: atack", "atack | expected one of attack, incident, not the text 'atack'; did you mean 'attack'?"),
        ("start: 2026-03-02", "'2026-03-02' is not a time with its offset; write it like 2026-03-02T08:00:00Z"),
        ("start: 2026-03-02T07:00:00", "is not a time with its offset"),
        ("duration: 4", "4 | expected a duration such as 90s, 5m, 1h30m or 2d, not the number 4; say its unit"),
        ("duration: 800d", "800d is out of range; it has to be at most 400d"),
        ("title: 5", "5 | expected a text (in quotes where it looks like something else), not the number 5"),
    ],
)
def test_the_head(complaints, head, said):
    given = {
        "name": "trial", "title": "T", "kind": "attack", "start": "2026-03-02T07:00:00Z", "duration": "4h",
    }  # fmt: skip
    name, _, value = head.partition(": ")
    lines = "".join(f"{key}: {value if key == name else each}\n" for key, each in given.items())

    assert is_said(complaints("storyline: []\n", head=lines), said)


def test_all_mistakes_are_said_in_one_go_and_none_twice(complaints):
    text = """\
cast: {attacker: {outsider: {}}}
background:
  - {event: http.requst, arrivals: {poisson: 1/h}}
  - {event: http.request, arrivals: {poisson: 1}, with: {host: web1, source: $atacker, path: /}}
storyline:
  - {step: a, title: A, at: 1, emissions: []}
  - {step: b, title: B, at: +1h, technique: X, emissions: []}
  - {step: c, title: C, at: +1h, emissions: [{event: http.request, with: {host: $atacker, source: $attacker}}]}
expectations: [{rule: gone}]
"""
    found = complaints(text)

    assert len(found) == 8
    assert len({each.partition(" | ")[0] for each in found}) == 8


def test_what_is_around_a_mistake_is_not_called_wrong(complaints):
    text = "storyline: [{step: a, title: A, at: 1, emissions: []}, {step: b, title: B, at: +1h, emissions: []}]\n"

    (found,) = complaints(text)

    assert "say its unit" in found


def test_a_template_s_line_is_found_in_a_block(complaints):
    text = STORY + "event: powershell.script_block\n        with:\n          host: desk1\n          user: ann\n"
    text += "          script: |\n            one\n            two {{ nope }}\n"

    (found,) = complaints(text)

    assert found.startswith("            two {{ nope }} | this template does not compile")


def test_what_is_no_mapping_is_no_playbook(complaints):
    assert "expected a playbook (a mapping" in complaints("[1]\n", head="", world="")[0]
