"""Reading expressions: whatever the text, there is an expression or one sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator_prometheus.promql.errors import NotEvaluatedError, PromQLError
from simulator_prometheus.promql.expressions import parsed
from simulator_prometheus.promql.nodes import Binary, Call, Matching, RangeSelector, Selector, Subquery
from simulator_prometheus.promql.series import Matcher
from tests.prometheus.promql.verdicts import NOT_EVALUATED, TEXTS


def test_an_expression_is_read_into_nodes():
    expression = parsed('rate(x{a!~"b"}[1m] offset -2s) > bool on(c) group_left(d) y @ 1.5')

    left = Call("rate", (RangeSelector(Selector(matchers("x", Matcher("a", "!~", "b")), -2_000, None), 60_000),))
    right = Selector(matchers("y"), 0, 1_500)
    assert expression.root == Binary(
        ">", left, right, Matching(("c",), on=True, many="left", include=("d",)), as_bool=True
    )
    assert expression.kind == "vector"


def test_a_subquery_without_a_step_has_the_default_one():
    (subquery,) = parsed("sum_over_time(x[5m:] @ end())").root.arguments

    assert subquery == Subquery(Selector(matchers("x"), 0, None), 300_000, None, 0, "end")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("1 + time()", "scalar"), ("-x", "vector"), ("'x'", "string"), ("x[5m]", "range"), ("1 * x", "vector")],
)
def test_the_kind_of_an_expression_is_that_of_its_value(text: str, kind: str):
    assert parsed(text).kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "a" + ")" * 50_000,
        "(" * 900 + "a",
        "-" * 8_000 + "a",
        "a" + "+a" * 8_000,
        "a" + " or a" * 900,
        "abs(" * 300 + "a" + ")" * 300,
        "a" + "^a" * 999,
        "x" * 100_000,
    ],
)
def test_an_expression_as_deep_or_as_long_as_no_one_writes_is_refused(text: str):
    with pytest.raises(PromQLError) as raised:
        parsed(text)

    assert len(str(raised.value)) < 200


def test_a_long_expression_that_someone_may_write_is_read():
    codes = "|".join(str(code) for code in range(100, 1_000))

    parsed(" or ".join(f'rate(x_{number}_total{{code=~"{codes[:200]}"}}[5m]) > 0' for number in range(60)))


@given(st.text(st.sampled_from(list("abx(){}[]\"'`\\+-*/%^=!~<>@:,.#015mse \n")), max_size=40))
def test_any_text_is_an_expression_or_one_sentence(text: str):
    assert "\n" not in complaint(text) or "\n" in text


@given(st.sampled_from(TEXTS + NOT_EVALUATED), st.integers(0, 60), st.sampled_from(list("(){}[]\"'`\\+-@:,# 9")))
def test_an_expression_with_a_slip_is_an_expression_or_one_sentence(text: str, place: int, slip: str):
    assert len(complaint(text[:place] + slip + text[place:])) < 200


@pytest.mark.parametrize("text", NOT_EVALUATED)
def test_what_is_not_evaluated_is_named(text: str):
    with pytest.raises(NotEvaluatedError, match=r"evaluated here|not read here|from 1970|up to \$9"):
        parsed(text)


def complaint(text: str) -> str:
    """Return what is wrong with a text, or nothing. Anything else that is raised is a mistake of ours."""
    try:
        parsed(text)
    except PromQLError as error:
        return str(error)
    return ""


def matchers(name: str, *more: Matcher) -> tuple[Matcher, ...]:
    return (Matcher("__name__", "=", name), *more)
