"""Panels: what stands around the canvas, one widget a file."""
