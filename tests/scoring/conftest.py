"""A run folder made by hand, so that a test can say what happened and what was said of it."""

import json
from dataclasses import dataclass, field
from itertools import count

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator.detection import Alert, Detection, RecordedRun, RuleReport, Schedule
from simulator.telemetry.tag import Tag

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_VICTIM = {"host": ["web1"], "user": ["alice"], "source": ["203.0.113.9"], "address": ["10.20.0.7", "203.0.113.9"]}
START = 1_767_225_600 * SECOND  # 2026-01-01


@dataclass
class Story:
    """Collects acts and their records, and writes them as a run folder. Times are counted from the start."""

    folder: object
    length: int = 2 * DAY
    delay: int = 20 * SECOND
    steps: list = field(default_factory=list)
    decoys: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    background_records: int = 0
    objectives: list = field(default_factory=list)
    bins: list = field(default_factory=list)

    def step(self, name, at, until=None, records=10, stream="auth", delay=None, **entities):
        self.steps.append(self._act("step", name, at, until or at + MINUTE, records, stream, delay, entities))
        return self

    def decoy(self, name, at, records=5, stream="auth", **entities):
        self.decoys.append(self._act("decoy", name, at, at + MINUTE, records, stream, None, entities))
        return self

    def outage(self, name, at, until, cause=(), symptoms=(), records=10):
        """An effect on the services that are its cause, which others show."""
        self.step(name, at, until, records, service=list(cause), host=[], user=[], source=[], address=[])
        self.steps[-1]["symptoms"] = {"service": list(symptoms)}
        return self

    def objective(self, name, bad, per_minute=60, target=0.99, steps=None, **facts):
        """Count as many events each minute; ``bad`` says from when to when (of the run) how many of them were bad."""
        minutes = self.length // MINUTE
        counts = [next((count for low, high, count in bad if low <= at * MINUTE < high), 0) for at in range(minutes)]
        self.bins += [(name, START + at * MINUTE, per_minute, count) for at, count in enumerate(counts)]
        told = {"id": name, "title": f"The {name}", "target": target, "window": 5 * MINUTE, "bin": MINUTE, "least": 20}
        told |= {"period": 30 * DAY, "steps": [each["id"] for each in self.steps] if steps is None else steps}
        self.objectives.append(told | facts)
        return self

    def background(self, records, stream="auth"):
        self.background_records += records
        self._record("", [self.length * index // records for index in range(records)], stream, self.delay)
        return self

    def lines(self, act, stream="auth"):
        """Return the evidence that an alert on this act would cite."""
        return tuple((stream, line) for each, of, line, _, _ in self.rows if each == act and of == stream)

    def write(self):
        self.folder.mkdir(exist_ok=True)
        act, stream, line, time, delivered = (list(column) for column in zip(*self.rows, strict=True))
        place = {"stream": pa.array(stream).dictionary_encode(), "line": pa.array(line, pa.int64())}
        truth = {
            **place,
            "event": pa.array(range(len(line)), pa.uint64()),
            "time": pa.array(time, pa.int64()),
            "emission": pa.array(["storyline/x"] * len(line)).dictionary_encode(),
            "act": pa.array(act).dictionary_encode(),
        }
        pq.write_table(pa.table(truth), self.folder / "truth.parquet")
        pq.write_table(
            pa.table({**place, "delivered": pa.array(delivered, pa.int64())}), self.folder / "deliveries.parquet"
        )
        told = {"start": START, "end": START + self.length, "steps": self.steps, "decoys": self.decoys}
        told["background"] = {"events": self.background_records, "records": self.background_records}
        if self.objectives:
            told["objectives"] = self.objectives
            names, bins, events, bad = (list(column) for column in zip(*self.bins, strict=True))
            counts = {"bin": bins, "events": events, "bad": bad}
            columns = {"objective": pa.array(names).dictionary_encode()}
            columns |= {name: pa.array(column, pa.int64()) for name, column in counts.items()}
            pq.write_table(pa.table(columns), self.folder / "objectives.parquet")
        (self.folder / "truth.json").write_text(json.dumps(told))
        schedule = Schedule(START, START + self.length, 5 * MINUTE, 6 * MINUTE)
        return RecordedRun(
            self.folder, Tag("r1a2b3c4d", "ssh-brute-force"), (), self.folder / "deliveries.parquet", schedule
        )

    def _act(self, kind, name, at, until, records, stream, delay, entities):
        times = [at + (until - at) * index // max(records - 1, 1) for index in range(records)]
        self._record(f"{kind}:{name}", times, stream, self.delay if delay is None else delay)
        return {
            "id": name,
            "title": f"The {name}",
            "technique": "T1110" if kind == "step" else "",
            "because": "it is the backup" if kind == "decoy" else "",
            "onset": START + at,
            "end": START + until,
            "events": records,
            "records": records,
            "entities": _VICTIM | entities,
        }

    def _record(self, act, times, stream, delay):
        first = 1 + sum(of == stream for _, of, _, _, _ in self.rows)
        for line, at in zip(count(first), times, strict=False):
            self.rows.append((act, stream, line, START + at, START + at + delay))


@pytest.fixture
def story(tmp_path):
    return Story(tmp_path / "run")


@pytest.fixture
def alert():
    """Return a maker of alerts; times are counted from the start."""

    def make(rule, at, evidence=(), *, group=1, events=None, page=2 * SECOND, span=None, **entities):
        first, last = span or (at - MINUTE, at)
        return Alert(
            rule=rule,
            fired=START + at,
            paged=START + at + page,
            arrived=START + at - SECOND,
            first_event=START + first,
            last_event=START + last,
            group=group,
            key="host",
            entities={kind: tuple(names) for kind, names in entities.items()},
            evidence=tuple(evidence),
            events=len(evidence) if events is None else events,
        )

    return make


@pytest.fixture
def detection():
    """Return a maker of what detectors said; a rule is a name, or a report of its own."""

    def make(rules, alerts=()):
        reports = [rule if isinstance(rule, RuleReport) else report(rule) for rule in rules]
        ordered = sorted(alerts, key=lambda each: (each.fired, each.rule, each.group))
        return Detection(tuple(reports), tuple(ordered))

    return make


def report(name, **facts):
    return RuleReport(
        name, f"Rule {name}", f"/rules/{name}_file.yml", **{"status": "ran", "streams": ("auth",), **facts}
    )
