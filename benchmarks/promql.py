"""Three recording rules over 3,200 series at 241 steps: our evaluator, and `promtool test rules` on the same input.

    python benchmarks/promql.py [--json] [--rounds 5]

Ours reads the expressions, fills the store and evaluates; promtool reads its test file, fills a database and evaluates.
What promtool takes to do that without rules is measured too, and taken off for the second ratio, in which ours is the
evaluation alone. Figures are medians of CPU seconds (user and system); both count how many series each rule gave at the
end, and are held to each other there. promtool is that of FEINT_TEST_PROMTOOL, or on PATH.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from simulator_prometheus.promql.evaluate import evaluate_rule
from simulator_prometheus.promql.expressions import parsed
from simulator_prometheus.promql.series import Labels, SeriesStore, labels_of

STEP = 15_000  # ms
STEPS = 241
INSTANCES = 200
RULES = {
    "job:errors:ratio": """
        sum by (job) (rate(requests_total{code=~"5.."}[5m])) / sum by (job) (rate(requests_total[5m]))""",
    "job:seconds:p99": "histogram_quantile(0.99, sum by (le, job) (rate(seconds_bucket[5m])))",
    "job_code:requests:increase10m": "sum without (instance) (increase(requests_total[10m])) > 10",
}
BOUNDS = ("0.1", "0.2", "0.4", "0.8", "1.6", "3.2", "6.4", "+Inf")
CODES = ("200", "201", "204", "301", "400", "404", "500", "503")
Series = tuple[Labels, int, int]  # how much it rises each step, and the step at which it starts again from nothing


def series() -> list[Series]:
    random = np.random.default_rng(7)
    made: list[Series] = []
    for instance in range(INSTANCES):
        own = {"job": f"job-{instance % 20}", "instance": f"10.0.0.{instance}:8080"}
        reset = int(random.integers(20, STEPS))
        for code in CODES:
            labels = labels_of({"__name__": "requests_total", "code": code, **own}.items())
            made.append((labels, int(random.integers(1, 50)), reset))
        rise = np.cumsum(random.integers(1, 20, len(BOUNDS)))
        for bound, each in zip(BOUNDS, rise, strict=True):
            labels = labels_of({"__name__": "seconds_bucket", "le": bound, **own}.items())
            made.append((labels, int(each), reset))
    return made


def ours(given: list[Series]) -> tuple[float, dict[str, int]]:
    """Return the CPU seconds of the evaluation, and how many series each rule gave at the last step."""
    times = np.arange(STEPS, dtype=np.int64) * STEP
    store = SeriesStore()
    steps = np.arange(STEPS, dtype=np.float64)
    for labels, rise, reset in given:
        store.add(labels, times, rise * np.where(steps < reset, steps, steps - reset))
    began = time.process_time()
    counts = {}
    for name, text in RULES.items():
        vector, failures = evaluate_rule(parsed(text), store, times)
        assert not failures
        counts[name] = int(vector.present[:, -1].sum())
    return time.process_time() - began, counts


def written(folder: Path, given: list[Series], counts: dict[str, int], *, rules: bool) -> Path:
    """Write a test for promtool: the rules, the series, and what has to be there at the end."""
    records = [{"record": name, "expr": text} for name, text in RULES.items()] if rules else []
    groups = [{"name": "all", "interval": f"{STEP // 1000}s", "rules": records}]
    (folder / "rules.json").write_text(json.dumps({"groups": groups if rules else []}))
    end = f"{(STEPS - 1) * STEP // 1000}s"
    checks = [
        {"expr": f"count({name})", "eval_time": end, "exp_samples": [{"labels": "{}", "value": count}]}
        for name, count in counts.items()
    ]
    told = [
        {
            "series": dict(labels)["__name__"] + "{" + ",".join(f'{n}="{v}"' for n, v in labels[1:]) + "}",
            "values": f"0+{rise}x{reset - 1} 0+{rise}x{STEPS - reset - 1}",
        }
        for labels, rise, reset in given
    ]
    test = {"interval": f"{STEP // 1000}s", "input_series": told, "promql_expr_test": checks if rules else []}
    if not rules:  # else it does not load the series
        test["promql_expr_test"] = [{"expr": "vector(1)", "eval_time": end, "exp_samples": [{"value": 1}]}]
    file = folder / "test.json"
    file.write_text(
        json.dumps({"rule_files": ["rules.json"], "evaluation_interval": f"{STEP // 1000}s", "tests": [test]})
    )
    return file


def promtool(program: str, test: Path) -> tuple[float, float]:
    """Return CPU and wall seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    said = subprocess.run([program, "test", "rules", test], capture_output=True, text=True, check=False, timeout=300)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert said.returncode == 0, said.stdout + said.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def measured(function: Callable[[], tuple[float, dict[str, int]]]) -> dict[str, float]:
    began, wall = time.process_time(), time.perf_counter()
    evaluation, _ = function()
    return {
        "cpu": time.process_time() - began,
        "wall": time.perf_counter() - wall,
        "evaluation": evaluation,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    given = series()
    _, counts = ours(given)
    rounds = [measured(lambda: ours(given)) for _ in range(asked.rounds)]
    told: dict[str, Any] = {
        "series": len(given),
        "steps": STEPS,
        "rules": len(RULES),
        "ours_seconds": {key: round(statistics.median(each[key] for each in rounds), 3) for key in rounds[0]},
        "ratios": {},
    }
    program = os.environ.get("FEINT_TEST_PROMTOOL") or shutil.which("promtool")
    if program is None:
        told["skipped"] = "promtool is not there"
    else:
        told |= against(program, given, counts, rounds)
    if asked.json:
        print(json.dumps(told))
        return
    for key, value in told.items():
        print(f"{key}: {value}")


def against(
    program: str, given: list[Series], counts: dict[str, int], rounds: list[dict[str, float]]
) -> dict[str, Any]:
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for kind in ("all", "loading"):
            folder = Path(name, kind)
            folder.mkdir()
            test = written(folder, given, counts, rules=kind == "all")
            found[kind] = [promtool(program, test) for _ in rounds]
    median = {kind: [statistics.median(column) for column in zip(*each, strict=True)] for kind, each in found.items()}
    mine = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
    return {
        "promtool_seconds": {
            kind: {"cpu": round(cpu, 3), "wall": round(wall, 3)} for kind, (cpu, wall) in median.items()
        },
        "ratios": {
            "promql_vs_promtool": round(median["all"][0] / mine["cpu"], 2),
            "promql_vs_promtool_wall": round(median["all"][1] / mine["wall"], 2),
            "promql_evaluation_vs_promtool": round((median["all"][0] - median["loading"][0]) / mine["evaluation"], 2),
        },
    }


if __name__ == "__main__":
    main()
