"""Runs: what waits to be computed, what was computed and when, and how long it will take."""
