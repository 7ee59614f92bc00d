"""Telling: what happened becomes columns of events."""
