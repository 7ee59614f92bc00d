"""Real servers and their tools, as tests ask them: Prometheus 3 and Alertmanager on a free port of this machine.

A program is the one that FEINT_TEST_<NAME> names, else the one on PATH, else the one that ``.ci/run`` built.
Where there is none the test is skipped, or fails if FEINT_REQUIRE_SERVERS says that this machine should have it.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

_BUILT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "feint", "prometheus-3.16")
_FROM = {
    "prometheus": "run .ci/run, which builds it, or set FEINT_TEST_PROMETHEUS to a Prometheus 3",
    "promtool": "run .ci/run, which builds it, or set FEINT_TEST_PROMTOOL to that of a Prometheus 3",
    "alertmanager": "apt-get install prometheus-alertmanager, or set FEINT_TEST_ALERTMANAGER",
    "amtool": "apt-get install prometheus-alertmanager, or set FEINT_TEST_AMTOOL",
}
_ALSO_CALLED = {"alertmanager": "prometheus-alertmanager"}
_ON_NO_PORT = "--cluster.listen-address="  # Alertmanager's gossip, which a single one does not need


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers, and where it writes what it has to say."""

    host: str
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def get(self, path: str, /, **query: str) -> Any:
        """Return the JSON that is there: ``get("/api/v1/query", query="up", time="1700000000")["data"]``."""
        return json.loads(self.send("GET", f"{path}?{urlencode(query)}" if query else path))

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Send a body; the test fails with the server's words if it is not taken."""
        return self.send("POST", path, body, headers)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, f"{method} {path}: {answer.status}: {text.decode(errors='replace')}"
        return text


@contextmanager
def prometheus(
    folder: Path, *, config: str = "global: {}\n", data: Path | None = None, arguments: Sequence[str] = ()
) -> Iterator[Server]:
    """Run Prometheus 3 in a folder: it takes remote write and OTLP, scrapes only what ``config`` says.

    ``data`` is a folder of blocks (``promtool tsdb create-blocks-from``) if it is to start with some.
    Samples of any time are kept.
    """
    program = found("prometheus")
    file = folder / "prometheus.yml"
    file.write_text(config, encoding="utf-8")
    command = [
        program,
        f"--config.file={file}",
        f"--storage.tsdb.path={data or folder / 'prometheus-data'}",
        "--storage.tsdb.retention.time=100y",
        "--web.enable-otlp-receiver",
        "--web.enable-remote-write-receiver",
        "--web.enable-lifecycle",
        *arguments,
    ]
    with _running(command, folder / "prometheus.log") as server:
        yield server


@contextmanager
def alertmanager(folder: Path, config: str, *, arguments: Sequence[str] = ()) -> Iterator[Server]:
    """Run Alertmanager alone, with this text as its alertmanager.yml."""
    program = found("alertmanager")
    file = folder / "alertmanager.yml"
    file.write_text(config, encoding="utf-8")
    command = [program, f"--config.file={file}", f"--storage.path={folder / 'alertmanager-data'}", _ON_NO_PORT]
    with _running([*command, *arguments], folder / "alertmanager.log") as server:
        yield server


def promtool(
    *arguments: str | Path, folder: Path | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run ``promtool`` of Prometheus 3 and return what it printed and its exit code, whatever that is."""
    return _answer_of(found("promtool"), arguments, folder, timeout)


def amtool(*arguments: str | Path, folder: Path | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run ``amtool`` and return what it printed and its exit code, whatever that is."""
    return _answer_of(found("amtool"), arguments, folder, timeout)


def found(name: str) -> str:
    """Return the path of a program, or skip the test (fail it, if this machine must have one)."""
    named = os.environ.get(f"FEINT_TEST_{name.upper()}")
    if named and not os.access(named, os.X_OK):
        pytest.fail(f"FEINT_TEST_{name.upper()}: there is no program at {named}")
    for path in [named] if named else [*_on_path(name), str(_BUILT / name)]:
        if named or (os.access(path, os.X_OK) and _is_recent(name, path)):
            return path
    complaint = f"{name} is not there: {_FROM[name]}"
    if os.environ.get("FEINT_REQUIRE_SERVERS") == "1":
        pytest.fail(complaint)
    pytest.skip(complaint)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _on_path(name: str) -> Iterator[str]:
    for called in (name, _ALSO_CALLED.get(name, name)):
        path = shutil.which(called)
        if path:
            yield path


def _is_recent(name: str, path: str) -> bool:
    """Say whether it is of Prometheus 3, where that matters. Debian's is a 2, whose windows are closed on the left."""
    if name not in ("prometheus", "promtool"):
        return True
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)
    version = re.search(r"version (\d+)\.", said.stdout + said.stderr)
    return version is not None and int(version[1]) >= 3


def _answer_of(
    program: str, arguments: Sequence[str | Path], folder: Path | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False, timeout=timeout
    )


@contextmanager
def _running(command: Sequence[str], log: Path, attempts: int = 3) -> Iterator[Server]:
    """Run a server until the block ends, however it ends."""
    for attempt in range(attempts):
        server = Server("127.0.0.1", free_port(), log)
        with log.open("wb") as file:
            listening = f"--web.listen-address={server.host}:{server.port}"
            process = subprocess.Popen([*command, listening], stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        try:
            if _is_ready(server, process):
                yield server
                return
        finally:
            _stop(process)
        said = log.read_text(encoding="utf-8", errors="replace")
        if "address already in use" not in said or attempt == attempts - 1:  # else somebody was faster
            pytest.fail(f"{command[0]} did not start:\n{said[-3000:]}")


def _is_ready(server: Server, process: subprocess.Popen[bytes], seconds: float = 60) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            server.send("GET", "/-/ready")
        except (OSError, http.client.HTTPException, AssertionError):
            time.sleep(0.05)
        else:
            return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
