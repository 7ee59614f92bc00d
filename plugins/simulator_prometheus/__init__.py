"""Prometheus: scrapes, remote write, and the detector that runs its rules."""

from __future__ import annotations
