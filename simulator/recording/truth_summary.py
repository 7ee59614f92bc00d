"""truth.json: what really happened, act by act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.playbook.planning.casting import Casting, Decoy, Step
from simulator.recording.truth_ledger import ActSummary
from simulator.timeline.emission import Act
from simulator.world.system import Touched


def truth_of(
    casting: Casting,
    summary: ActSummary,
    touched: Mapping[str, Touched],
    objectives: Sequence[Mapping[str, Any]],
    end: int,
) -> dict[str, Any]:
    """Return the contents of truth.json of a run played until ``end``. Times are nanoseconds since the epoch.

    ``touched`` says whom effects touch, by the label of their act; ``objectives`` what became of each.
    """
    background = summary.of(Act("background"))

    def told(act: Act, played: Step | Decoy) -> dict[str, Any]:
        mine = touched.get(act.label)
        return _with_effects(summary.of(act), played, mine, end) if mine else dict(summary.of(act))

    return {
        "start": casting.plan.span.start,
        "end": end,
        "steps": [
            {
                "id": step.id,
                "title": step.title,
                "technique": ", ".join(step.techniques),
                **told(Act("step", step.id), step),
            }
            for step in casting.steps
        ],
        "decoys": [
            {
                "id": decoy.id,
                "title": decoy.title,
                "because": decoy.because,
                **told(Act("decoy", decoy.id), decoy),
            }
            for decoy in casting.decoys
        ],
        "objectives": [dict(each) for each in objectives],
        "background": {"events": background["events"], "records": background["records"]},
    }


def _with_effects(seen: Mapping[str, Any], played: Step | Decoy, touched: Touched, end: int) -> dict[str, Any]:
    """Add what effects do to what emissions left: an effect is there from its start, whether it harms or not."""
    starts = [effect.start for effect in played.effects if effect.start < end]
    ends = [min(effect.end, end) for effect in played.effects if effect.start < end]
    kinds = sorted({*seen["entities"], *touched.cause})
    return {
        **seen,
        "onset": min([*starts, *([] if seen["onset"] is None else [seen["onset"]])], default=None),
        "end": max([*ends, *([] if seen["end"] is None else [seen["end"]])], default=None),
        "entities": {kind: sorted({*seen["entities"].get(kind, ()), *touched.cause.get(kind, ())}) for kind in kinds},
        "symptoms": {kind: sorted(names) for kind, names in sorted(touched.symptoms.items())},
    }
