"""Proofs of the set-up."""
