"""The graph: services, routes, calls and instances by number, and what is done to which of them."""
