"""Which backend gathers: they write the same bytes, and differ in speed and in what has to be installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec

from simulator.errors import UsageError
from simulator.telemetry.templates.gather_python import PythonBackend
from simulator.telemetry.templates.template import Backend

WORTH_COMPILING = 2_000_000  # rows; to load numba and its kernel takes about as long as it saves in these


def best_backend(rows_expected: int | None = None) -> Backend:
    """Return the fastest backend that is installed; for few rows, the one that starts fastest."""
    if rows_expected is not None and rows_expected < WORTH_COMPILING:
        return named_backend("pyarrow")
    return named_backend("numba" if _has_numba() else "pyarrow")


@cache
def named_backend(name: str) -> Backend:
    """Return a backend by name: ``numba``, ``pyarrow`` or ``python``."""
    if name == "numba":
        if not _has_numba():
            raise UsageError("the backend 'numba' is not installed; pip install 'feint[fast]' adds it")
        from simulator.telemetry.templates.gather_numba import NumbaBackend

        return NumbaBackend()
    if name == "pyarrow":
        from simulator.telemetry.templates.gather_arrow import ArrowBackend

        return ArrowBackend()
    if name == "python":
        return PythonBackend()
    raise UsageError(f"there is no rendering backend {name!r}; there are numba, pyarrow and python")


@cache
def _has_numba() -> bool:
    return find_spec("numba") is not None
