"""How products record events: formats and renderers, templates over columns, streams of records, the tag."""
