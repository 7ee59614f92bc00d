"""Metrics: what events count and measure, sampled target by target at an interval."""
