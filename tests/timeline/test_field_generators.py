from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from simulator.errors import UsageError
from simulator.quantities import SECOND, Amount, rate
from simulator.timeline import arrivals
from simulator.timeline import field_generators as generators
from simulator.timeline.distributions import Constant, Exponential, LogNormal, Pareto, Uniform
from simulator.timeline.emission import FollowUp, Repeat, Variant
from simulator.timeline.weights import Weights
from simulator.world.model import Selector
from tests.timeline.jig import follow_up, of_path, plan_of, played, root

NAMES = ("time", "host", "user", "source", "page", "status", "size", "took", "session")


@pytest.fixture
def column(world, day, visit):
    def column_of(name, generator, **more):
        fields = {name: generator, **more.pop("fields", {})}
        emission = root(visit, "e", arrivals.Poisson(rate("400/h")), day, fields=fields, **more)
        return [row[NAMES.index(name)] for row in of_path(played(plan_of(world, day, emission)), "e")]

    return column_of


def test_a_value_is_the_same_in_every_event(column):
    assert set(column("page", generators.Value("/login"))) == {"/login"}
    assert set(column("size", generators.Value(12))) == {12}
    assert set(column("session", generators.Value("00ff00ff00ff00ff"))) == {bytes.fromhex("00ff00ff00ff00ff")}


def test_a_choice_has_its_weights_even_the_rarest(column):
    counted = Counter(column("status", generators.Choice((200, 404, 503), (0.9, 0.09, 0.01))))

    assert counted[404] / counted.total() == pytest.approx(0.09, abs=0.01)
    assert 0.005 < counted[503] / counted.total() < 0.015


def test_zipf_gives_the_first_the_most(column):
    counted = Counter(column("page", generators.Zipf(("/a", "/b", "/c", "/d"), 1.0)))

    assert counted["/a"] / counted["/b"] == pytest.approx(2, rel=0.1)
    assert counted["/a"] / counted["/d"] == pytest.approx(4, rel=0.15)


def test_the_alias_table_is_exact():
    weights = Weights.of([1e-9, 3.0, 1.0, 0.5])

    shares = np.bincount(weights.alias, (1 - weights.keep), 4) + weights.keep
    assert shares / 4 == pytest.approx(np.array([1e-9, 3.0, 1.0, 0.5]) / 4.500000001)


def test_pick_takes_only_what_the_selector_picks(column):
    assert set(column("host", generators.Pick(hosts=Selector(names=("web1", "web2"))))) == {"web1", "web2"}


def test_a_pick_of_nothing_is_refused_by_name(column):
    with pytest.raises(UsageError, match="has nothing that this picks"):
        column("host", generators.Pick(hosts=Selector(role="mainframe")))


def test_an_unknown_host_is_refused_with_a_suggestion(column):
    with pytest.raises(UsageError, match="did you mean 'web1'"):
        column("host", generators.Value("wev1"))


@pytest.mark.parametrize(
    ("distribution", "median", "most"),
    [
        (Constant(Amount(7)), 7, 7),
        (Uniform(Amount(10), Amount(20)), 15, 20),
        (Exponential(Amount(1000), Amount(4000)), 693, 4000),
        (LogNormal(Amount(1000), Amount(9000), max=Amount(30_000)), 1000, 30_000),
        (Pareto(1.1, Amount(100), Amount(5000)), 188, 5000),
    ],
)
def test_a_distribution_has_its_median_and_keeps_its_most(column, distribution, median, most):
    drawn = column("size", generators.Drawn(distribution))

    assert np.median(drawn) == pytest.approx(median, rel=0.1)
    assert max(drawn) <= most == distribution.most


def test_a_counter_counts_through_all_cells(column):
    numbers = column("size", generators.Counter(100, 5))

    assert numbers == list(range(100, 100 + 5 * len(numbers), 5))


def test_a_sticky_value_stays_with_its_entity(world, day, visit):
    pages = generators.Sticky("user", ("/a", "/b", "/c"))
    emission = root(visit, "e", arrivals.Poisson(rate("400/h")), day, fields={"page": pages})

    rows = of_path(played(plan_of(world, day, emission)), "e")

    own = {(row[2], row[4]) for row in rows}
    assert len(own) == len({user for user, _ in own})
    assert len({page for _, page in own}) == 3


def test_a_hash_is_equal_where_its_fields_are(world, day, visit):
    ids = generators.Hash(("user", "host"))
    emission = root(visit, "e", arrivals.Poisson(rate("400/h")), day, fields={"session": ids, "size": ids})

    rows = of_path(played(plan_of(world, day, emission)), "e")

    pairs = {(row[1], row[2]) for row in rows}
    assert len({row[8] for row in rows}) == len({row[6] for row in rows}) == len(pairs)


def test_same_attribute_and_parent_carry_values_between_vocabularies(column):
    homes = column("host", generators.Attribute("user", "host"))
    addresses = column("source", generators.Same("host"))

    assert set(homes) <= {f"web{n}" for n in range(1, 9)}
    assert set(addresses) <= {f"web{n}" for n in range(1, 9)}


def test_fields_that_need_each_other_in_a_circle_are_refused(column):
    with pytest.raises(UsageError, match="size, took need each other in a circle"):
        column("size", generators.Same("took"), fields={"took": generators.Same("size")})


def test_a_text_is_what_jinja_makes_of_the_other_fields(column):
    text = generators.Text("/u/{{ user.name|upper }}/{{ size % 3 }}", ("user", "size"))

    texts = column("page", text, fields={"size": generators.Drawn(Uniform(Amount(0), Amount(8)))})

    assert {part.split("/")[2][:4] for part in texts} == {"USER"}
    assert {part[-1] for part in texts} == {"0", "1", "2"}


def test_a_walk_steps_only_where_it_may(world, day, visit):
    walk = generators.Walk({"/": 1.0}, {"/": {"/search": 0.7, "/cart": 0.3}, "/search": {"/cart": 1.0}})
    repeat = FollowUp(repeat=Repeat(Constant(Amount(4)), Constant(Amount(SECOND))))
    child = follow_up(visit, "e/c", repeat, day, fields={"page": walk, "size": generators.Ordinal(1)})
    emission = root(visit, "e", arrivals.Poisson(rate("100/h")), day, children=(child,))

    visits: dict[bytes, list[tuple[int, str]]] = {}
    for row in of_path(played(plan_of(world, day, emission)), "e/c"):
        visits.setdefault(row[8], []).append((row[6], row[4]))

    paths = Counter(tuple(page for _, page in sorted(steps)) for steps in visits.values() if len(steps) == 4)
    assert set(paths) == {("/", "/search", "/cart", "/cart"), ("/", "/cart", "/cart", "/cart")}
    assert paths["/", "/search", "/cart", "/cart"] / paths.total() == pytest.approx(0.7, abs=0.05)


def test_variants_fill_their_fields_together(world, day, visit):
    pairs = (("/a", 200), ("/b", 404))
    fields = {
        "page": generators.Varied(tuple(generators.Value(page) for page, _ in pairs)),
        "status": generators.Varied(tuple(generators.Value(status) for _, status in pairs)),
    }
    variants = (Variant(3, {}), Variant(1, {}))
    emission = root(visit, "e", arrivals.Poisson(rate("400/h")), day, fields=fields, variants=variants)

    counted = Counter((row[4], row[5]) for row in of_path(played(plan_of(world, day, emission)), "e"))

    assert set(counted) == set(pairs)
    assert counted[pairs[0]] / counted[pairs[1]] == pytest.approx(3, rel=0.1)
