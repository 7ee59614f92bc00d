"""What Alertmanager makes of alerts: who is told of what, together with what, and when."""
