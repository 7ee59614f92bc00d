from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from simulator.playbook.loader import Playbook, load_playbook
from simulator.plugin_manager import Plugins, load_plugins
from simulator.usecases.request import Request, play_request


@dataclass(frozen=True)
class Run:
    """A run folder as a test reads it: records by stream, and by the act that left them."""

    folder: Path

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())

    def lines(self, stream: str) -> list[str]:
        (path,) = (self.folder / "telemetry" / stream).iterdir()
        return path.read_text().removesuffix("\n").split("\n")  # splitlines() splits auditd's at their separators

    def lines_of(self, act: str, stream: str) -> list[str]:
        """Return the records that an act (``step:guess``; nothing for the background) left in a stream."""
        lines = self.lines(stream)
        is_of = pc.and_(pc.equal(self._truth["act"], act), pc.equal(self._truth["stream"], stream))
        return [lines[number - 1] for number in self._truth.filter(is_of)["line"].to_pylist()]

    def records_of(self, act: str, stream: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines_of(act, stream)]

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines(stream)]

    @cached_property
    def _truth(self):
        table = pq.read_table(self.folder / "truth.parquet")
        return table.set_column(0, "stream", table["stream"].cast("string")).set_column(
            table.schema.get_field_index("act"), "act", table["act"].cast("string")
        )


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    return load_plugins()


@pytest.fixture(scope="session")
def playbook(plugins) -> Callable[[str], Playbook]:
    return lambda name: load_playbook(name, plugins)


@pytest.fixture(scope="session")
def play(tmp_path_factory, playbook) -> Callable[..., Run]:
    """Play a shipped playbook in an office that is nearly asleep, for what is asked is not of its background.

    ``take`` tells two playings of the same apart; the same one is played once for all tests.
    """
    played: dict[tuple[Any, ...], Run] = {}

    def play_it(name: str, *, activity: str | None = "0.02", seed: int = 1, take: int = 1) -> Run:
        quiet = activity is not None and "activity" in playbook(name).text.parameters
        settings = (f"activity={activity}",) if quiet else ()
        key = (name, settings, seed, take)
        if key not in played:
            out = tmp_path_factory.mktemp("run") / name
            request = Request(name, seed=seed, settings=settings, out=str(out))
            played[key] = Run(play_request(request, lambda done, events: None).folder)
        return played[key]

    return play_it
