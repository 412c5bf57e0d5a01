"""Fields: what a hand does to each kind of value."""
