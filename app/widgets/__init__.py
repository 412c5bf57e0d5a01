"""Widgets that hold a value: the same in the inspector and laid over the canvas."""
