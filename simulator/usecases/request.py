"""From what somebody asked for to a run: playbook checked, parameters set, cast drawn, destination allowed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from simulator import __version__
from simulator.delivery.destinations import allowed_folder
from simulator.errors import UsageError, cannot_write
from simulator.playbook.loader import Playbook, load_playbook
from simulator.playbook.planning.casting import Casting, cast_playbook
from simulator.playbook.planning.responses import load_responses
from simulator.plugin_manager import Plugins, load_plugins
from simulator.recording.folder import JUNIT, free_folder
from simulator.recording.inputs import Inputs
from simulator.usecases.judge import existing_rules
from simulator.usecases.play import Manner, Played, Progress, play, play_to


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


def play_request(request: Request, progress: Progress) -> Played:
    """Do what was asked for: play, record and score."""
    plugins = load_plugins()
    out = _folder(request)
    manner = Manner(only=request.only, speed=_speed(request.speed))
    casting, inputs = _cast(request, plugins)
    judged = existing_rules(request.rules) if request.score else None
    played = play(casting, inputs, plugins, out, manner=manner, rules=judged, progress=progress)
    if request.junit is not None and played.scorecard is not None:
        _copy(played.folder / JUNIT, request.junit)
    return played


def stream_request(request: Request, file: BinaryIO) -> None:
    """Do what was asked for, but write records to a file as they come, and nothing else."""
    plugins = load_plugins()
    casting, inputs = _cast(request, plugins)
    play_to(file, casting, inputs, plugins, Manner(only=request.only, speed=_speed(request.speed)))


def _cast(request: Request, plugins: Plugins) -> tuple[Casting, Inputs]:
    playbook = load_playbook(request.playbook, plugins)
    responses = load_responses(request.responses) if request.responses else ()
    casting = cast_playbook(playbook, request.seed, dict(map(_setting, request.settings)), responses)
    return casting, _inputs(playbook, casting, request)


def _inputs(playbook: Playbook, casting: Casting, request: Request) -> Inputs:
    texts = playbook.texts()
    if request.responses:
        texts["responses.yaml"] = request.responses.read_text(encoding="utf-8")
    rules = {rule.name: _rule(rule) for rule in playbook.rules}
    return Inputs(__version__, request.seed, casting.parameters, texts, rules)


def _rule(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: the expected rule cannot be read: {error.strerror or error}") from error


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"--set {text!r}: write NAME=VALUE, such as --set attempts=50")
    return name, value


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise UsageError(f"--speed {text!r}: write max, or how many seconds of the story pass in one, such as 60")
    return speed


def _folder(request: Request) -> Path:
    """Return the folder that was named, or the next free one in ``runs``."""
    if request.out is not None:
        return allowed_folder(request.out)
    return free_folder(Path("runs"), Path(request.playbook).stem)


def _copy(report: Path, to: Path) -> None:
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(report, to)
    except OSError as error:
        raise cannot_write(to, error) from error
