"""What a plugin gives to record events as a product does: a renderer, and the format its records are in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from simulator.telemetry.layouts import Layout
from simulator.telemetry.messages.message import Message
from simulator.telemetry.metrics.metric import Sampling
from simulator.telemetry.tag import Tag

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LogSource:
    """What a stream's records are to detection rules: product, category and service as Sigma knows them.

    ``where`` narrows it to records whose field has one of the values, e.g.
    ``{"winlog.event_id": ("1",)}`` for process creation among Sysmon's events.
    """

    product: str | None = None
    category: str | None = None
    service: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    fields: Mapping[str, str] = field(
        default_factory=lambda: _NOTHING
    )  # added to the renderer's, for rules of this source


@dataclass(frozen=True, slots=True)
class Record:
    """One record that a product writes of an event: a template, or a message, and when it is written at all.

    ``when`` is a Jinja2 expression over the event's fields, e.g. ``user.admin``.
    """

    template: str | Message
    when: str = ""

    @property
    def condition(self) -> str:
        """Return a template that prints something where ``when`` holds."""
        return f"{{% if {self.when or True} %}}1{{% endif %}}"


@dataclass(frozen=True, slots=True)
class Counter:
    """A number that rises by one with each record of a stream, for each value of the field ``per`` (or for the stream).

    The template sees it under its name: an EventRecordID, an auditd serial.
    ``step`` > 1 leaves gaps of random size 1..step, as where a collector drops records.
    """

    per: str = ""
    start: int = 1
    step: int = 1


@dataclass(frozen=True, slots=True)
class Renderer:
    """How one product records events.

    ``templates`` maps event types to the record(s) written for one: a Jinja2 template
    sees the event's fields by name, ``time`` (on the witness's clock), the counters,
    the ``constants``, and nothing else. It writes neither the line's end nor the tag:
    the format does. In formats of binary records a :class:`Message` stands in its place.

    ``witness`` names the field that holds the host whose product this is; empty
    means that the product watches the network.

    ``fields`` maps the names that detection rules use to the record's own fields;
    a key ending in ``*`` maps all names with that prefix: ``{"*": "winlog.event_data.*"}``.
    ``entities`` says in which of the record's fields who is meant stands, the most
    telling one first: ``{"host": "host.name", "user": "user.name", "source": "source.ip"}``.
    Alerts are grouped by the first one that a record has.

    ``lasts`` names the duration after which a product writes its record: a connection
    is logged when it is over, and its record arrives that much later.

    With ``metrics`` it records samples of all installed metrics, and its templates are for these.
    """

    name: str
    title: str
    format: str
    templates: Mapping[str, str | Message | Record | Sequence[Record]]
    witness: str = "host"
    lasts: str = ""
    log_sources: tuple[LogSource, ...] = ()
    fields: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    entities: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    counters: Mapping[str, Counter] = field(default_factory=lambda: _NOTHING)
    constants: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    filters: Mapping[str, Callable[..., object]] = field(default_factory=lambda: _NOTHING)
    metrics: Sampling | None = None

    def records(self, event: str) -> tuple[Record, ...]:
        """Return the records written for an event type, in the order they are written in."""
        found = self.templates.get(event, ())
        if isinstance(found, str | Message):
            return (Record(found),)
        return (found,) if isinstance(found, Record) else tuple(found)


class Format(Protocol):
    """The shape that records have, and the place that it gives the tag.

    The tag is text of a fixed form, so that it can be put in, found again in every
    record, and taken out before a detector sees the record.
    """

    @property
    def name(self) -> str: ...

    @property
    def extension(self) -> str:
        """The ending of files in this format, without a dot."""

    @property
    def layout(self) -> Layout:
        """How a record is taken apart again."""

    def wrapped(self, template: Any, tag: Tag) -> str | Message:
        """Return the template of a whole record (without its line end): the author's, with the tag in its place.

        The author's is what this format's records are made of: a template, or a message if they are binary.
        """

    def header(self, tag: Tag) -> str:
        """Return what stands at the head of a file, with its line ends, or nothing."""

    def tag_text(self, tag: Tag) -> str:
        """Return the exact text by which a record shows the tag; taking it out leaves a record of the same layout."""

    def is_tagged(self, record: Mapping[str, str], tag: Tag) -> bool:
        """Say whether a parsed record carries the tag where it belongs."""
