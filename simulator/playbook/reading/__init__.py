"""From a file's bytes to checked dataclasses: strict YAML, places, hints, complaints, and the JSON Schema."""
