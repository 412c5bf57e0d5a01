"""Third-party nodes. `plugins.example` shows what a plugin's package looks like."""
