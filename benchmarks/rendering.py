"""Rendering: sample, render, tag and write to a file, per core, against a plain Jinja2 loop and against write().

    python benchmarks/rendering.py [--json] [--rounds 7] [--batches 6] [--folder DIR]

Three records, in the words of the renderers that ship: ``nginx``, an access line in the combined
format, and ``ecs``, the document of a process start; and ``plain``, such a document of 1.1 kB with
28 fields and no filter of a plugin, which cost a Jinja2 loop most. In each round everything runs
once, one after the other:

- ours: columns are sampled in batches of 16,384 rows (Philox; Zipf categories, Poisson times,
  log-normal sizes), rendered with each backend, tag included, and written to a new file by the
  sink that a run has; once more with the gate before it, which looks for the tag in every record;
- Jinja2: a loop takes the same values row by row, renders the same template, and writes to a new file;
- write(): the same bytes are written to a new file, nothing else.

Figures are CPU seconds (user and system), medians of the rounds; ratios are medians of the
ratios within a round. The first rows of ours are asserted to be Jinja2's, byte for byte.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from draws import BATCH, Draw, identifiers, poisson, sizes, zipf
from numpy.typing import NDArray

from simulator import EventType, Field, Format, Host, Outsider, Renderer, Tag, User
from simulator.delivery.gate import Gate
from simulator.delivery.sinks import FolderSink
from simulator.events.columns import Column, Integers
from simulator.plugin_manager import load_plugins
from simulator.telemetry.streams import RenderedBatch, compiled_template
from simulator.telemetry.templates import Rendered, Template, named_backend
from simulator.telemetry.templates.filters import FILTERS

JINJA_ROWS = 4_000
OURS = ("numba", "pyarrow", "numba_gated", "pyarrow_gated")
TAG = Tag("r1a2b3c4d", "benchmark")
PLAIN = (
    '{"@timestamp":"{{ time|iso }}","event":{"kind":"event","category":["process"],"type":["start"],"action":"exec",'
    '"id":"{{ event|uuid }}","created":"{{ time|shift(1500000)|strftime(\'%Y-%m-%dT%H:%M:%S.%6fZ\') }}",'
    '"sequence":{{ sequence }}},"ecs":{"version":"8.17.0"},"agent":{"id":{{ host.uuid|json }},"type":"endpoint",'
    '"version":"8.17.1","name":{{ host.name|json }}},'
    '"host":{"name":{{ host.name|json }},"hostname":{{ host.fqdn|json }},"ip":["{{ host.ip }}"],'
    '"mac":["{{ host.mac|upper|replace(":", "-") }}"],"os":{"type":"{{ host.os }}",'
    '"version":{{ host.os_version|json }}}},"user":{"name":{{ user.name|json }},"id":"{{ user.uid }}",'
    '"full_name":{{ user.full_name|json }},"domain":{{ user.domain|json }}},"process":{"pid":{{ pid }},'
    '"entity_id":"{{ process|hex }}","executable":{{ image|json }},"name":{{ (image.split("/")|last)|json }},'
    '"command_line":{{ command_line|json }},"working_directory":{{ working_directory|json }},'
    '"parent":{"pid":{{ parent_pid }},"entity_id":"{{ parent_process|hex }}","executable":{{ parent_image|json }},'
    '"name":{{ (parent_image.split("/")|last)|json }},"command_line":{{ parent_command_line|json }}}}}'
)
Draws = Mapping[str, Callable[[Draw], Column]]


def count(_: Draw) -> Column:
    return Integers(np.arange(BATCH))


def pids(draw: Draw) -> Column:
    return Integers(draw.integers(1_000, 65_000, BATCH))


@dataclass(frozen=True)
class Work:
    """A renderer's template for an event type, and where the values come from."""

    name: str
    renderer: Renderer
    event: EventType
    form: Format
    draws: Draws

    @property
    def source(self) -> str:
        return self.form.wrapped(self.renderer.records(self.event.name)[0].template, TAG) + "\n"

    @property
    def template(self) -> Template:
        return compiled_template(self.renderer, self.event, self.source)

    @property
    def loop(self) -> jinja2.Template:
        """The same for plain Jinja2."""
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
        environment.filters.update(FILTERS)
        environment.filters.update(self.renderer.filters)
        return environment.from_string(self.source)

    def columns(self, draw: Draw) -> dict[str, Column]:
        return {name: sample(draw) for name, sample in self.draws.items()}


def works() -> list[Work]:
    plugins = load_plugins()
    nginx, ecs = plugins.renderers["nginx.access"], plugins.renderers["linux.ecs"]
    request, process = plugins.event_types["http.request"], plugins.event_types["process.started"]
    added = (Field("event", "identifier", width=16), Field("sequence", "integer"))
    document = EventType("process", "A process", (*process.fields, *added))
    plain = Renderer("plain", "A document", ecs.format, {"process": PLAIN})
    return [
        Work("nginx", nginx, request, plugins.format_of(nginx), requests()),
        Work("ecs", ecs, process, plugins.format_of(ecs), processes()),
        Work(
            "plain",
            plain,
            document,
            plugins.format_of(plain),
            {**processes(), "event": identifiers(16), "sequence": count},
        ),
    ]


def requests() -> Draws:
    agents = [
        f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0" for n in range(120)
    ]
    return {
        "source": zipf([Outsider(f"o{n}", f"198.51.{n // 250}.{n % 250}") for n in range(2_000)]),
        "user": zipf(["-", *(f"user{n}" for n in range(60))], 2.5),
        "time": poisson,
        "method": zipf(["GET", "POST", "HEAD"], 3.0),
        "path": zipf([f"/shop/product/{n}/reviews" for n in range(2_000)]),
        "query": zipf([None, *(f"page={n}" for n in range(200))], 2.0),
        "protocol": zipf(["HTTP/1.1", "HTTP/2.0"]),
        "status": zipf([200, 304, 404, 500, 301]),
        "bytes": sizes,
        "referrer": zipf(["-", *(f"https://www.example.test/section/{n}" for n in range(200))]),
        "user_agent": zipf(agents),
    }


def processes() -> Draws:
    programs = [f"/usr/bin/program-{number}" for number in range(300)]
    commands = zipf([f'{programs[n % 300]} --config /etc/app/{n}.conf --label "job {n}"' for n in range(2_000)])
    images = zipf(programs)
    hosts: list[Any] = [
        Host(f"web-{n:02}", f"192.0.2.{n}", "linux", f"web-{n:02}.example.test", uuid=f"host-{n:032x}", os_version="12")
        for n in range(60)
    ]
    return {
        "time": poisson,
        "host": zipf(hosts),
        "user": zipf([User(f"user{n}", f"User Number {n}", "EXAMPLE", uid=1_000 + n) for n in range(60)]),
        "pid": pids,
        "process": identifiers(16),
        "image": images,
        "command_line": commands,
        "working_directory": zipf(["/", *(f"/home/user{n}" for n in range(60))]),
        "terminal": zipf([None, "pts/0", "pts/1"]),
        "parent_pid": pids,
        "parent_process": identifiers(16),
        "parent_image": images,
        "parent_command_line": commands,
    }


def cpu(job: Callable[[], object]) -> float:
    """Return the CPU seconds, of this process and in the kernel, that a job takes."""
    before = time.process_time()
    job()
    return time.process_time() - before


class Open:
    """In the gate's place: lets everything pass."""

    def __init__(self, sink: FolderSink) -> None:
        self._sink = sink

    def deliver(self, batch: RenderedBatch) -> None:
        self._sink.write(batch.stream, batch.data.data)


def ours(work: Work, template: Template, contestant: str, folder: Path, batches: int) -> None:
    """Sample, render and write; with the gate's checks if that is in the contestant's name."""
    backend, _, gated = contestant.partition("_")
    draw, gatherer, sink = np.random.Generator(np.random.Philox(1)), named_backend(backend), FolderSink(folder)
    gate = Gate(sink, TAG, {work.name: work.form}) if gated else Open(sink)
    sink.open(work.name, work.form.extension, b"")
    for _ in range(batches):
        gate.deliver(batch_of(work.name, template.render(work.columns(draw), BATCH, gatherer)))
    sink.close()


def batch_of(stream: str, rendered: Rendered) -> RenderedBatch:
    nothing: NDArray[Any] = np.zeros(0, np.int64)
    return RenderedBatch(stream, rendered.data, rendered.ends, nothing, nothing, nothing)


def plain(template: jinja2.Template, columns: Mapping[str, Column], file: Path) -> None:
    """Render row by row with Jinja2, and write."""
    with file.open("x", encoding="utf-8", newline="") as out:
        for row in range(JINJA_ROWS):
            out.write(template.render({name: column.row(row) for name, column in columns.items()}))


def bare(data: NDArray[np.uint8], batches: int, file: Path) -> None:
    """Write so many batches of bytes."""
    with file.open("xb") as out:
        for _ in range(batches):
            out.write(data.data)


def round_of(work: Work, template: Template, folder: Path, batches: int) -> dict[str, float]:
    """Return the CPU nanoseconds a row of each contestant."""
    loop = work.loop
    columns = work.columns(np.random.Generator(np.random.Philox(1)))
    sample = template.render(columns, BATCH, named_backend("numba")).data
    found = {"bytes": len(sample) / BATCH}
    found["jinja2"] = cpu(lambda: plain(loop, columns, folder / "jinja2")) / JINJA_ROWS * 1e9
    assert sample.tobytes().startswith((folder / "jinja2").read_bytes())
    bare(sample, batches, folder / "warm")  # memory that the kernel has to find first is not at anybody's expense
    (folder / "warm").unlink()
    found["write"] = cpu(lambda: bare(sample, batches, folder / "write")) / (batches * BATCH) * 1e9
    (folder / "jinja2").unlink()
    (folder / "write").unlink()
    for name in OURS:
        found[name] = cpu(partial(ours, work, template, name, folder, batches)) / (batches * BATCH) * 1e9
        made = folder / work.name / f"{work.name}.{work.form.extension}"
        with made.open("rb") as written:
            assert written.read(1 << 20) == sample[: 1 << 20].tobytes()
        made.unlink()
    return found


def measured(rounds: int, batches: int, folder: Path) -> dict[str, Any]:
    """Run all rounds, and return nanoseconds a row and the ratios."""
    answer: dict[str, Any] = {"nanoseconds_per_row": {}, "bytes_per_row": {}, "ratios": {}, "rounds": rounds}
    for work in works():
        template = work.template
        round_of(work, template, folder, batches)  # fills tables and caches, as the first batches of any run do
        found = [round_of(work, template, folder, batches) for _ in range(rounds)]
        for name in (*OURS, "jinja2", "write"):
            answer["nanoseconds_per_row"][f"{work.name}_{name}"] = statistics.median(each[name] for each in found)
        answer["bytes_per_row"][work.name] = found[0]["bytes"]
        for name in OURS:
            faster, slower = f"{work.name}_{name}_vs_jinja2", f"{work.name}_{name}_vs_write"
            answer["ratios"][faster] = statistics.median(each["jinja2"] / each[name] for each in found)
            answer["ratios"][slower] = statistics.median(each[name] / each["write"] for each in found)
    return answer


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--json", action="store_true", help="print one JSON object")
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--batches", type=int, default=6, help="of 16,384 rows, in each round")
    options.add_argument(
        "--folder", type=Path, default=None, help="where to write (default: the folder for temporary files)"
    )
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        answer = measured(given.rounds, given.batches, Path(folder))
    answer["cores"] = os.cpu_count()
    if given.json:
        print(json.dumps(answer))
        return
    for name, figure in answer["nanoseconds_per_row"].items():
        size = answer["bytes_per_row"][name.split("_")[0]]
        print(f"{name:20} {figure:9.0f} ns/row {1e3 / figure:8.2f} M rows/s/core {size / figure:6.2f} GB/s")
    for name, ratio in answer["ratios"].items():
        print(f"{name:30} {ratio:7.1f}")


if __name__ == "__main__":
    main()
