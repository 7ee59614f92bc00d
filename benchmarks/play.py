"""A million events from playbook to score, and the same detection work with pySigma's SQLite backend, in one run.

    python benchmarks/play.py [--json] [--events 1000000] [--rounds 3] [--no-memory]

Prints events per CPU-second of each stage (play to files, store and rules, score), how many
times faster store and rules are than SQLite over the same bytes, and the peak memory of
playing ten times as many events. Figures are medians of CPU seconds (user and system, all threads).
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PLAYBOOK = """\
name: million
title: A million events for a benchmark
kind: attack
start: 2026-03-02T00:00:00Z
duration: 24h
parameters:
  scale: {{type: rate, default: {rate}/d, help: events of each of four kinds}}
world:
  domain: bench.example
  networks: {{lan: 10.9.0.0/22}}
  hosts:
    - {{name: "pc-{{n:03}}", count: 120, os: windows, roles: [workstation], network: lan}}
    - {{name: "web-{{n}}", count: 6, os: linux, roles: [web], network: lan}}
  users: [{{name: ann}}, {{name: bob}}, {{name: cem}}, {{name: dia}}, {{name: eve}}, {{name: root}}]
  outsiders: [{{name: "visitor-{{n:03}}", count: 400, country: NL}}]
  witnesses:
    - {{renderer: windows.sysmon, hosts: {{os: windows}}, delay: {{p50: 2s, p99: 45s}}}}
    - {{renderer: nginx.access, hosts: {{role: web}}, delay: {{p50: 1s, p99: 9s}}}}
    - {{renderer: linux.auth_log, hosts: {{os: linux}}, delay: {{p50: 1s, p99: 9s}}}}
cast:
  attacker: {{outsider: {{}}}}
background:
  - id: programs
    event: process.started
    arrivals: {{poisson: {{rate: $scale}}}}
    with:
      host: {{pick: {{hosts: {{os: windows}}, exponent: 0.6}}}}
      user: {{zipf: [ann, bob, cem, dia, eve]}}
      image: {{zipf: [{images}]}}
      command_line: "{{{{ image }}}} --profile {{{{ pid % 97 }}}}"
      parent_image: {{choice: {{"C:\\\\Windows\\\\explorer.exe": 5, "C:\\\\Windows\\\\System32\\\\services.exe": 2}}}}
  - id: lookups
    event: dns.query
    arrivals: {{poisson: {{rate: $scale}}}}
    with:
      host: {{pick: {{hosts: {{os: windows}}, exponent: 0.6}}}}
      user: {{zipf: [ann, bob, cem, dia, eve]}}
      image: "C:\\\\Program Files\\\\Mozilla Firefox\\\\firefox.exe"
      query: {{zipf: [{names}]}}
      answer: 192.0.2.10
  - id: visits
    event: http.request
    arrivals: {{profile: {{rate: $scale, shape: web}}}}
    with:
      host: {{pick: {{hosts: {{role: web}}}}}}
      source: {{pick: {{outsiders: {{}}, exponent: 1.0}}}}
      path: {{zipf: [{paths}]}}
      status: {{choice: {{200: 95, 404: 4, 500: 1}}}}
  - id: logins
    event: ssh.login_failed
    arrivals: {{poisson: {{rate: $scale}}}}
    with:
      host: {{pick: {{hosts: {{role: web}}}}}}
      source: {{pick: {{outsiders: {{}}, exponent: 1.0}}}}
      user: {{zipf: [root, ann, bob, admin, test]}}
storyline:
  - step: shell
    title: A shell from the web server
    technique: T1505.003
    at: +6h
    emissions:
      - event: http.request
        arrivals: {{burst: {{count: 40, over: 10m}}}}
        with: {{host: web-1, source: $attacker, path: /uploads/x.php, query: "cmd=id", method: POST}}
expectations:
  - {{rule: bench-000, at_most: 1000000}}
"""

PROGRAMS = ("whoami", "net", "nltest", "certutil", "rundll32", "mshta", "wmic", "reg", "schtasks", "bitsadmin")
USUAL = ("chrome", "outlook", "teams", "svchost", "code", "python", "notepad", "excel", "git", "node")


def playbook_text(events: int) -> str:
    images = [f'"C:\\\\Windows\\\\System32\\\\{name}.exe"' for name in (*USUAL, *PROGRAMS)]
    return PLAYBOOK.format(
        rate=events // 4,
        images=", ".join(images),
        names=", ".join(f"host{number}.example" for number in range(300)),
        paths=", ".join(f"/item/{number}" for number in range(300)),
    )


def rule_texts() -> list[str]:
    """Return a hundred rules as detection folders have them: mostly process creation, some web, some keywords."""
    rules = []
    for number in range(100):
        kind = ("process", "process", "process", "dns", "web", "ssh")[number % 6]
        program, other = PROGRAMS[number % 10], PROGRAMS[(number * 7 + 3) % 10]
        body = {
            "process": "logsource: {product: windows, category: process_creation}\ndetection:\n"
            f"  image: {{Image|endswith: ['\\{program}.exe', '\\{other}.exe']}}\n"
            f"  line: {{CommandLine|contains: ['--profile {number % 97}', ' -enc{number} ']}}\n"
            f"  parent: {{ParentImage|startswith: 'C:\\Windows\\e'}}\n  condition: image and (line or not parent)",
            "dns": "logsource: {product: windows, category: dns_query}\ndetection:\n"
            f"  name: {{QueryName|endswith: 'host{number}.example', Image|contains: firefox}}\n  condition: name",
            "web": "logsource: {category: webserver}\ndetection:\n"
            f"  uri: {{cs-uri-stem|contains: ['/item/{number}', '/uploads/'], sc-status: 500}}\n  condition: uri",
            "ssh": "logsource: {product: linux, service: sshd}\ndetection:\n"
            f"  keywords: ['port {1000 + number} ', 'invalid user nobody{number}']\n  condition: keywords",
        }[kind]
        rules.append(
            f"title: Benchmark rule {number}\nid: 00000000-0000-4000-8000-{number:012d}\nstatus: test\n{body}\n"
        )
    return rules


def prepared(folder: Path, events: int) -> Path:
    (folder / "rules").mkdir(parents=True)
    for number, text in enumerate(rule_texts()):
        (folder / "rules" / f"bench-{number:03}.yml").write_text(text)
    path = folder / "million.yaml"
    path.write_text(playbook_text(events))
    return path


def cpu(task: Callable[[], Any]) -> tuple[float, Any]:
    began = resource.getrusage(resource.RUSAGE_SELF)
    answer = task()
    ended = resource.getrusage(resource.RUSAGE_SELF)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime, answer


def sqlite_detection(run: Any, rules: list[Path]) -> int:
    """Do the store's and the detector's work as pySigma's SQLite backend would have it done; return the hits."""
    from sigma.backends.sqlite import sqliteBackend
    from sigma.collection import SigmaCollection

    collections = [SigmaCollection.from_yaml(path.read_text()) for path in rules]
    queries = [(each.rules[0], sqliteBackend(fulltext_field="fulltext").convert(each)[0]) for each in collections]
    database = sqlite3.connect(":memory:")
    hits = 0
    for stream in run.streams:
        fields = stream.renderer.fields

        def column(name: str, fields: Any = fields) -> str:
            return str(fields.get(name) or (fields["*"].replace("*", name) if "*" in fields else name))

        names = ["Image", "CommandLine", "ParentImage", "QueryName", "EventID", "cs-uri-stem", "sc-status"]
        paths = [column(name) for name in names]
        quoted = ", ".join(f'"{name}" TEXT COLLATE NOCASE' for name in names)
        database.execute(f'CREATE TABLE "{stream.renderer.name}" (fulltext TEXT COLLATE NOCASE, {quoted})')

        def rows(stream: Any = stream, paths: list[str] = paths) -> Any:
            text = stream.format.tag_text(run.tag)
            with stream.path.open(encoding="utf-8") as file:
                for line in file:
                    parsed = stream.format.layout.parse(line.rstrip("\n").replace(text, ""))
                    yield (line, *(parsed.get(path) for path in paths))

        marks = ", ".join("?" * (len(names) + 1))
        database.executemany(f'INSERT INTO "{stream.renderer.name}" VALUES ({marks})', rows())
    tables = {"process_creation": "windows.sysmon", "dns_query": "windows.sysmon", "webserver": "nginx.access"}
    gates = {"process_creation": " AND \"EventID\" = '1'", "dns_query": " AND \"EventID\" = '22'"}
    for rule, query in queries:
        category = rule.logsource.category
        table = tables.get(category, "linux.auth_log")
        where = query.split(" WHERE ", 1)[1]
        found = database.execute(f'SELECT count(*) FROM "{table}" WHERE ({where}){gates.get(category, "")}')
        hits += found.fetchone()[0]
    return hits


def unseen(done: float, events: int) -> None:
    """Nobody watches."""


def round_of(folder: Path, playbook: Path, rules: Path, *, reference: bool) -> dict[str, float]:
    from simulator.plugin_manager import load_plugins
    from simulator.recording.manifest import read_manifest
    from simulator.scoring.score import score
    from simulator.usecases.judge import judge
    from simulator.usecases.request import Request, play_request

    plugins = load_plugins()
    request = Request(str(playbook), out=str(folder), score=False)
    seconds, played = cpu(lambda: play_request(request, unseen))
    run = read_manifest(played.folder).recorded(plugins)
    sandbox, detectors = plugins.sandboxes["embedded"], list(plugins.detectors.values())
    detect, detection = cpu(lambda: sandbox.detect(run, detectors, [rules]))
    scoring, _ = cpu(lambda: score(run, detection, read_manifest(played.folder).expectations))
    whole, _ = cpu(lambda: judge(read_manifest(played.folder), plugins, [rules]))
    figures = {"events": played.events, "records": played.records, "play": seconds, "detect": detect, "score": scoring}
    figures |= {"judge": whole, "hits": sum(report.hits for report in detection.rules)}
    if reference:
        figures["sqlite"], figures["sqlite_hits"] = cpu(lambda: sqlite_detection(run, sorted(rules.glob("*.yml"))))
        assert figures["sqlite_hits"] == figures["hits"], "both must find the same"
    return figures


def peak_memory(playbook: Path, out: Path) -> int:
    """Return the largest memory, in MiB, of a process that plays a playbook to files."""
    code = (
        "import resource, sys\nfrom simulator.usecases.request import Request, play_request\n"
        "def print_nothing(done, events): pass\n"
        "play_request(Request(sys.argv[1], out=sys.argv[2], score=False), print_nothing)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code, playbook, out], capture_output=True, text=True, check=True)
    return int(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-memory", action="store_true")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        playbook = prepared(folder / "one", asked.events)
        rounds = [
            round_of(folder / f"run-{number}", playbook, folder / "one" / "rules", reference=True)
            for number in range(asked.rounds)
        ]
        median = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        memory = {}
        if not asked.no_memory:
            ten = prepared(folder / "ten", asked.events * 10)
            memory = {"one": peak_memory(playbook, folder / "m1"), "ten": peak_memory(ten, folder / "m10")}
    told = {
        "events": int(median["events"]),
        "records": int(median["records"]),
        "events_per_cpu_second": {
            stage: round(median["events"] / max(median[stage], 1e-9)) for stage in ("play", "detect", "score", "judge")
        },
        "cpu_seconds": {stage: round(median[stage], 2) for stage in ("play", "detect", "score", "judge", "sqlite")},
        "ratios": {"detect_vs_sqlite": round(statistics.median(r["sqlite"] / r["detect"] for r in rounds), 1)},
        "peak_memory_mib": memory,
        "wall_seconds": round(time.monotonic() - began, 1),
    }
    if memory:
        told["ratios"]["memory_ten_vs_one"] = round(memory["ten"] / memory["one"], 2)
    if asked.json:
        print(json.dumps(told))
        return
    for key, value in told.items():
        print(f"{key}: {value}")


if __name__ == "__main__":
    main()
