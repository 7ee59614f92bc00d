"""JSON, one object a line: Elastic Common Schema documents, and the plain objects of products that have their own."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import Format, hookimpl
from simulator_json import plain
from simulator_json.ecs import EcsFormat


@hookimpl
def simulator_formats() -> Iterable[Format]:
    return (EcsFormat(), plain.TIMESTAMP, plain.TIME, plain.TS)
