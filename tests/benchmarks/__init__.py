"""Benchmarks: `python -m tests.benchmarks`, or `python3 start.py benchmark`."""
