"""The embedded sandbox: a store fed with rendered bytes, detectors over it, alert groups, a pager."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import Sandbox, hookimpl
from simulator_sandbox.embedded import Embedded
from simulator_sandbox.pager import pager_lines

__all__ = ["Embedded", "pager_lines", "simulator_sandboxes"]


@hookimpl
def simulator_sandboxes() -> Iterable[Sandbox]:
    return (Embedded(),)
