"""Rules of Prometheus: reading their files, and running their groups."""
