"""The weather: how each place is over time, worked out without chance."""
