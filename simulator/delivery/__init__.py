"""The only way out: the gate, the destinations that are allowed, the sinks behind them."""
