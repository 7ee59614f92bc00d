"""Spans as requests of an exporter: a template of OTLP/JSON, and the same as a message."""

from __future__ import annotations

from simulator import Member, Message, Nested, Record
from simulator_otel.resource import INSTANCE, SCHEMA, VERSION, scope_json, scope_message
from simulator_otel.span_conventions import SPANS, Span
from simulator_otel.values import as_json, as_messages

_SAMPLED, _PARENT_KNOWN, _PARENT_REMOTE = 0x1, 0x100, 0x200  # of trace.proto's SpanFlags
_ERROR = 2
_END = "time + duration"
_LINK = "link_trace is not zeros"


def _flags(span: Span) -> str:
    known = _SAMPLED | _PARENT_KNOWN
    return f"{known} if root else {known | _PARENT_REMOTE}" if span.remote else str(known)


def _when(condition: str, text: str) -> str:
    return f"{{% if {condition} %}}{text}{{% endif %}}"


def template(span: Span) -> str:
    """Return the template of one request in JSON."""
    link = ',"links":[{"traceId":"{{ link_trace|hex }}","spanId":"{{ link_span|hex }}","flags":769}]'
    return "".join((
        '{"resourceSpans":[{"resource":{"attributes":[', as_json((*INSTANCE, VERSION)), "]},",
        '"scopeSpans":[{', scope_json(span.scope), ',"spans":[{"traceId":"{{ trace|hex }}","spanId":"{{ span|hex }}"',
        _when(span.parent, ',"parentSpanId":"{{ parent|hex }}"'),
        f',"flags":{{{{ {_flags(span)} }}}},"name":"{span.name}","kind":{span.kind}',
        f',"startTimeUnixNano":"{{{{ time|nanoseconds }}}}","endTimeUnixNano":"{{{{ {_END} }}}}"',
        ',"attributes":[', as_json(span.attributes), "]",
        _when(_LINK, link) if span.linked else "",
        _when(span.failed, f',"status":{{"code":{_ERROR}}}'),
        f'}}],"schemaUrl":"{SCHEMA}"}}],"schemaUrl":"{SCHEMA}"}}]}}',
    ))  # fmt: skip


def message(span: Span) -> Message:
    """Return one request in protobuf."""
    link = Nested(
        13, (Member(1, "bytes", "link_trace"), Member(2, "bytes", "link_span"), Member(6, "fixed32", "769")), when=_LINK
    )
    body = (
        Member(1, "bytes", "trace"),
        Member(2, "bytes", "span"),
        Member(4, "bytes", "parent", when=span.parent),
        Member(5, "text", span.name),
        Member(6, "varint", str(span.kind)),
        Member(7, "fixed64", "time"),
        Member(8, "fixed64", _END),
        *as_messages(9, span.attributes),
        *((link,) if span.linked else ()),
        Nested(15, (Member(3, "varint", str(_ERROR)),), when=span.failed),
        Member(16, "fixed32", _flags(span)),
    )
    return Message((
        Nested(1, (
            Nested(1, as_messages(1, (*INSTANCE, VERSION))),
            Nested(2, (scope_message(span.scope), Nested(2, body), Member(3, "text", SCHEMA))),
            Member(3, "text", SCHEMA),
        )),
    ))  # fmt: skip


def records(event: str, *, binary: bool) -> tuple[Record, ...]:
    """Return the records of an event type; of each event one."""
    return tuple(
        Record(message(span) if binary else template(span), span.when) for span in SPANS if span.event == event
    )
