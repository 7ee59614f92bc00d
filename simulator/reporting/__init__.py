"""Tells people and machines what a scorecard says."""
