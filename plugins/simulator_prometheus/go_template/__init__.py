"""Templates in Go's language, as labels and annotations use it: read, then run without any danger."""
