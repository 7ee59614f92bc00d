"""Texts that Prometheus takes or refuses, and so do we: the corners of the language."""

from __future__ import annotations

TEXTS = r"""
foo[300]
foo offset 30
foo[1h30m] AND bar
SUM BY (a) (foo)
sum by ("a.b") (foo)
sum by (a,) (foo)
{"a.b", c="d"}
foo{"a.b"="c"}
1h
-1h
5m + foo
sum by (on) (foo)
foo{on="a", by="c", offset="x"}
by
offset
start
foo:bar
foo.bar
foo{a=~"\\p{Greek}"}
foo{a=~"a**"}
foo{a=~"a*+"}
foo{a=~"[a&&b]"}
foo{a=~"(?x)a b"}
foo{a=~"a{2000}"}
foo{a=~"(?P<n>a)(?<m>b)"}
foo{a=~"\\d\\w\\b\\z"}
foo{a=~"\\Z"}
foo{a=~"x(?=y)"}
foo{a=~"(a)\\1"}
foo{a=~"[[:alpha:]]"}
foo{a=~"[[:foo:]]"}
foo{a=~"[a--b]"}
foo{a=~"{"}
foo{a=~"a|*"}
foo{a=~"(a{500}){3}"}
foo{a=`b\c"d`}
foo{a=~`\d+`}
foo{a="\n\t\a\x41\101\u00e9\U0001F600"}
foo{a="\q"}
foo{a='\''}
foo{é="a"}
{a!=""}
{a=""}
{}
foo @ 1
foo @ NaN
foo @ 1h
foo offset 1m @ 5
foo[5m:] @ end()
foo @ start() offset -1m
foo[5m:0s]
foo[1d:1m][1h:1m]
((foo))[5m:]
--foo
!foo
1 == 1
1 == bool 1
foo and 1
foo + on(a) group_left() bar
foo + ignoring(a) group_right(b,c) bar
foo and on(a) group_left bar
foo + group_left bar
foo ^ bar ^ baz
foo = bar
0x1F
0b101
017
1e
.5
5.
+Inf
nan
"text"
"a" == "b"
histogram_fraction(0,1,foo)
histogram_quantile(foo, foo)
label_replace(foo,"a","b","c","(")
label_replace(foo,"a","b","c")
label_join(foo,"a","b")
label_join(foo,"a")
scalar(foo)
vector(foo)
time(1)
minute(foo,foo)
clamp(foo, 1)
count_values("a b", foo)
count_values(a, foo)
topk(1, 2)
topk(1, foo) by (a)
sum without (foo)
sum()
limit_ratio(0.5, foo)
rate(foo[5m], 1)
rate((foo[5m]))
rate(foo[5m:1m])
quantile_over_time(foo[5m], 0.5)
holt_winters(foo[5m], 0.5, 0.5)
double_exponential_smoothing(foo[5m], 0.5, 0.5)
pi() * foo
foo # comment
# only
foo bar
foo[5m
foo{a="b"
foo{a}
foo{a="b" c="d"}
foo{,}
foo{a="b",}
foo{a="b",,}
sum by a (foo)
foo[5 m]
foo[1y2w3d4h5m6s7ms]
foo[1.5h]
foo[-5m]
foo offset
1 + 2 > 3
1 + 2 > bool 3
on(a)
sum(sum)
rate(rate[5m])
foo{__name__="bar"}
{__name__="bar",__name__="foo"}
foo{a="1",a="2"}
foo{a="b"}{c="d"}
(foo){a="b"}
foo[5m][5m]
abs(foo[5m])
foo offset 293y
foo[293y]
foo[1e30]
foo[NaN]
foo offset Inf
foo[5m:0xffffffffffffffffff]
foo offset 1e11
foo{a="b" or c="d"}
foo + fill(0) bar
max_of(1,2)
info(foo)
mad_over_time(foo[5m])
sort_by_label(foo, "a")
step()
""".strip().splitlines()
NOT_EVALUATED = r"""
1_000
foo[1m] offset -(5m)
foo[5m+1m]
foo[step()]
foo{a=~"\\Qa.b\\E"}
foo @ -1
foo @ 9e18
foo smoothed
foo[5m] anchored
foo </ 5
histogram_avg(foo)
label_replace(foo, "a", "$10", "b", "(((((((((())))))))))")
""".strip().splitlines()
