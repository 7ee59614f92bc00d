"""The architecture: who imports whom, what the core does not know, and what no code of ours does."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import simulator

REPOSITORY = Path(__file__).resolve().parents[1]
CORE = sorted((REPOSITORY / "simulator").rglob("*.py"))
PLUGINS = sorted([*(REPOSITORY / "plugins").rglob("*.py"), *(REPOSITORY / "sandbox").rglob("*.py")])
EVERYTHING = [*CORE, *PLUGINS]

PRODUCTS = re.compile(
    r"(?<![a-z])(nginx|apache|iis|caddy|sysmon|winlogbeat|filebeat|auditbeat|zeek|suricata|snort|sshd|sudo|auditd"
    r"|systemd|journald|cron|powershell|mimikatz|kerberos|elastic|elasticsearch|kibana|splunk|wazuh|prometheus|grafana"
    r"|linux|'windows'|windows(?=\.\w)|(?-i:Windows)|rfc3164|rfc5424|ecs|cef)(?![a-z])",
    re.IGNORECASE,
)
MAY_NAME = {
    ("playbook/starter_attack.py", "linux"): "a starter is a playbook: data, which names what it plays with",
    ("playbook/starter_incident.py", "prometheus"): "as above",
    ("playbook/model/worlds.py", "windows"): "a world's NetBIOS name is explained as what it is",
    ("world/generation.py", "windows"): "machines of a domain have accounts; which ones do is told by their os",
}

CLOCKS = {"time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep"} | {
    f"{prefix}{name}"
    for prefix in ("datetime.", "datetime.datetime.", "date.", "datetime.date.")
    for name in ("now", "utcnow", "today")
}
CHANCE = {"uuid.uuid1", "uuid.uuid4", "uuid1", "uuid4", "os.urandom"}
BUILTINS = {"eval", "exec", "__import__", "breakpoint"}
UNSAFE = {"yaml.load", "yaml.full_load", "yaml.unsafe_load", "os.system", "os.popen"}
MODULES = {"pickle", "marshal", "shelve", "dill", "random", "secrets"}
EXCEPT = {  # file → what it alone may do
    "simulator/clock.py": CLOCKS | {"secrets"},
    "simulator/chance.py": {"np.random.Generator", "np.random.Philox"},
    "simulator/scoring/bootstrap.py": {"np.random.Generator", "np.random.Philox"},  # seeded with a constant
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each module that a file imports, anywhere in it, and the names that it takes from it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((each.name, ()) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or "", tuple(each.name for each in node.names)


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def docstrings(module: ast.Module) -> set[ast.AST]:
    """Return the strings that stand alone: docstrings, and the notes below an attribute."""
    return {node.value for node in ast.walk(module) if isinstance(node, ast.Expr)}


def said(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the names of a file's code, and its strings in quotes."""
    notes = docstrings(tree(path))
    for node in ast.walk(tree(path)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in notes:
            yield line, f"'{node.value}'"
        elif isinstance(node, ast.Name):
            yield line, node.id
        elif isinstance(node, ast.Attribute):
            yield line, node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield line, node.name
        elif isinstance(node, ast.arg | ast.keyword):
            yield line, node.arg or ""


def place(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def test_the_core_imports_no_plugin():
    found = [f"{place(path)}: {module}" for path in CORE for module, _ in imports(path) if "simulator_" in module]

    assert not found


def test_plugins_import_only_themselves_and_what_the_core_exports():
    found = []
    for path in PLUGINS:
        own = path.relative_to(REPOSITORY).parts[1]
        for module, names in imports(path):
            top = module.partition(".")[0]
            private = top == "simulator" and (module != "simulator" or set(names) - set(simulator.__all__))
            foreign = top.startswith("simulator_") and top != own
            if private or foreign or top in ("plugins", "sandbox"):
                found.append(f"{place(path)}: {module} {names}")

    assert not found


def test_the_core_names_no_product():
    found = []
    for path in CORE:
        short = path.relative_to(REPOSITORY / "simulator").as_posix()
        for line, text in said(path):
            products = {match[1].lower().strip("'") for match in PRODUCTS.finditer(text)}
            found += [f"{place(path)}:{line}: {each}" for each in products if (short, each) not in MAY_NAME]

    assert not found


def test_nothing_reads_a_clock_draws_lots_or_runs_text():
    found = []
    for path in EVERYTHING:
        allowed = EXCEPT.get(place(path), set())
        for module, names in imports(path):
            used = {module, *(f"{module}.{name}" for name in names)}
            found += [f"{place(path)}: {each}" for each in used & (MODULES | CLOCKS | CHANCE | UNSAFE) - allowed]
        for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)):
            name = dotted(call.func)
            banned = name in CLOCKS | CHANCE | BUILTINS | UNSAFE or re.match(r"(np|numpy)\.random\.", name)
            shell = any(
                each.arg == "shell" and not (isinstance(each.value, ast.Constant) and each.value.value is False)
                for each in call.keywords
            )
            if (banned and name not in allowed) or shell:
                found.append(f"{place(path)}:{call.lineno}: {name}")

    assert not found


def test_time_is_never_asked_of_numpy():
    words = {"now", "today"}
    found = [
        f"{place(path)}:{call.lineno}"
        for path in EVERYTHING
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call) and dotted(call.func).endswith("datetime64")
        if any(isinstance(each, ast.Constant) and each.value in words for each in call.args)
    ]

    assert not found


def test_commands_start_without_heavy_libraries():
    heavy = {"numpy", "pyarrow", "duckdb", "jinja2", "sigma", "numba", "yaml", "structlog"}
    heavy |= {"opentelemetry", "requests", "promql_parser", "google.protobuf"}
    code = (
        "import sys, simulator.cli; from simulator.plugin_manager import load_plugins; load_plugins().additions();"
        f"print(*sorted({heavy} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert loaded == []


def test_import_contracts_hold():
    program = shutil.which("lint-imports", path=Path(sys.executable).parent)
    if program is None:
        pytest.skip("import-linter is not installed: pip install -e '.[lint]'")
    done = subprocess.run([program, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
