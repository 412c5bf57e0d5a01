"""The typed graph: file format, planning, execution, cache and the engine (no Qt, no torch)."""
