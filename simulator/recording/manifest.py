"""The manifest: what a run is, what it was made from, the digest of every file. It holds no wall-clock time."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, get_args

from simulator.detection import RecordedRun, Schedule, Stream
from simulator.errors import UsageError
from simulator.playbook.planning.casting import Casting
from simulator.playbook.planning.responses import Response
from simulator.plugin_manager import Plugins
from simulator.quantities import SECOND, duration, instant, iso, spoken
from simulator.recording.folder import DELIVERIES, MANIFEST, TELEMETRY, write_json
from simulator.recording.inputs import Inputs
from simulator.recording.truth_ledger import check_ledger
from simulator.scoring.expectations import Expectation
from simulator.scoring.scorecard import Given
from simulator.telemetry.renderer import Renderer
from simulator.telemetry.tag import Tag

Status = Literal["playing", "complete", "interrupted"]
_FORMAT = 1
_RUN = re.compile(r"r[0-9a-f]{8}")
_LIBRARIES = ("duckdb", "jinja2", "numpy", "pyarrow", "pysigma")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says."""

    folder: Path
    values: Mapping[str, Any]

    def check(self) -> None:
        """Read all that is ever read of it, so that a damaged one is found at once."""
        if self.values["format"] != _FORMAT:
            raise ValueError(f"its format is {self.values['format']!r}, not {_FORMAT}")
        if self.values["status"] not in get_args(Status):
            raise ValueError(f"its status is {self.values['status']!r}")
        if not _RUN.fullmatch(self.tag.run) or not isinstance(self.tag.playbook, str):
            raise ValueError(f"its run is {self.tag.run!r}")
        if self.schedule.interval < SECOND or self.schedule.look_back < SECOND:
            raise ValueError("rules run at most once a second")
        _ = self.expectations, self.responses
        for stream in self.values["streams"]:
            self._path(stream["file"]), str(stream["renderer"])
        for name, digest in self.values["files"].items():
            self._path(name), digest.removeprefix("sha256:")

    @property
    def is_complete(self) -> bool:
        return bool(self.values["status"] == "complete")

    @property
    def tag(self) -> Tag:
        return Tag(self.values["run"], self.values["playbook"])

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        return tuple(Expectation(**{**each, "steps": tuple(each["steps"])}) for each in self.values["expectations"])

    @property
    def responses(self) -> tuple[Given, ...]:
        """What responders did before the run ended."""
        given = [
            Given(instant(each["at"]), str(each["do"]), str(each["what"])) for each in self.values.get("responses", ())
        ]
        return tuple(each for each in given if each.at < self.schedule.end)

    @property
    def schedule(self) -> Schedule:
        span, detection = self.values["span"], self.values["detection"]
        start, end = instant(span["start"]), instant(span["end"])
        return Schedule(start, end, duration(detection["interval"]), duration(detection["look_back"]))

    def recorded(self, plugins: Plugins) -> RecordedRun:
        """Return the run as a sandbox sees it; UsageError says what of it is not there any more."""
        check_ledger(self.folder)
        streams = tuple(self._stream(each, plugins) for each in self.values["streams"])
        return RecordedRun(self.folder, self.tag, streams, self.folder / DELIVERIES, self.schedule)

    def _stream(self, told: Mapping[str, str], plugins: Plugins) -> Stream:
        name = told["renderer"]
        if name not in plugins.renderers:
            raise UsageError(f"{self.folder}: was recorded with renderer {name!r}; install the plugin that adds it")
        renderer, path = plugins.renderers[name], self._path(told["file"])
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file any more; play the playbook again")
        return Stream(renderer, plugins.format_of(renderer), path)

    def _path(self, name: str) -> Path:
        """Return the path of a file of the run: what a manifest names lies in its folder."""
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise ValueError(f"{name!r} is not in the folder")
        return self.folder / name

    def changed_files(self) -> list[str]:
        """Return the recorded files that are not what they were when the run was recorded."""
        told = self.values["files"]
        return [name for name, digest in told.items() if _digest_or_none(self.folder / name) != digest]


def write_manifest(
    folder: Path,
    status: Status,
    casting: Casting,
    end: int,
    inputs: Inputs,
    tag: Tag,
    renderers: Sequence[Renderer],
    plugins: Plugins,
) -> Manifest:
    """Write the manifest of a run that was played until ``end``, with the digests of all files that are there by now.

    ``playing`` says that there is more to come: who finds that was killed before it came.
    """
    streams = [
        {"renderer": each.name, "file": f"{TELEMETRY}/{each.name}/{each.name}.{plugins.format_of(each).extension}"}
        for each in renderers
    ]
    values = {
        "format": _FORMAT,
        "status": status,
        "synthetic": True,
        "run": tag.run,
        "playbook": tag.playbook,
        "title": casting.title,
        "feint": inputs.version,
        "seed": inputs.seed,
        "parameters": dict(inputs.parameters),
        "span": {"start": iso(casting.plan.span.start), "end": iso(end)},
        "detection": {"interval": spoken(casting.interval), "look_back": spoken(casting.look_back)},
        "expectations": [_told(each) for each in casting.expectations],
        "responses": [_given(each, casting.plan.span.start) for each in casting.responses],
        "streams": streams,
        "plugins": plugins.versions(),
        "environment": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
    }
    return _written(folder, {**values, "files": _digests(folder, _files(folder))})


def read_manifest(folder: Path, *, unfinished: bool = False) -> Manifest:
    """Read the manifest of a run folder; UsageError says why it is none, or not of a finished run."""
    path = folder / MANIFEST
    try:
        manifest = Manifest(folder, json.loads(path.read_text(encoding="utf-8")))
        manifest.check()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error}); name the folder of a run") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path}: is not the manifest of a run that this version can read ({error}); play the playbook again"
        ) from error
    if manifest.values["status"] == "playing" and not unfinished:
        raise UsageError(f"{folder}: is not a finished run: it plays right now, or was killed; play the playbook again")
    return manifest


def update_manifest(manifest: Manifest, names: Iterable[str], status: Status | None = None) -> Manifest:
    """Write the manifest anew after some files were, and leave the digests of the others as they are."""
    values = {**manifest.values, "status": status or manifest.values["status"]}
    files = {**values["files"], **_digests(manifest.folder, names)}
    return _written(manifest.folder, {**values, "files": dict(sorted(files.items()))})


def _written(folder: Path, values: Mapping[str, Any]) -> Manifest:
    write_json(folder / MANIFEST, values)
    return Manifest(folder, values)


def _told(expectation: Expectation) -> dict[str, Any]:
    names = ("rule", "steps", "within", "at_least", "at_most", "exactly", "because")
    return {name: getattr(expectation, name) for name in names}


def _given(response: Response, start: int) -> dict[str, str]:
    return {"at": iso(start + response.at), "do": str(response.do), "what": str(response.what)}


def _files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(name for path in found if (name := path.relative_to(folder).as_posix()) != MANIFEST)


def _digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    return {name: _digest(folder / name) for name in names}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{file_digest(file, 'sha256').hexdigest()}"


def _digest_or_none(path: Path) -> str | None:
    try:
        return _digest(path)
    except OSError:
        return None
