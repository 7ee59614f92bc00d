"""Elastic Common Schema documents, one JSON object a line, as Beats and Elastic Agent send them."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import Format, hookimpl
from simulator_ecs.format import EcsFormat


@hookimpl
def simulator_formats() -> Iterable[Format]:
    return (EcsFormat(),)
