"""The model families: what differs between them, each in a module of its own."""
