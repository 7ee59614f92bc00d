"""Expressions, evaluated here and by a real Prometheus over the same series: the same labels, steps and values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings

from simulator_prometheus.promql.errors import NotEvaluatedError, PromQLError
from simulator_prometheus.promql.expressions import parsed
from tests.prometheus.promql.grammar import vectors
from tests.prometheus.promql.reference import HOUR, MINUTE, START, Both, both, series
from tests.prometheus.promql.verdicts import NOT_EVALUATED, TEXTS

TIMES = np.arange(START + 3 * MINUTE + 7_000, START + HOUR + 10 * MINUTE, 37_000)

EXPRESSIONS = """\
requests_total
requests_total{job="shop",code!="200"}
requests_total{instance=~"a|d",code!~"4.."}
{__name__=~"up|build_.*"}
{job="shop",le=""}
temperature{nothing=~".*",room!=""}
requests_total offset 2m
requests_total offset -2m
lonely @ 1700001000
lonely @ start() or lonely @ end()
requests_total @ 1700001000 offset 1m
lonely
-temperature
-(temperature{room="hall"} + 1)
temperature * 2 - 1
2 ^ (limit - 20) * 3 % 7
100 - limit
temperature{floor="0"} atan2 limit{room=~"hall|kitchen"}
temperature > 21
21 >= temperature
temperature != bool 20
1 == bool 2
temperature > on(room) limit
temperature > bool on(room) limit
temperature / ignoring(floor) limit
temperature - on(room) group_left limit
limit * on(room) group_right(floor) temperature
requests_total * on(instance) group_left(version) build_info
requests_total / ignoring(code) group_left requests_total{code="200"}
requests_total == ignoring(code) group_left requests_total{code="200"}
sum by (instance) (rate(requests_total{code="500"}[5m])) / sum by (instance) (rate(requests_total[5m]))
requests_total and on(instance) (up == 1)
requests_total unless on(instance) up
up or requests_total
temperature{floor="0"} or limit
lonely or on() vector(0)
up * 0 or up + 1
rate(requests_total[5m])
rate(requests_total[40s])
rate(requests_total[5m] offset 3m)
rate(requests_total[5m] @ 1700001500)
increase(requests_total[90s])
irate(requests_total[2m])
idelta(temperature[2m])
delta(temperature[5m])
deriv(temperature{room!="attic"}[5m])
deriv(level[5m])
predict_linear(temperature{floor="0"}[5m], 600)
predict_linear(temperature{floor="0"}[5m] offset 1m, 60)
changes(temperature[5m])
resets(requests_total[10m])
avg_over_time(temperature[3m])
min_over_time(temperature[3m])
max_over_time(temperature[3m])
sum_over_time(temperature[3m])
count_over_time(requests_total[3m])
quantile_over_time(0.3, temperature[3m])
quantile_over_time(1.5, temperature[3m])
stddev_over_time(temperature[3m])
stdvar_over_time(level[3m])
last_over_time(lonely[10m])
first_over_time(requests_total[4m])
present_over_time(lonely[2m])
absent_over_time(lonely{x="y"}[2m])
absent_over_time(lonely[2m])
absent(lonely{job="shop",job!="mail",kind="x"})
absent(sum(lonely))
sum(requests_total)
sum by (job, code) (requests_total)
sum without (instance) (requests_total)
avg by (job) (requests_total)
avg(temperature)
min by (floor) (temperature)
max without (room) (temperature)
count by (__name__) ({job="shop"})
group by (job) (requests_total)
stddev by (code) (requests_total)
stdvar(level)
stdvar(temperature)
quantile by (floor) (0.7, temperature)
quantile(scalar(lonely) / 10, requests_total)
topk(2, requests_total)
topk by (job) (1, requests_total + on(instance, code) group_left rate(requests_total[5m]))
bottomk(2, temperature{room!="attic"})
topk(0, temperature)
count_values("value", round(temperature))
count_values by (floor) ("value", round(temperature, 5))
count_values without (room) ("floor", round(temperature, 10))
histogram_quantile(0.9, rate(seconds_bucket[5m]))
histogram_quantile(0.5, sum by (le, job) (rate(seconds_bucket[5m])))
histogram_quantile(0.99, seconds_bucket)
histogram_quantile(0.1, sum by (le) (seconds_bucket))
histogram_quantile(1, seconds_bucket) or histogram_quantile(0, seconds_bucket)
histogram_quantile(2, seconds_bucket{le!="+Inf"})
histogram_quantile(0.5, seconds_bucket{le!="+Inf"})
histogram_fraction(0.2, 0.7, seconds_bucket)
histogram_fraction(-1, 5, rate(seconds_bucket[5m]))
max_over_time(rate(requests_total[1m])[5m:30s])
avg_over_time(temperature{room!="attic"}[10m:])
sum_over_time((temperature > 20)[10m:1m] offset 1m)
rate(sum by (job) (requests_total)[5m:15s])
min_over_time(rate(requests_total[1m])[5m:1m] @ end())
count_over_time(vector(time())[5m:13s])
last_over_time(max_over_time(lonely[1m:10s])[3m:1m])
clamp(temperature, 19, 21)
clamp_min(temperature, 20) + clamp_max(temperature, 20)
clamp(temperature, 21, 19)
round(temperature, 0.3)
abs(temperature) + ceil(temperature) - floor(temperature)
exp(temperature / 10) + ln(temperature) + log2(temperature) + log10(temperature)
sqrt(temperature) + sgn(temperature)
sin(temperature) + cos(level) + tan(level) or asin(level / 4) + acos(level / 4) + atan(level)
sinh(level) + cosh(level) + tanh(level) + asinh(level) + acosh(level) + atanh(level / 4) + deg(level) + rad(level)
label_replace(requests_total, "where", "$2-${1}x$$", "instance", "(a|b)(.*)")
label_replace(up, "version", "v$name", "instance", "(?P<name>[ab])")
label_replace(up, "job", "", "instance", "a")
label_replace(up, "__name__", "down_$1", "instance", "(.)")
label_join(requests_total, "all", "-", "job", "missing", "code")
time()
time() - timestamp(lonely)
timestamp(lonely + 1) - timestamp(lonely @ 1700000300)
vector(time()) + scalar(lonely)
scalar(temperature)
minute() + hour() + day_of_week() + day_of_month() + day_of_year() + month() + year() + days_in_month()
minute(clock) + 100 * hour(clock) + 10000 * day_of_week(clock)
day_of_month(clock) + 100 * day_of_year(clock) + 100000 * days_in_month(clock)
month(clock) + year(clock) * 100
sort(temperature) + pi()
sort_desc(level)
1 + 2 * 3 ^ 2 ^ 0.5 % 4 - -1
Inf - Inf
sum(NaN * temperature) or vector(-Inf)
{__name__=~"temperature|limit",room="hall"} * 0 > -1
""".splitlines()

WRONG = """\
temperature + on(floor) limit
temperature / on(floor) group_left limit
limit * on() group_right temperature
temperature{floor="0"} + on() limit{room="hall"}
requests_total * on(instance) group_left(code) up
up + on(job) requests_total
label_replace(up, "instance", "x", "", "")
label_replace(up, "", "x", "", "")
label_join(up, "instance", "")
label_replace(up, "x", "y", "instance", "(")
abs({__name__=~"limit|spare"})
rate({__name__=~"limit|spare"}[5m])
-{__name__=~"limit|spare"}
{__name__=~"limit|spare"} * 2
{__name__=~"limit|spare"} > bool 2
label_replace({__name__=~"limit|spare"}, "__name__", "one", "", "")
topk(NaN, temperature)
topk(1e30, temperature)
requests_total * on(instance) group_left(code) build_info
sum_over_time((temperature + on(floor) limit)[5m:1m])
""".splitlines()


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with both(tmp_path_factory.mktemp("prometheus"), series()) as held:
        yield held


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_gives_what_prometheus_gives(held: Both, text: str):
    assert held.differences(text, TIMES) == ""


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_matched_is_refused_in_the_words_of_prometheus(held: Both, text: str):
    assert held.ours(text, TIMES).error
    assert held.differences(text, TIMES) == ""


@pytest.mark.parametrize("text", TEXTS)
def test_prometheus_takes_what_is_taken_here_and_nothing_else(held: Both, text: str):
    assert held.takes(text) == taken(text)


@pytest.mark.parametrize("text", NOT_EVALUATED)
def test_what_only_prometheus_takes_is_refused_by_name(held: Both, text: str):
    assert held.takes(text)
    with pytest.raises(NotEvaluatedError):
        parsed(text)


def taken(text: str) -> bool:
    try:
        parsed(text)
    except NotEvaluatedError:
        raise
    except PromQLError:
        return False
    return True


@settings(max_examples=150)
@given(vectors())
def test_any_expression_gives_what_prometheus_gives(held: Both, text: str):
    assert held.takes(text)
    assert held.differences(text, TIMES, labels="topk" not in text and "bottomk" not in text) == ""
