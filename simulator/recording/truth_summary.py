"""truth.json: what really happened, act by act."""

from __future__ import annotations

from typing import Any

from simulator.playbook.planning.casting import Casting
from simulator.recording.truth_ledger import ActSummary
from simulator.timeline.emission import Act


def truth_of(casting: Casting, summary: ActSummary, end: int) -> dict[str, Any]:
    """Return the contents of truth.json of a run played until ``end``. Times are nanoseconds since the epoch."""
    background = summary.of(Act("background"))
    return {
        "start": casting.plan.span.start,
        "end": end,
        "steps": [
            {
                "id": step.id,
                "title": step.title,
                "technique": ", ".join(step.techniques),
                **summary.of(Act("step", step.id)),
            }
            for step in casting.steps
        ],
        "decoys": [
            {"id": decoy.id, "title": decoy.title, "because": decoy.because, **summary.of(Act("decoy", decoy.id))}
            for decoy in casting.decoys
        ],
        "background": {"events": background["events"], "records": background["records"]},
    }
