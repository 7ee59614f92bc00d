"""Which rows a condition holds for: those in which its template writes anything."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.events.columns import Column
from simulator.telemetry.messages.lengths import total_length
from simulator.telemetry.templates import Template
from simulator.telemetry.templates.tables import take


def holding(template: Template, columns: Mapping[str, Column], rows: int) -> NDArray[np.bool_]:
    """Return it for each row. Nothing is rendered, so no backend is loaded for it."""
    if not rows:
        return np.zeros(0, np.bool_)
    return np.broadcast_to(np.asarray(total_length(template.segments(columns, rows, take))) > 0, (rows,))
