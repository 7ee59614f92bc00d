"""junit.xml: what pipelines read, by somebody else's parsers."""

from dataclasses import replace
from xml.dom import minidom
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.reporting.junit import junit_xml


@pytest.fixture
def suites(scorecard):
    return ET.fromstring(junit_xml(scorecard))  # noqa: S314 - we wrote it a line ago


def test_there_is_one_test_case_for_each_expectation_step_and_decoy(suites, scorecard):
    assert suites.tag == "testsuites"
    assert [(suite.get("name"), len(suite.findall("testcase"))) for suite in suites.findall("testsuite")] == [
        ("ssh-brute-force.expectations", len(scorecard.expectations)),
        ("ssh-brute-force.steps", len(scorecard.steps)),
        ("ssh-brute-force.decoys", len(scorecard.decoys)),
    ]


def test_only_an_expectation_that_is_not_met_is_a_failure(suites):
    failed = [case for case in suites.iter("testcase") if case.find("failure") is not None]

    assert [case.get("name") for case in failed] == ["Rule new-user notices guess within 10 m"]
    assert failed[0].find("failure").attrib == {"message": "raised no alert (0 hits)", "type": "not met"}
    assert failed[0].find("failure").text == "raised no alert (0 hits)\nexpected because it always does"


def test_what_was_not_measured_is_skipped_with_the_reason(suites):
    skipped = {
        case.get("name"): case.find("skipped").get("message")
        for case in suites.iter("testcase")
        if case.find("skipped") is not None
    }

    assert skipped == {
        "Rule absent notices guess within 10 m": "is not among the rules that were run",
        "persist: The persist is noticed": "nobody noticed",
        "hide: The hide is noticed": "noticed too late, by Rule noisy",
        "backup: Nightly backup fools no rule": "fooled Rule chatty",
    }


def test_the_totals_are_those_of_the_cases(suites):
    for suite in suites.findall("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
        assert suite.get("errors") == "0"
        assert float(suite.get("time")) == sum(float(case.get("time")) for case in cases)
    for total in ("tests", "failures", "errors"):
        assert int(suites.get(total)) == sum(int(suite.get(total)) for suite in suites)


def test_every_case_has_the_attributes_that_readers_ask_for(suites):
    cases = list(suites.iter("testcase"))

    assert all({"classname", "name", "time"} == case.attrib.keys() for case in cases)
    assert cases[0].get("time") == "252.000"
    assert {suite.get("timestamp") for suite in suites} == {"2026-01-01T00:00:00"}


def test_no_two_cases_have_one_name(scorecard):
    twice = replace(scorecard, expectations=scorecard.expectations[:1] * 3)
    names = [case.get("name") for case in ET.fromstring(junit_xml(twice)).iter("testcase")]  # noqa: S314

    assert len(names) == len(set(names))


def test_an_expectation_to_miss_is_named_as_one(scorecard):
    expectation = replace(scorecard.expectations[0], at_most=0, within=None)
    case = next(ET.fromstring(junit_xml(replace(scorecard, expectations=(expectation,)))).iter("testcase"))  # noqa: S314

    assert case.get("name") == "Rule guessing misses guess"


def test_the_same_scorecard_is_the_same_bytes(scorecard):
    assert junit_xml(scorecard) == junit_xml(replace(scorecard))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=40))
def test_any_text_at_all_makes_a_document_that_parsers_take(scorecard, text):
    odd = replace(scorecard.expectations[1], title=text, reason=text, because=text)
    written = junit_xml(replace(scorecard, playbook=text, expectations=(odd,)))

    minidom.parseString(written)  # noqa: S318
    failure = ET.fromstring(written).find("testsuite/testcase/failure")  # noqa: S314
    if all(letter in "\t\n\r" or " " <= letter < "\ud800" for letter in text):
        assert failure.get("message") == text


def test_control_characters_are_shown_as_their_codes(scorecard):
    odd = replace(scorecard.expectations[1], reason="a\x00b\x1b[31m\uffff")
    failure = ET.fromstring(junit_xml(replace(scorecard, expectations=(odd,)))).find("testsuite/testcase/failure")  # noqa: S314

    assert failure.get("message") == r"a\x00b\x1b[31m\xffff"
