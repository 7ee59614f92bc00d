"""Kubernetes: the API's audit log, events, and containers' logs."""

from __future__ import annotations
