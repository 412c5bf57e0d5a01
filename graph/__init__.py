"""The typed graph: its file format, planning, execution, cache, and the engine (no Qt, no torch)."""
