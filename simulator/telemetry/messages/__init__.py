"""Messages: protobuf's wire format over columns, gathered by the same backends as templates."""
