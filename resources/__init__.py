"""What ships beside the code: icons, fonts, themes, templates and the starter models."""
