"""Log records as requests of an exporter: a template of OTLP/JSON, and the same as a message."""

from __future__ import annotations

from simulator import Member, Message, Nested, Record
from simulator_otel.log_conventions import ENTRIES, Entry
from simulator_otel.resource import INSTANCE, SCHEMA, VERSION, scope_json, scope_message
from simulator_otel.values import Attribute, as_json, as_messages

_SAMPLED = 1


def _resource(entry: Entry) -> tuple[Attribute, ...]:
    return INSTANCE if entry.event == "service.scaled" else (*INSTANCE, VERSION)


def template(entry: Entry) -> str:
    """Return the template of one request in JSON."""
    number, word = entry.severity
    trace = f',"flags":{_SAMPLED},"traceId":"{{{{ trace|hex }}}}","spanId":"{{{{ span|hex }}}}"' if entry.traced else ""
    event = f',"eventName":"{entry.event_name}"' if entry.event_name else ""
    return "".join((
        '{"resourceLogs":[{"resource":{"attributes":[', as_json(_resource(entry)), "]},",
        '"scopeLogs":[{', scope_json(entry.scope), ',"logRecords":[{',
        f'"timeUnixNano":"{{{{ {_nanoseconds(entry.time)} }}}}"',
        f',"observedTimeUnixNano":"{{{{ {_nanoseconds(entry.time)} }}}}"',
        f',"severityNumber":{number},"severityText":"{word}","body":{{"stringValue":"{entry.body}"}}',
        ',"attributes":[', as_json(entry.attributes), "]", trace, event,
        f'}}],"schemaUrl":"{SCHEMA}"}}],"schemaUrl":"{SCHEMA}"}}]}}',
    ))  # fmt: skip


def _nanoseconds(time: str) -> str:
    return f"({time})|nanoseconds"


def message(entry: Entry) -> Message:
    """Return one request in protobuf."""
    number, word = entry.severity
    trace = (Member(8, "fixed32", str(_SAMPLED)), Member(9, "bytes", "trace"), Member(10, "bytes", "span"))
    body = (
        Member(1, "fixed64", entry.time),
        Member(2, "varint", str(number)),
        Member(3, "text", word),
        Nested(5, (Member(1, "text", entry.body, always=True),)),
        *as_messages(6, entry.attributes),
        *(trace if entry.traced else ()),
        Member(11, "fixed64", entry.time),
        *((Member(12, "text", entry.event_name),) if entry.event_name else ()),
    )
    return Message((
        Nested(1, (
            Nested(1, as_messages(1, _resource(entry))),
            Nested(2, (scope_message(entry.scope), Nested(2, body), Member(3, "text", SCHEMA))),
            Member(3, "text", SCHEMA),
        )),
    ))  # fmt: skip


def records(event: str, *, binary: bool) -> tuple[Record, ...]:
    """Return the records of an event type: an event has as many as apply to it."""
    return tuple(
        Record(message(entry) if binary else template(entry), entry.when) for entry in ENTRIES if entry.event == event
    )
