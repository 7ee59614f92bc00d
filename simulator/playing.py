"""From what somebody asked for to a run: playbook found and checked, parameters set, cast drawn, destination allowed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from simulator import __version__
from simulator.delivery.destinations import allowed_folder
from simulator.errors import UsageError
from simulator.judging import judge
from simulator.playbook.casting import Casting, cast_playbook
from simulator.playbook.loader import load_playbook
from simulator.playbook.responses import load_responses
from simulator.plugin_manager import Plugins, load_plugins
from simulator.recording.inputs import Inputs
from simulator.run import Manner, Played, Progress, play, play_to


@dataclass(frozen=True, slots=True)
class Request:
    """What ``feint play`` was asked for, as it was written."""

    playbook: str
    seed: int = 1
    settings: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    out: str | None = None
    speed: str = "max"
    only: tuple[str, ...] = ()
    responses: Path | None = None
    score: bool = True
    junit: Path | None = None
