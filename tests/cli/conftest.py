"""The command line as somebody at a terminal meets it: in this process for speed, in its own where that matters."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.cli import main
from tests.night_visit import NAME, written_to

COMMAND = (sys.executable, "-c", "from simulator.cli import main; main()")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def complaint(self, code: int) -> str:
        """Return the one sentence that was said, and hold that nothing else was."""
        assert self.code == code, (self.code, self.err)
        assert self.out == ""
        said = [line for line in self.err.splitlines() if not line.startswith("Playing ")]
        assert len(said) == 1, self.err
        assert said[0].startswith("feint: ")
        return said[0].removeprefix("feint: ")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the playbook and its rule, which is the current one."""
    monkeypatch.chdir(tmp_path)
    written_to(tmp_path)
    return tmp_path


@pytest.fixture
def feint(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """Run the command line in this process."""

    def feint(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["feint", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(int(ended.value.code or 0), said.out, said.err)

    before = signal.getsignal(signal.SIGTERM)
    yield feint
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def feint_process(here: Path) -> Callable[..., Ended]:
    """Run the command line in a process of its own, with more in its environment perhaps."""

    def feint_process(*arguments: object, **environment: str) -> Ended:
        ended = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, **environment},
            check=False,
        )
        assert "Traceback" not in ended.stderr
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return feint_process


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, to be copied."""
    folder = tmp_path_factory.mktemp("recorded")
    written_to(folder)
    subprocess.run([*COMMAND, "play", f"./{NAME}.yaml", "--out", "run"], cwd=folder, check=True, capture_output=True)
    return folder / "run"


@pytest.fixture
def run(here: Path, recorded: Path) -> Path:
    """A finished run of one's own, in the current folder."""
    shutil.copytree(recorded, here / "run")
    return Path("run")


@pytest.fixture
def unreadable() -> Callable[[Path], None]:
    """Let a file be there and refuse to be read."""

    def unreadable(path: Path) -> None:
        if os.geteuid():
            path.chmod(0)
        else:  # root may read everything, but for its own memory at address 0
            path.unlink()
            path.symlink_to("/proc/self/mem")

    return unreadable


@pytest.fixture
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """Install a module as a plugin, the way pip leaves one behind; return the folder for PYTHONPATH."""
    folder = tmp_path_factory.mktemp("site")

    def installed(name: str, code: str) -> str:
        (folder / f"simulator_{name}.py").write_text(code)
        info = folder / f"feint_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: feint-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[simulator]\n{name} = simulator_{name}\n")
        return str(folder)

    return installed
