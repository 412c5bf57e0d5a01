"""The command line: one module a command, and the way into the app."""
