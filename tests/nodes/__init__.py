"""Proofs of the built-in nodes."""
