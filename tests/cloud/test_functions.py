"""The log groups of functions."""

# ruff: noqa: E501 - tables of records and patterns, a line each

import re

import pytest

from simulator import Host
from simulator_cloud.formats import LambdaLine
from simulator_cloud.functions import LAMBDA
from tests.plugins.rendering import TAG, rendered_records

RESIZE = Host(
    "resize-a1", "10.40.9.4", "linux", "resize-a1.kettleleaf.example",
    attributes={"service": "resize", "kind": "function", "memory_mb": "1024"},
)  # fmt: skip
TRACE, SPAN = bytes(range(0x10, 0x20)), bytes(range(0xA0, 0xA8))
INVOKED = {
    "host": RESIZE, "service": "resize", "version": "1.4.0", "protocol": "function", "kind": "server",
    "duration": "1200ms", "trace": TRACE, "span": SPAN, "region": "us-east-2",
}  # fmt: skip
COLD = {"cold": 1, "cold_duration": "345.678ms"}
# What log analysis tools look for in a REPORT line.
REPORT = re.compile(
    r"REPORT RequestId: ([0-9a-f-]{36})\tDuration: (\d+\.\d\d) ms\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB"
    r"\tMax Memory Used: (\d+) MB(?:\tInit Duration: (\d+\.\d\d) ms)?(?:\tStatus: (timeout|error))?(?:\tError Type: (\S+))?"
    r"\t\tXRAY TraceId: (1-[0-9a-f]{8}-[0-9a-f]{24})\tSegmentId: ([0-9a-f]{16})\tSampled: true"
)


def lines(**values):
    found = rendered_records(LAMBDA, LambdaLine(), "service.request", INVOKED | values)
    assert all(LambdaLine().is_tagged(LambdaLine().layout.parse(line), TAG) for line in found)
    bare = [line.replace(LambdaLine().tag_text(TAG), "") for line in found]
    return [re.fullmatch(r"/aws/lambda/resize (\S+) (\S+Z) (.*)", line).groups() for line in bare]


def test_an_invocation_starts_ends_and_is_reported():
    (_, _, start), (_, _, end), (_, ended, report) = lines()
    request, duration, billed, size, used, init, status, _, trace, segment = REPORT.fullmatch(report).groups()

    assert start == f"START RequestId: {request} Version: $LATEST"
    assert end == f"END RequestId: {request}"
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", request)
    assert (duration, billed, size, init, status) == ("1200.00", "1200", "1024", None, None)
    assert 0 < int(used) < 1024
    assert trace[2:].replace("-", "") == TRACE.hex()
    assert segment == SPAN.hex()
    assert ended == "2026-03-02T08:00:02.323Z"


def test_a_cold_start_says_what_runtime_it_starts_and_how_long_that_took():
    (_, began, init), (_, started, _), _, (_, _, report) = lines(**COLD)

    assert re.fullmatch(
        r"INIT_START Runtime Version: nodejs:22\.v\d+\tRuntime Version ARN: arn:aws:lambda:us-east-2::runtime:[0-9a-f]{64}",
        init,
    )
    assert (began, started) == ("2026-03-02T08:00:01.123Z", "2026-03-02T08:00:01.469Z")
    assert REPORT.fullmatch(report).group(2, 3, 6) == ("854.32", "1200", "345.67")


@pytest.mark.parametrize(("duration", "billed"), [("1ms", "1"), ("1000001ns", "2"), ("20.5ms", "21")])
def test_a_part_of_a_millisecond_is_billed_as_a_whole_one(duration, billed):
    assert REPORT.fullmatch(lines(duration=duration)[-1][2])[3] == billed


@pytest.mark.parametrize("values", [{"error": "timeout"}, {"error": "504", "status": 504}])
def test_what_takes_too_long_is_said_to_have_timed_out(values):
    (_, _, start), (_, _, late), _, (_, _, report) = lines(failed=1, duration="3s", **values)
    request = start.split()[2]

    assert late == f"2026-03-02T08:00:04.123Z {request} Task timed out after 3.00 seconds"
    assert REPORT.fullmatch(report).group(2, 7) == ("3000.00", "timeout")


def test_an_exception_is_an_error_line_of_the_runtime():
    (_, _, start), (_, _, error), _, (_, _, report) = lines(error='quota "x"', failed=1)

    assert error.split("\t")[1:4] == [start.split()[2], "ERROR", "Invoke Error "]
    assert '"errorMessage":"quota \\"x\\""' in error
    assert REPORT.fullmatch(report)[7] is None


def test_a_function_out_of_memory_used_all_it_had():
    assert REPORT.fullmatch(lines(error="OOMKilled", failed=1)[-1][2]).group(5, 7, 8) == (
        "1024", "error", "Runtime.OutOfMemory",
    )  # fmt: skip


def test_an_environment_has_one_stream_and_a_new_version_another():
    streams = {stream for stream, _, _ in lines(**COLD)}

    assert re.fullmatch(r"2026/03/02/\[\$LATEST\][0-9a-f]{32}", *streams)
    assert lines(version="1.5.0")[0][0] not in streams


def test_the_layout_takes_a_report_apart():
    fields = LambdaLine().layout.parse(rendered_records(LAMBDA, LambdaLine(), "service.request", INVOKED | COLD)[-1])

    assert (fields["event"], fields["function"]) == ("REPORT", "resize")
    assert (fields["duration_ms"], fields["billed_ms"], fields["init_ms"]) == ("854.32", "1200", "345.67")
    assert re.fullmatch(r"[0-9a-f-]{36}", fields["request_id"])
    assert fields["trace_id"].startswith("1-10111213-")


def test_other_requests_are_no_invocations():
    assert rendered_records(LAMBDA, LambdaLine(), "service.request", INVOKED | {"protocol": "http"}) == []
