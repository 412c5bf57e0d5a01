"""Nodes on pixels."""
