"""Samples of metrics as requests of an exporter: a template of OTLP/JSON, and the same as a message.

Each request has one data point, as each line has one event. Counters are cumulative, from the
start of their instance. The label ``version`` is told where OpenTelemetry has it: in the resource.
"""

from __future__ import annotations

from simulator import Member, Message, Nested, Record, Series
from simulator_otel.resource import INSTANCE, SCHEMA, scope_json, scope_message
from simulator_otel.values import Attribute, as_json, as_messages

_VERSION = "version"
_CUMULATIVE = 2
_SCOPE = "go.opentelemetry.io/otel/metric"
_RESOURCE = (
    *INSTANCE,
    Attribute("service.version", f"series.labels.get('{_VERSION}')", when=f"series.labels.get('{_VERSION}')"),
)
_LABELS = (
    '{% for key, value in series|labels %}{"key":{{ key|json }},"value":{"stringValue":{{ value|json }}}}'
    "{% if not loop.last %},{% endif %}{% endfor %}"
)
_KINDS = {"gauge": 5, "counter": 7, "updown": 7, "histogram": 9}  # where each lies in a Metric
_NAMES = {5: "gauge", 7: "sum", 9: "histogram"}


def labels(series: Series) -> tuple[tuple[str, str], ...]:
    """Return the attributes of a series' points."""
    return tuple((key, value) for key, value in series.labels.items() if key != _VERSION)


def template(kind: str) -> str:
    """Return the template of one request in JSON."""
    number = _KINDS[kind]
    start = "" if kind == "gauge" else '"startTimeUnixNano":"{{ start|nanoseconds }}",'
    summed = "" if kind == "gauge" else f',"aggregationTemporality":{_CUMULATIVE}'
    if kind == "counter":
        summed += ',"isMonotonic":true'
    measured = '"asDouble":{{ value|number }}'
    if kind == "histogram":
        measured = (
            '"count":"{{ count }}","sum":{{ sum|number }},"bucketCounts":["{{ buckets|join(\'","\') }}"]'
            ',"explicitBounds":{{ series.metric.buckets|json }}'
        )
    return "".join((
        '{"resourceMetrics":[{"resource":{"attributes":[', as_json(_RESOURCE), "]},",
        '"scopeMetrics":[{', scope_json(_SCOPE), ',"metrics":[{"name":{{ series.metric.name|json }}',
        ',"description":{{ series.metric.help|json }},"unit":{{ series.metric.unit|json }}',
        f',"{_NAMES[number]}":{{"dataPoints":[{{{start}"timeUnixNano":"{{{{ time|nanoseconds }}}}"',
        f',{measured},"attributes":[{_LABELS}]}}]{summed}}}',
        f'}}],"schemaUrl":"{SCHEMA}"}}],"schemaUrl":"{SCHEMA}"}}]}}',
    ))  # fmt: skip


def message(kind: str) -> Message:
    """Return one request in protobuf."""
    number, is_histogram = _KINDS[kind], kind == "histogram"
    start = () if kind == "gauge" else (Member(2, "fixed64", "start"),)
    label = (Member(1, "text", "{{ item[0] }}"), Nested(2, (Member(1, "text", "{{ item[1] }}", always=True),)))
    attributes = Nested(9 if is_histogram else 7, label, each="series|labels")
    measured: tuple[Member | Nested, ...] = (Member(4, "double", "value", always=True), attributes)
    if is_histogram:
        measured = (
            Member(4, "fixed64", "count"),
            Member(5, "double", "sum", always=True),
            Member(6, "fixed64", "buckets"),
            Member(7, "double", "series.metric.buckets"),
            attributes,
        )
    point = Nested(1, (*start, Member(3, "fixed64", "time"), *measured))
    summed = () if kind == "gauge" else (Member(2, "varint", str(_CUMULATIVE)),)
    if kind == "counter":
        summed = (*summed, Member(3, "varint", "1"))
    metric = (
        Member(1, "text", "{{ series.metric.name }}"),
        Member(2, "text", "{{ series.metric.help }}"),
        Member(3, "text", "{{ series.metric.unit }}"),
        Nested(number, (point, *summed)),
    )
    return Message((
        Nested(1, (
            Nested(1, as_messages(1, _RESOURCE)),
            Nested(2, (scope_message(_SCOPE), Nested(2, metric), Member(3, "text", SCHEMA))),
            Member(3, "text", SCHEMA),
        )),
    ))  # fmt: skip


def records(event: str, *, binary: bool) -> tuple[Record, ...]:
    """Return the records of samples of a type; of each sample one."""
    kinds = ("histogram",) if event == "sample.histogram" else ("counter", "updown", "gauge")
    return tuple(
        Record(
            message(kind) if binary else template(kind), "" if len(kinds) == 1 else f"series.metric.kind == '{kind}'"
        )
        for kind in kinds
    )
