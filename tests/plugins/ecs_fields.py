"""A jig for tests of ECS documents: their fields against the published schema."""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SCHEMA = Path(__file__).parents[3] / "shared" / "data" / "ecs" / "fields.csv"


def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Read a JSON object, refusing one that has a key twice."""
    assert len({key for key, _ in pairs}) == len(pairs), f"a key stands twice: {pairs}"
    return dict(pairs)


def assert_are_ecs_fields(document: Mapping[str, Any], own: tuple[str, ...] = ()) -> None:
    """Check names and shapes; fields that begin with one of ``own`` are the product's, not the schema's."""
    if not SCHEMA.exists():
        pytest.skip("the published schema is not there")
    for path, value in _fields(document, ""):
        if path.startswith(("labels.", *own)):
            continue
        assert path in _schema(), f"{path} is no ECS field"
        kind, is_array = _schema()[path]
        assert isinstance(value, list) == is_array, path
        for each in value if isinstance(value, list) else [value]:
            is_number = isinstance(each, int)  # Packetbeat writes dns.id, a keyword, as one
            assert is_number == (kind in ("long", "boolean")) or path == "dns.id", path


def _fields(value: Mapping[str, Any], path: str) -> Iterable[tuple[str, Any]]:
    for key, member in value.items():
        if isinstance(member, Mapping):
            yield from _fields(member, f"{path}{key}.")
        elif isinstance(member, list) and member and isinstance(member[0], Mapping):
            for each in member:
                yield from _fields(each, f"{path}{key}.")
        else:
            yield f"{path}{key}", member


@cache
def _schema() -> Mapping[str, tuple[str, bool]]:
    with SCHEMA.open(newline="", encoding="utf-8") as file:
        return {row["Field"]: (row["Type"], "array" in row["Normalization"]) for row in csv.DictReader(file)}
