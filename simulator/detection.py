"""What a sandbox and its detectors are asked, and what they answer. The answers are what is scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from simulator.telemetry.renderer import Format, Renderer
from simulator.telemetry.tag import Tag

if TYPE_CHECKING:
    import pyarrow as pa

Status = Literal["ran", "unconvertible", "error"]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Stream:
    """What one renderer left behind: a file of records, and how to read it."""

    renderer: Renderer
    format: Format
    path: Path


@dataclass(frozen=True, slots=True)
class Schedule:
    """When rules run, in nanoseconds: every ``interval`` from ``start`` on, over the last ``look_back``."""

    start: int
    end: int
    interval: int
    look_back: int


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A finished run as a sandbox sees it: bytes and when they arrived, not what they mean.

    ``deliveries`` is a Parquet file with a row a line: stream, line (from 1, headers
    counted), delivered (nanoseconds since the epoch).
    """

    folder: Path
    tag: Tag
    streams: tuple[Stream, ...]
    deliveries: Path
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a stream's records as a column of text that queries can use; no name stands for the whole text.

    ``folded`` turns A–Z into a–z, and nothing else: comparing folded columns is what SQL calls NOCASE.
    The whole text of a record in JSON is its values, a line each: nobody searches for the names of keys.
    """

    field: str = ""
    folded: bool = False


class Store(Protocol):
    """What arrived in a sandbox, as tables that a detector queries. It was fed with rendered bytes, without the tag."""

    @property
    def tag(self) -> Tag: ...

    @property
    def streams(self) -> tuple[Stream, ...]: ...

    def table(self, stream: str, columns: Mapping[str, Column]) -> str:
        """Return the SQL name of a table with a row for each record that arrived.

        It has the columns that were asked for, under the names that they were asked by
        (NULL where a record has no such field), and ``line``, ``time`` (of the event, as
        the record tells it) and ``arrived``, the latter two in nanoseconds since the epoch.
        """

    def query(self, sql: str) -> pa.Table:
        """Run a query in DuckDB's SQL."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule said something. Times are nanoseconds since the epoch.

    ``evidence`` names records as (stream, line). ``entities`` holds what the records
    have in common (``{"host": "web1"}``); ``key`` is the one that alerts are grouped by.
    """

    rule: str
    fired: int  # the run of the rule that raised it
    paged: int  # when the pager was told: after grouping
    arrived: int  # when the last record that it needed had arrived
    first_event: int
    last_event: int
    group: int  # alerts of one group share this number, from 1; 0: the sandbox is to group them
    key: str
    entities: Mapping[str, tuple[str, ...]]
    evidence: tuple[tuple[str, int], ...]
    events: int  # how many records matched; ``evidence`` may hold fewer
    receiver: str = ""  # who was paged, where the detector knows


@dataclass(frozen=True, slots=True)
class RuleReport:
    """What became of one rule. ``hits`` counts matching records (for a correlation: windows).

    ``alerts`` is false for a rule that only feeds a correlation and raises nothing itself.
    """

    id: str
    title: str
    path: str
    status: Status
    reason: str = ""
    level: str = ""
    techniques: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    hits: int = 0
    alerts: bool = True


@dataclass(frozen=True, slots=True)
class Detection:
    """Everything a sandbox has to say of a run. Alerts in the order of ``fired``, then rule, then group."""

    rules: tuple[RuleReport, ...]
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a rule fired or not, as lines to print and as facts for a program."""

    lines: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


class Detector(Protocol):
    """An engine that runs rules of one kind over a store."""

    @property
    def name(self) -> str: ...

    def claims(self, path: Path) -> bool:
        """Say whether a file may hold rules of this kind (by its name and first lines; never raises)."""

    def detect(self, rules: Sequence[Path], store: Store, schedule: Schedule) -> Detection:
        """Run the rules of these files. A bad rule is reported, and stops no other.

        Alerts are not yet grouped, unless the rules say how: then they are paged as well.
        """

    def explain(self, rules: Sequence[Path], rule: str, store: Store, schedule: Schedule) -> Explanation:
        """Say why the rule with this id, title or file name fired or not."""


class Sandbox(Protocol):
    """A place where telemetry may go: a store, detectors over it, alerting, a pager."""

    @property
    def name(self) -> str: ...

    def detect(self, run: RecordedRun, detectors: Sequence[Detector], rules: Sequence[Path]) -> Detection:
        """Load what was recorded, run the rules on their schedule, group the alerts and page."""

    def explain(self, run: RecordedRun, detectors: Sequence[Detector], rules: Sequence[Path], rule: str) -> Explanation:
        """Say why a rule fired or not."""

    def pages(self, detection: Detection) -> Iterable[str]:
        """Return the lines of the pager's log."""
