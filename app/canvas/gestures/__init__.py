"""Gestures: what happens between pressing a button and letting it go."""
