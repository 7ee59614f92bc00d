"""The detector ``sigma``: runs Sigma rules and correlations over what arrived in a sandbox."""

from __future__ import annotations

from collections.abc import Iterable

from simulator import Detector, hookimpl
from simulator_sigma.detector import SigmaDetector


@hookimpl
def simulator_detectors() -> Iterable[Detector]:
    return (SigmaDetector(),)
