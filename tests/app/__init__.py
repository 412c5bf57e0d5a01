"""Proofs of the desktop application."""
