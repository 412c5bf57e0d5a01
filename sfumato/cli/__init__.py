"""The command line: `sfumato run`, `check`, `nodes`, `templates`, and the way into the app."""
