"""Makes events over time: arrivals, the values of fields, what follows from what, in windows."""
