"""A cloud's own records: API calls, load balancers, functions."""

from __future__ import annotations
