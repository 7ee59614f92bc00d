"""What cannot be: in descriptions, in effects, in the load that a graph should bear."""
