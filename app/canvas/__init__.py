"""The canvas: it draws a document, and turns gestures into edits of it."""
