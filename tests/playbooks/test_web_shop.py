"""What a sceptical reader looks for in the background of the world web-shop."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

REQUEST = re.compile(r'^(\S+) - \S+ \[[^]]+\] "(\S+) (\S+) [^"]*" (\d+) (\d+) "[^"]*" "([^"]*)"')


@pytest.fixture(scope="module")
def run(play):
    return play("web-shell", activity=None)


@pytest.fixture(scope="module")
def requests(run):
    return [REQUEST.match(line).groups() for line in run.lines("nginx.access")]


def test_full_size_has_a_thousand_benign_events_for_each_of_the_attack(run):
    truth = run.json("truth.json")

    assert truth["background"]["events"] >= 1000 * sum(step["events"] for step in truth["steps"])
    assert run.json("scorecard.json")["verdict"] == "met"


def test_some_requests_fail_as_on_any_site(requests):
    statuses = Counter(status for *_, status, _, _ in requests)

    assert 0.005 < statuses["404"] / len(requests) < 0.04
    assert 0 < sum(count for status, count in statuses.items() if status >= "500") / len(requests) < 0.002


def test_a_visitor_stays_on_one_server_with_one_browser(run, requests):
    agents = defaultdict(set)
    for source, _, path, _, _, agent in requests:
        if path.startswith(("/tea", "/kettle", "/cart")):
            agents[source].add(agent)
    several = [source for source, seen in agents.items() if len(seen) > 1]

    assert len(agents) > 300
    assert len(several) < 0.02 * len(agents)  # crawlers are few; visitors keep theirs


def test_a_file_has_one_size(requests):
    sizes = defaultdict(set)
    for _, _, path, status, size, _ in requests:
        if path.startswith(("/build/", "/fonts/")) and status == "200":
            sizes[path].add(size)

    assert len(sizes) > 3
    assert all(len(seen) == 1 for seen in sizes.values())


def test_what_is_asked_for_most_is_asked_for_far_more_than_the_rest(requests):
    visits = Counter(source for source, _, path, *_ in requests if path.startswith("/tea"))
    ranked = [count for _, count in visits.most_common()]

    assert ranked[0] > 5 * ranked[len(ranked) // 2]


def test_only_the_web_servers_own_account_and_its_mail_run_below_php(run):
    programs = Counter(
        each["process"]["name"]
        for each in run.records_of("", "linux.ecs")
        if each["event"].get("action") == "exec" and each["user"]["name"] == "www-data"
    )

    assert set(programs) <= {"dash", "exim4"}


def test_names_resolve_to_where_the_machines_are(run):
    answers = {
        (each["query"], answer)
        for each in run.records("zeek.dns")
        if each["query"].endswith(".kettleleaf.example") and each.get("qtype_name") == "A"
        for answer in each.get("answers", [])
    }
    addresses = {
        each["host"]["hostname"]: each["host"]["ip"][0] for each in run.records("linux.ecs") if "ip" in each["host"]
    }

    assert answers
    for name, address in answers:
        if (host := name.partition(".")[0]) in addresses:
            assert addresses[host] == address
