"""The playbook language: what may be written where. Each dataclass is a mapping of a playbook file.

The loader, ``feint schema`` and the reference read their hints; nothing else says
what the language is. A ``_`` at the end of a field's name is not written.
"""

from simulator.playbook.model.emissions import EmissionText, Excited, FollowUpText, Repeated, RootText, Variant
from simulator.playbook.model.objectives import CountedText, GoodText, ObjectiveText
from simulator.playbook.model.playbooks import (
    CastMember,
    CastSelector,
    DetectionText,
    ExpectationText,
    Parameter,
    PlaybookText,
    ResponseText,
)
from simulator.playbook.model.storyline import After, DecoyText, EffectText, StepText
from simulator.playbook.model.worlds import Lateness, WitnessText, WorldText, WorldUse

__all__ = [
    "After",
    "CastMember",
    "CastSelector",
    "CountedText",
    "DecoyText",
    "DetectionText",
    "EffectText",
    "EmissionText",
    "Excited",
    "ExpectationText",
    "FollowUpText",
    "GoodText",
    "Lateness",
    "ObjectiveText",
    "Parameter",
    "PlaybookText",
    "Repeated",
    "ResponseText",
    "RootText",
    "StepText",
    "Variant",
    "WitnessText",
    "WorldText",
    "WorldUse",
]
