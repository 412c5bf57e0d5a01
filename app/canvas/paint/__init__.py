"""Painters: functions from what is to be seen to strokes; they know no item and no document."""
