"""The manifest: what a run is, what it was made from, the digest of every file. It holds no wall-clock time."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from importlib.metadata import version
from pathlib import Path
from typing import Any

from simulator.detection import RecordedRun, Schedule, Stream
from simulator.errors import UsageError
from simulator.playbook.planning.casting import Casting
from simulator.plugin_manager import Plugins
from simulator.quantities import duration, instant, iso, spoken
from simulator.recording.folder import DELIVERIES, MANIFEST, TELEMETRY, write_json
from simulator.recording.inputs import Inputs
from simulator.scoring.expectations import Expectation
from simulator.telemetry.renderer import Renderer
from simulator.telemetry.tag import Tag

_LIBRARIES = ("duckdb", "jinja2", "numpy", "pyarrow", "pysigma")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says."""

    folder: Path
    values: Mapping[str, Any]

    @property
    def is_complete(self) -> bool:
        return bool(self.values["status"] == "complete")

    @property
    def tag(self) -> Tag:
        return Tag(self.values["run"], self.values["playbook"])

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        return tuple(Expectation(**{**each, "steps": tuple(each["steps"])}) for each in self.values["expectations"])

    def recorded(self, plugins: Plugins) -> RecordedRun:
        """Return the run as a sandbox sees it."""
        span, detection = self.values["span"], self.values["detection"]
        start, end = instant(span["start"]), instant(span["end"])
        schedule = Schedule(start, end, duration(detection["interval"]), duration(detection["look_back"]))
        streams = tuple(self._stream(each, plugins) for each in self.values["streams"])
        return RecordedRun(self.folder, self.tag, streams, self.folder / DELIVERIES, schedule)

    def _stream(self, told: Mapping[str, str], plugins: Plugins) -> Stream:
        name = told["renderer"]
        if name not in plugins.renderers:
            raise UsageError(f"{self.folder}: was recorded with renderer {name!r}; install the plugin that adds it")
        renderer = plugins.renderers[name]
        return Stream(renderer, plugins.format_of(renderer), self.folder / told["file"])

    def changed_files(self) -> list[str]:
        """Return the recorded files that are not what they were when the run was recorded."""
        told = self.values["files"]
        return [
            name
            for name, digest in told.items()
            if not (self.folder / name).is_file() or _digest(self.folder / name) != digest
        ]


def write_manifest(
    folder: Path,
    status: str,
    casting: Casting,
    inputs: Inputs,
    tag: Tag,
    renderers: Sequence[Renderer],
    plugins: Plugins,
) -> None:
    """Write the manifest of a run that was played, with the digests of all files that are there by now."""
    streams = [
        {"renderer": each.name, "file": f"{TELEMETRY}/{each.name}/{each.name}.{plugins.format_of(each).extension}"}
        for each in renderers
    ]
    values = {
        "format": 1,
        "status": status,
        "synthetic": True,
        "run": tag.run,
        "playbook": tag.playbook,
        "title": casting.title,
        "feint": inputs.version,
        "seed": inputs.seed,
        "parameters": dict(inputs.parameters),
        "span": {"start": iso(casting.plan.span.start), "end": iso(casting.plan.span.end)},
        "detection": {"interval": spoken(casting.interval), "look_back": spoken(casting.look_back)},
        "expectations": [_told(each) for each in casting.expectations],
        "streams": streams,
        "plugins": plugins.versions(),
        "environment": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
    }
    write_json(folder / MANIFEST, {**values, "files": _digests(folder)})


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a run folder."""
    path = folder / MANIFEST
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(folder, values)
        assert values["format"] == 1
        _ = manifest.tag, manifest.is_complete, manifest.expectations
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name the folder of a run") from error
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise UsageError(f"{path}: is not the manifest of a run that this version can read ({error})") from error
    return manifest


def refresh_digests(folder: Path) -> None:
    """Write the digests of a run's files again, after it was scored."""
    manifest = read_manifest(folder)
    write_json(folder / MANIFEST, {**manifest.values, "files": _digests(folder)})


def _told(expectation: Expectation) -> dict[str, Any]:
    names = ("rule", "steps", "within", "at_least", "at_most", "exactly", "because")
    return {name: getattr(expectation, name) for name in names}


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): _digest(path) for path in files}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{file_digest(file, 'sha256').hexdigest()}"
