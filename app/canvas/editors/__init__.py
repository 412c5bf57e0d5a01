"""Editors: the one real widget that is laid over the canvas while a value is edited."""
