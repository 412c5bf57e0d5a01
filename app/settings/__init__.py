"""The settings window: each page applies what is changed at once, and keeps it."""
