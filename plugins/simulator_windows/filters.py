"""All filters that this plugin's templates use."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape

from simulator_windows import accounts, files, logons, network


def escaped(value: object) -> str:
    """Return text for the inside of a JSON string, without the quotes around it."""
    return json.dumps(str(value), ensure_ascii=False)[1:-1]


def xml(value: str) -> str:
    return escape(value, quote=False)


FILTERS: Mapping[str, Callable[..., object]] = {
    **accounts.FILTERS,
    **files.FILTERS,
    **logons.FILTERS,
    **network.FILTERS,
    "escaped": escaped,
    "xml": xml,
}
