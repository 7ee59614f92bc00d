"""A day of a graph of 20 services at 50 requests a second, all signals, to files.

    python benchmarks/outage.py [--json] [--hours 24] [--rate 50] [--discard] [--no-memory]

Prints events, spans, log records and samples per CPU-second of a process that plays and writes them
(user and system, all threads; start-up and the digests of the files included), and its peak memory
beside that of a quarter of the hours. ``ratios`` holds what has to stay small: memory of the whole by
that of the quarter.

A day takes about 75 GB. With ``--discard`` another process gives the space of what was written back
every half second (holes in the files, which needs Linux): each byte is rendered, checked and written to
its file as ever, and the digests read a file of the same length; but few of the bytes reach the disk.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq

BLOCK = 1 << 20  # bytes
SIGNALS = {"otlp.traces": "spans", "otlp.logs": "log_records", "prometheus.metrics": "samples"}

PLAYBOOK = """\
name: busy-day
title: A day of twenty services for a benchmark
kind: incident
start: 2026-03-04T00:00:00Z
duration: {hours}h
world:
  name: bench
  domain: bench.example
  networks: {{pods: 10.70.0.0/20}}
  systems:
    services:
      namespace: bench
      services:
        gateway:
          instances: 3
          routes:
            GET /: {{p50: 3ms, p99: 20ms, calls: [sessions GET session, front GET /]}}
            GET /search: {{p50: 3ms, p99: 20ms, calls: [search GET /search]}}
            GET /things/{{id}}: {{p50: 3ms, p99: 20ms, calls: ["catalog GET /things/{{id}}"]}}
            POST /checkout: {{p50: 4ms, p99: 25ms, calls: [sessions GET session, checkout POST /checkout]}}
        front:
          instances: 3
          routes: {{GET /: {{p50: 5ms, p99: 40ms, calls: [recommendations GET /for, adverts GET /next]}}}}
        search: {{instances: 3, routes: {{GET /search: {{p50: 9ms, p99: 80ms, calls: [search-db SELECT things]}}}}}}
        catalog:
          instances: 3
          routes:
            GET /things/{{id}}:
              p50: 3ms
              p99: 30ms
              calls:
                - call: things-cache GET thing
                  on_miss: [things-db SELECT things, things-cache SET thing]
                - together: [reviews GET /of, prices GET /of]
            GET /stock: {{p50: 2ms, p99: 15ms, calls: [things-db SELECT stock]}}
        recommendations: {{instances: 2, routes: {{GET /for: {{p50: 8ms, p99: 60ms}}}}}}
        adverts: {{instances: 2, routes: {{GET /next: {{p50: 2ms, p99: 15ms}}}}}}
        reviews: {{instances: 2, routes: {{GET /of: {{p50: 3ms, p99: 25ms, calls: [reviews-db SELECT reviews]}}}}}}
        prices: {{instances: 2, routes: {{GET /of: {{p50: 2ms, p99: 12ms}}}}}}
        checkout:
          instances: 3
          pool: {{to: orders-db, size: 30, timeout: 2s}}
          routes:
            POST /checkout:
              p50: 10ms
              p99: 90ms
              calls:
                - catalog GET /stock
                - {{call: payment POST /charge, timeout: 3s, retries: 1}}
                - orders-db INSERT orders
                - publish: order-events
        payment: {{instances: 2, routes: {{POST /charge: {{p50: 6ms, p99: 40ms, calls: [bank POST /charges]}}}}}}
        fulfilment:
          instances: 2
          routes:
            process order-events: {{p50: 20ms, p99: 150ms, calls: [shipping POST /parcels, mail POST /mails]}}
        shipping: {{instances: 2, routes: {{POST /parcels: {{p50: 7ms, p99: 60ms}}}}}}
        mail: {{instances: 2, routes: {{POST /mails: {{p50: 5ms, p99: 40ms}}}}}}
        sessions: {{kind: cache, hit_rate: 99%}}
        things-cache: {{kind: cache, hit_rate: 92%}}
        things-db: {{kind: database}}
        search-db: {{kind: database}}
        reviews-db: {{kind: database}}
        orders-db: {{kind: database}}
        order-events: {{kind: queue}}
        bank: {{kind: external}}
      traffic:
        - {{to: gateway GET /, arrivals: {{poisson: {{rate: {home}/s}}}}}}
        - {{to: gateway GET /search, arrivals: {{poisson: {{rate: {some}/s}}}}}}
        - {{to: "gateway GET /things/{{id}}", arrivals: {{poisson: {{rate: {some}/s}}}}}}
        - {{to: gateway POST /checkout, arrivals: {{poisson: {{rate: {few}/s}}}}}}
  witnesses: [{witnesses}]
storyline:
  - step: slow
    title: The catalog's database gets slow
    at: +{slow}m
    for: {slow}m
    effects:
      - {{effect: latency, with: {{service: things-db, factor: 6}}, ramp: 1m}}
"""

CHILD = """\
import json, resource, sys
from simulator.usecases.request import Request, play_request
def unseen(done, events): pass
played = play_request(Request(sys.argv[1], out=sys.argv[2], score=False), unseen)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"events": played.events, "cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss // 1024}))
"""


def witnessing() -> list[str]:
    from simulator.plugin_manager import load_plugins

    installed = load_plugins().renderers
    return [name for name in SIGNALS if name in installed]


def playbook_text(hours: float, rate: float, renderers: list[str]) -> str:
    shares = {"home": 0.35, "some": 0.3, "few": 0.05}
    rates = {name: f"{rate * share:g}" for name, share in shares.items()}
    witnesses = ", ".join(f"{{renderer: {name}, delay: {{p50: 1s, p99: 5s}}}}" for name in renderers)
    return PLAYBOOK.format(hours=f"{hours:g}", slow=f"{hours * 20:g}", witnesses=witnesses, **rates)


def records_of(run: Path) -> dict[str, int]:
    """Return how many records each stream has, by the run's ledger."""
    counted = pq.read_table(run / "truth.parquet", columns=["stream"]).column("stream").value_counts()
    return {SIGNALS[each["values"]]: each["counts"] for each in counted.to_pylist()}


def given_back(path: Path, start: int) -> int:
    """Give the space of a file back from a place on, a whole number of blocks, and return where that ends."""
    end = path.stat().st_size // BLOCK * BLOCK
    if end > start:
        subprocess.run(["fallocate", "--punch-hole", f"--offset={start}", f"--length={end - start}", path], check=True)
    return max(start, end)


def watched(process: subprocess.Popen[str], folder: Path) -> str:
    """Give back what a process writes below a folder while it runs; return what it prints."""
    done: dict[Path, int] = {}
    while process.poll() is None:
        for path in folder.rglob("telemetry/*/*"):
            with suppress(FileNotFoundError, subprocess.CalledProcessError):  # the folder gets its last name once
                done[path] = given_back(path, done.get(path, 0))
        time.sleep(0.5)
    return process.communicate()[0]


def round_of(folder: Path, hours: float, asked: argparse.Namespace) -> dict[str, float]:
    folder.mkdir()
    playbook = folder / "busy-day.yaml"
    playbook.write_text(playbook_text(hours, asked.rate, witnessing()))
    command = [sys.executable, "-c", CHILD, str(playbook), str(folder / "run")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    printed = watched(process, folder) if asked.discard else process.communicate()[0]
    if process.returncode:
        raise SystemExit(process.returncode)
    files = list((folder / "run" / "telemetry").glob("*/*"))
    figures: dict[str, float] = json.loads(printed) | records_of(folder / "run")
    figures["bytes"] = sum(path.stat().st_size for path in files)
    shutil.rmtree(folder)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--rate", type=float, default=50, help="requests from outside, a second")
    parser.add_argument("--discard", action="store_true", help="give the space of what was written back at once")
    parser.add_argument("--folder", type=Path, default=None, help="where to write (default: that of temporary files)")
    parser.add_argument("--no-memory", action="store_true")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        quarter = None if asked.no_memory else round_of(Path(name) / "quarter", asked.hours / 4, asked)
        whole = round_of(Path(name) / "whole", asked.hours, asked)
    counted = {key: int(whole[key]) for key in ("events", *SIGNALS.values(), "bytes") if key in whole}
    told = {
        "hours": asked.hours,
        "requests_per_second": asked.rate,
        "discarded": asked.discard,
        **counted,
        "cpu_seconds": round(whole["cpu"], 1),
        "per_cpu_second": {key: round(amount / whole["cpu"]) for key, amount in counted.items()},
        "peak_memory_mib": {"whole": whole["mib"]} | ({"quarter": quarter["mib"]} if quarter else {}),
        "ratios": {"memory_whole_vs_quarter": round(whole["mib"] / quarter["mib"], 2)} if quarter else {},
        "wall_seconds": round(time.monotonic() - began, 1),
    }
    if asked.json:
        print(json.dumps(told))
        return
    for key, value in told.items():
        print(f"{key}: {value}")


if __name__ == "__main__":
    main()
