"""Holds what the rules said against what really happened: alerts and truth in, a scorecard out."""
