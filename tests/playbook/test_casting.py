"""What a playbook's text becomes: a cast, times, and emissions whose fields all have a generator."""

from __future__ import annotations

import pytest

from simulator.errors import UsageError
from simulator.events.columns import Coded, Durations, Integers
from simulator.playbook.planning.casting import cast_playbook
from simulator.quantities import SECOND
from simulator.timeline.arrivals import Burst, Offsets, Once, Poisson, Profile, Steps
from simulator.timeline.engine import Timeline
from simulator.timeline.field_generators import Drawn, Member, Parent, Value, Varied
from simulator.world.model import Host, User

HOUR = 3600 * SECOND
ONE_STEP = """\
storyline:
  - step: one
    title: One
    at: +1h
    emissions:
"""


def emission(text: str, *before: str) -> str:
    return "\n".join(before) + "\n" + ONE_STEP + "".join(f"      {line}\n" for line in text.splitlines())


def emissions(casting) -> dict:
    return {each.path: each for each in casting.plan.emissions()}


def rows(casting) -> dict[str, list[dict]]:
    """Play a casting and return what happened, by emission: small ones only."""
    timeline = Timeline(casting.plan)
    found: dict[str, list[dict]] = {}
    for window in timeline.windows():
        for batch in window.batches:
            path = timeline.emissions[batch.emission].path
            for row, time in enumerate(batch.times):
                columns = {name: column.row(row) for name, column in batch.columns.items()}
                found.setdefault(path, []).append({"time": int(time), **columns})
    return found


def test_the_same_seed_casts_the_same_and_another_does_not(load):
    playbook = load("cast: {a: {outsider: {}}, b: {host: {}}}\nstoryline: []\n")

    assert cast_playbook(playbook, 7).cast == cast_playbook(playbook, 7).cast
    assert len({cast_playbook(playbook, seed).cast["a"].name for seed in range(40)}) == 5


def test_members_of_the_cast_are_distinct(load):
    playbook = load("cast: {a: {host: {}}, b: {host: {role: web}}, c: {host: {names: [web2]}}}\nstoryline: []\n")

    for seed in range(20):
        cast = cast_playbook(playbook, seed).cast
        assert cast["b"].name == "web1"
        assert {each.name for each in cast.values()} == {"web1", "web2", "desk1"}


def test_a_host_of_a_user_is_the_one_they_sit_at(load):
    playbook = load("cast: {desk: {host: {of: $victim}}, victim: {user: {department: sales}}}\nstoryline: []\n")

    for seed in range(10):
        cast = cast_playbook(playbook, seed).cast
        assert (cast["victim"].name, cast["desk"].name) == ("ann", "desk1")  # bob has no desk


def test_adding_to_the_cast_moves_nobody_who_is_drawn_from_others(load):
    one = load("cast: {a: {outsider: {}}}\nstoryline: []\n")
    cast = [cast_playbook(one, seed).cast["a"] for seed in range(10)]
    two = load("cast: {a: {outsider: {}}, b: {host: {}}}\nstoryline: []\n")

    assert [cast_playbook(two, seed).cast["a"] for seed in range(10)] == cast


def test_names_stand_for_parameters_cast_and_attributes_everywhere(load):
    text = emission(
        "- event: http.request\n"
        "  arrivals: {burst: {count: $many, over: $long}}\n"
        "  with: {host: $target, source: $a, path: /x, query: 'from={{ a.ip }}&n={{ many }}', method: $word,\n"
        "         referrer: $a.country, user_agent: $$literal}",
        "parameters:",
        "  many: {type: integer, default: 3}",
        "  long: {type: duration, default: 10m}",
        "  word: {type: choice, default: GET, values: [GET, PUT]}",
        "cast: {a: {outsider: {}}, target: {host: {names: [web2]}}}",
    )
    casting = cast_playbook(load(text), 1, {"many": "2", "word": "PUT"})

    found = rows(casting)["storyline/one/http.request"]

    assert len(found) == 2
    address = casting.cast["a"].ip
    assert {(each["host"].name, each["source"].ip, each["query"]) for each in found} == {
        ("web2", address, f"from={address}&n=2")
    }
    assert {(each["method"], each["referrer"], each["user_agent"]) for each in found} == {("PUT", "NL", "$literal")}


def test_parameters_reach_into_the_world_and_the_cast(load):
    parameters = "parameters: {scale: {type: number, default: 0.5}, part: {type: text, default: bastion}}\n"
    playbook = load(
        parameters + "cast: {a: {host: {role: $part}}}\nstoryline: []\n",
        world="world: {use: small-office, activity: $scale}\n",
    )

    def expected(casting) -> float:
        return Timeline(casting.plan).expected_events()

    assert cast_playbook(playbook, 1).cast["a"].name == "bastion"
    assert cast_playbook(playbook, 1, {"part": "ci"}).cast["a"].name == "ci1"
    assert expected(cast_playbook(playbook, 1, {"scale": "1"})) > 1.3 * expected(cast_playbook(playbook, 1))


def test_every_field_has_a_generator_in_an_order_that_can_be_played(load):
    text = emission("- {event: process.started, with: {host: web1, user: ann, image: '/bin/{{ integrity }}'}}")
    (found,) = cast_playbook(load(text), 1).plan.emissions()

    assert set(found.fields) == {field.name for field in found.event.fields}
    order = list(found.fields)
    assert order.index("integrity") < order.index("image") < order.index("command_line")
    assert found.fields["integrity"] == Value("Medium")


def test_a_follow_up_keeps_what_it_shares_with_its_parent(load):
    text = emission(
        "- event: ssh.login_succeeded\n"
        "  with: {host: web1, source: stranger-1, user: ann}\n"
        "  then:\n"
        "    - {event: process.started, after: 5s, with: {image: /bin/sh, user: root}}\n"
        "    - {event: ssh.session_closed, after: {uniform: {min: 1m, max: 2m}}, probability: 50%}"
    )
    found = emissions(cast_playbook(load(text), 1))
    login = "storyline/one/ssh.login_succeeded"

    assert found[f"{login}/process.started"].fields["host"] == Parent("host")
    assert found[f"{login}/process.started"].fields["user"] == Value(User("root", known=False))
    assert found[f"{login}/ssh.session_closed"].fields["pid"] == Parent("pid")
    assert found[f"{login}/ssh.session_closed"].follow.probability == 0.5


def test_an_emission_for_each_member_and_one_of_several_variants(load):
    text = emission(
        "- event: http.request\n"
        "  arrivals: {offsets: [0s, 1s, 2s, 3s]}\n"
        "  for_each: {host: {role: web}}\n"
        "  with: {source: stranger-1, method: POST}\n"
        "  one_of:\n"
        "    - {weight: 3, with: {path: /a, status: 404}}\n"
        "    - {with: {path: /b, method: PUT}}"
    )
    casting = cast_playbook(load(text), 1)
    (found,) = casting.plan.emissions()

    assert isinstance(found.fields["host"], Member)
    assert [host.name for host in found.members[1]] == ["web1", "web2"]
    assert found.fields["method"] == Varied((Value("POST"), Value("PUT")))
    played = rows(casting)[found.path]
    assert len(played) == 8
    assert {(each["path"], each["status"], each["method"]) for each in played} <= {
        ("/a", 404, "POST"),
        ("/b", 200, "PUT"),
    }


def test_weighted_values_may_be_numbers(load):
    text = emission(
        "- event: http.request\n"
        "  with: {host: web1, source: stranger-1, path: /, status: {choice: {200: 3, 404: 1}},\n"
        "         bytes: {integer: {min: 5, max: 9}}, duration: 250ms}"
    )
    (found,) = cast_playbook(load(text), 1).plan.emissions()

    assert (found.fields["status"].values, found.fields["status"].weights) == ((200, 404), (3, 1))
    assert found.fields["duration"] == Value(250_000_000)
    assert isinstance(found.fields["bytes"], Drawn) or found.fields["bytes"].min == 5


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("once", Once()),
        ("{offsets: [5m, 0s]}", Offsets((300 * SECOND, 0))),
        ("{poisson: 2/s}", Poisson(2.0)),
        ("{poisson: {rate: 120/min}}", Poisson(2.0)),
        ("{profile: {rate: 3600/h, shape: web}}", Profile(1.0, "web")),
        ("{burst: {count: 5, over: 1m}}", Burst(5, 60 * SECOND)),
    ],
)
def test_arrivals_have_a_long_and_a_short_form(load, written, made):
    text = emission(
        f"- {{event: ssh.login_failed, arrivals: {written}, with: {{host: web1, source: stranger-1, user: ann}}}}"
    )

    assert cast_playbook(load(text), 1).plan.roots[0].arrivals == made


def test_steps_are_at_their_time_or_after_another_one(load):
    text = """\
storyline:
  - {step: last, title: L, after: {step: middle, delay: 1m}, for: 10m, emissions: []}
  - step: middle
    title: M
    after: {step: first}
    emissions:
      - {event: ssh.login_failed, arrivals: {burst: {count: 1, over: 5m}}, with: {host: web1, source: desk1, user: x}}
  - {step: first, title: F, at: +1h, jitter: 30m, for: 20m, emissions: []}
"""
    playbook = load(text)
    for seed in range(5):
        casting = cast_playbook(playbook, seed)
        times = {step.id: (step.start - casting.plan.span.start, step.end - step.start) for step in casting.steps}
        first = times["first"][0]
        assert HOUR <= first < HOUR * 3 // 2
        assert times["first"][1] == 20 * 60 * SECOND
        assert times["middle"] == (first + 1200 * SECOND, 300 * SECOND)
        assert times["last"] == (first + 1560 * SECOND, 600 * SECOND)
    assert len({cast_playbook(playbook, seed).steps[2].start for seed in range(5)}) == 5


def test_activity_scales_rates_and_counts_of_the_world_s_background_alone(load, tmp_path):
    emission_text = "event: ssh.login_failed, with: {host: web1, source: stranger-1, user: x}"
    world = f"""\
domain: trial.example
networks: {{lan: 10.9.0.0/24}}
hosts: [{{name: web1, os: linux}}]
outsiders: [{{name: stranger-1}}]
witnesses: [{{renderer: linux.auth_log}}]
background:
  - {{id: a, arrivals: {{poisson: 2/s}}, {emission_text}}}
  - {{id: b, arrivals: {{burst: {{count: 10, over: 1h}}}}, {emission_text}}}
  - {{id: c, arrivals: {{steps: [{{at: 0s, rate: 1/s}}]}}, {emission_text}}}
  - {{id: d, arrivals: {{every: 1m}}, {emission_text}}}
"""
    (tmp_path / "tiny.yaml").write_text(world)
    text = f"background:\n  - {{arrivals: {{poisson: 2/s}}, {emission_text}}}\nstoryline: []\n"

    found = emissions(cast_playbook(load(text, world="world: {use: ./tiny.yaml, activity: 0.5}\n"), 1))

    assert found["world/a"].arrivals == Poisson(1.0)
    assert found["world/b"].arrivals == Burst(5, HOUR)
    assert isinstance(found["world/c"].arrivals, Steps)
    assert found["world/c"].arrivals.rates[0].rate == 0.5
    assert found["world/d"].arrivals.period == 60 * SECOND
    assert found["background/ssh.login_failed"].arrivals == Poisson(2.0)


def test_what_is_played_is_what_was_written(load):
    text = emission(
        "- event: network.connection\n"
        "  arrivals: {burst: {count: 50, over: 10m}}\n"
        "  with: {host: web1, destination: stranger-2, destination_port: {choice: [80, 443]},\n"
        "         duration: {uniform: {min: 1ms, max: 2ms}}}\n"
        "  then:\n"
        "    - {event: network.connection, id: again, after: 1s, when: {destination_port: 443},\n"
        "       with: {destination: $parent.source, destination_port: 80}}"
    )
    casting = cast_playbook(load(text), 3)
    found = rows(casting)
    first = found["storyline/one/network.connection"]

    assert len(first) == 50
    assert all(isinstance(each["host"], Host) and each["source"] == each["host"] for each in first)
    assert all(1_000_000 <= each["duration"] <= 2_000_000 for each in first)
    again = found["storyline/one/network.connection/again"]
    assert len(again) == sum(each["destination_port"] == 443 for each in first)
    assert {each["destination"].name for each in again} == {"web1"}


def test_columns_have_the_kinds_of_their_fields(load):
    text = emission("- {event: http.request, with: {host: web1, source: stranger-1, path: /}}")
    timeline = Timeline(cast_playbook(load(text), 1).plan)
    columns = next(batch.columns for window in timeline.windows() for batch in window.batches)

    assert isinstance(columns["status"], Coded)
    assert isinstance(columns["bytes"], Integers)
    assert isinstance(columns["duration"], Durations)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"many": "x"}, "--set many=x: expected a whole number, not the text 'x'"),
        ({"many": "1.5"}, "--set many=1.5: expected a whole number, not the number 1.5"),
        ({"many": "0"}, "--set many=0: 0 is out of range; it goes from 1 to 9"),
        ({"many": "10"}, "--set many=10: 10 is out of range; it goes from 1 to 9"),
        ({"mny": "1"}, "--set mny=1: the playbook has no parameter 'mny'; did you mean 'many'?"),
        ({"long": "10"}, "--set long=10: '10' is not a duration"),
        ({"long": "3h"}, "--set long=3h: 3h is out of range; it goes to 2h"),
        ({"part": "2"}, "--set part=2: 2 is not a probability"),
        ({"word": "POST"}, "--set word=POST: expected one of GET, PUT, not the text 'POST'"),
    ],
)
def test_what_is_set_obeys_type_and_range(load, given, said):
    playbook = load(
        "parameters:\n"
        "  many: {type: integer, default: 3, min: 1, max: 9}\n"
        "  long: {type: duration, default: 10m, max: 2h}\n"
        "  part: {type: share, default: 20%}\n"
        "  word: {type: choice, default: GET, values: [GET, PUT]}\n"
        "storyline: []\n"
    )

    with pytest.raises(UsageError) as raised:
        cast_playbook(playbook, 1, given)
    assert said in str(raised.value)


def test_a_value_that_was_set_is_checked_where_it_is_used(load):
    text = emission(
        "- event: ssh.login_failed\n  with: {host: web1, source: stranger-1, user: ann}\n"
        "  then: [{event: ssh.disconnected, probability: $often}]",
        "parameters: {often: {type: number, default: 0.5}}",
    )

    with pytest.raises(UsageError, match=r"trial\.yaml:\d+:\d+: 3 is not a probability"):
        cast_playbook(load(text), 1, {"often": "3"})
