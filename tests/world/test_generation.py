from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from simulator.errors import PlaybookError
from simulator.places import Complaints, Word
from simulator.world.addresses import DOCUMENTATION, DOCUMENTATION_6, mac
from simulator.world.description import Description, HostGroup, OutsiderGroup, UserGroup
from simulator.world.generation import build
from simulator.world.model import Selector


def world(*, hosts=(), users=(), outsiders=(), networks=None, domain="trial.example"):
    complaints = Complaints()
    lan = {name: Word(cidr) for name, cidr in (networks or {"lan": "10.9.0.0/16"}).items()}
    described = Description("trial", "Trial", Word(domain), "TRIAL", lan, tuple(hosts), tuple(users), tuple(outsiders))
    made = build(described, (), complaints)
    complaints.settle()
    return made


def hosts(name="h{n:04}", count=1, **more):
    return HostGroup(name=Word(name), count=count, os=more.pop("os", "linux"), **more)


def test_a_world_is_the_same_every_time_and_adding_at_the_end_moves_nobody():
    small = world(hosts=[hosts(count=5)], outsiders=[OutsiderGroup(name=Word("o{n}"), count=5)])
    large = world(hosts=[hosts(count=9)], outsiders=[OutsiderGroup(name=Word("o{n}"), count=9)])

    assert small == world(hosts=[hosts(count=5)], outsiders=[OutsiderGroup(name=Word("o{n}"), count=5)])
    assert large.hosts[:5] == small.hosts
    assert large.outsiders[:5] == small.outsiders


def test_hosts_have_addresses_of_their_network_and_all_are_different():
    networks = {"lan": "10.9.0.0/22", "dmz": "192.168.7.0/28"}
    made = world(
        hosts=[
            hosts(count=400, network=Word("lan")),
            hosts("gw", network=Word("dmz"), ip=Word("192.168.7.1")),
            hosts("d{n}", count=13, network=Word("dmz")),
        ],
        networks=networks,
    )

    for host in made.hosts:
        assert ip_address(host.ip) in ip_network(networks[host.network])
    assert len({host.ip for host in made.hosts}) == len({host.mac for host in made.hosts}) == len(made.hosts)
    assert len({host.uuid for host in made.hosts}) == len(made.hosts)


def test_outsiders_have_documentation_addresses_and_all_are_different():
    made = world(outsiders=[OutsiderGroup(name=Word("o{n:04}"), count=2000, country="NL")])

    addresses = [ip_address(each.ip) for each in made.outsiders]
    assert len(set(addresses)) == 2000
    assert all(any(address in network for network in (*DOCUMENTATION, DOCUMENTATION_6)) for address in addresses)
    assert sum(address.version == 4 for address in addresses) == 762
    assert all(64496 <= each.asn <= 64511 and each.fqdn.endswith(".example") for each in made.outsiders)


def test_network_cards_are_documentation_s_then_locally_administered():
    assert mac(0, "a") == "00:00:5e:00:53:00"
    assert mac(255, "a") == "00:00:5e:00:53:ff"
    assert mac(256, "a").startswith("02:")
    assert mac(256, "a") != mac(257, "b")


def test_people_get_a_desk_each_and_services_none():
    made = world(
        hosts=[hosts("ws-{n}", count=2, roles=("workstation",), os="windows"), hosts("web", roles=("web",))],
        users=[
            UserGroup(name=Word("svc"), roles=("service",)),
            UserGroup(name=Word("ann")),
            UserGroup(name=Word("visitor"), host=""),
            UserGroup(name=Word("adm"), host=Word("web"), admin=True),
            UserGroup(name=Word("bob")),
            UserGroup(name=Word("cem")),
        ],
    )

    assert {user.name: user.host for user in made.users} == {
        "svc": "", "ann": "ws-1", "visitor": "", "adm": "web", "bob": "ws-2", "cem": "",
    }  # fmt: skip
    assert len({user.sid for user in made.users}) == len(made.users)
    assert len({user.uid for user in made.users}) == len(made.users)


def test_accounts_that_every_system_has_have_their_known_ids():
    made = world(
        users=[
            UserGroup(name=Word("Administrator")),
            UserGroup(name=Word("krbtgt")),
            UserGroup(name=Word("root"), roles=("service", "local")),
        ]
    )
    admin, krbtgt, root = made.users

    assert admin.sid.endswith("-500")
    assert krbtgt.sid.endswith("-502")
    assert (root.uid, root.domain, root.sid) == (0, "", "S-1-0-0")
    assert admin.sid.rpartition("-")[0] == krbtgt.sid.rpartition("-")[0]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"domain": "corp.com"}, "'corp.com' may belong to somebody; end it in .example or .test"),
        ({"networks": {"lan": "8.8.8.0/24"}}, "8.8.8.0/24 is not private"),
        ({"networks": {"lan": "fd00::/64"}}, "fd00::/64 is not private"),
        ({"networks": {"lan": "0.0.0.0/0"}}, "0.0.0.0/0 is not private"),
        ({"hosts": [hosts("a"), hosts("a")]}, "there are two hosts 'a'; rename one"),
        ({"hosts": [hosts("a", count=3)]}, "3 hosts need numbers in their names: a-{n:03}"),
        ({"hosts": [hosts(count=0)]}, "a count is at least 1, not 0"),
        ({"hosts": [hosts(count=19_000), hosts("x{n}", count=2_000)]}, "there are at most 20,000 hosts"),
        ({"hosts": [hosts(count=300)], "networks": {"lan": "10.0.0.0/24"}}, "has no address left; make it larger"),
        ({"hosts": [hosts("a", network=Word("x"))]}, "the world has no network 'x'; there are lan"),
        (
            {"hosts": [hosts("a")], "networks": {"a": "10.0.0.0/24", "b": "10.1.0.0/24"}},
            "a host needs 'network', one of",
        ),
        ({"users": [UserGroup(name=Word("a"), host=Word("x"))]}, "the world has no host 'x'"),
        ({"outsiders": [OutsiderGroup(name=Word("a"), ip=Word("9.9.9.9"))]}, "9.9.9.9 may belong to somebody"),
        ({"outsiders": [OutsiderGroup(name=Word("a"), ip=Word("x"))]}, "'x' is not an IP address"),
        ({"outsiders": [OutsiderGroup(name=Word("a"), fqdn=Word("a.org"))]}, "'a.org' may belong to somebody"),
        ({"outsiders": [OutsiderGroup(name=Word("a"), asn=15169)]}, "AS 15169 may belong to somebody"),
    ],
)
def test_what_could_be_somebody_s_or_does_not_fit_is_refused(told, said):
    with pytest.raises(PlaybookError) as raised:
        world(**told)
    assert said in str(raised.value)


def test_selectors_pick_by_every_given_attribute():
    made = world(
        hosts=[hosts("a", roles=("web", "edge")), hosts("b", os="windows", roles=("web",)), hosts("c")],
        users=[UserGroup(name=Word("x"), department="it", admin=True), UserGroup(name=Word("y"), department="it")],
        outsiders=[OutsiderGroup(name=Word("o"), country="NL")],
    )

    def picked(entities, **wanted):
        return [each.name for each in entities if Selector(**wanted).picks(each)]

    assert picked(made.hosts) == ["a", "b", "c"]
    assert picked(made.hosts, role="web") == ["a", "b"]
    assert picked(made.hosts, role="web", os="linux") == ["a"]
    assert picked(made.hosts, names=("b", "c")) == ["b", "c"]
    assert picked(made.users, department="it", admin=False) == ["y"]
    assert picked(made.outsiders, country="NL") == ["o"]
    assert picked(made.outsiders, os="linux") == []
