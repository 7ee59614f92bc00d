"""The walk: requests go through the graph, each with luck of its own."""
