"""Proofs that hold for the whole program: its imports, its sizes, its silence."""
