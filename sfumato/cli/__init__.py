"""The command line: `sfumato run`, `check`, `nodes`, `templates`, `models`, and the way into the app."""
