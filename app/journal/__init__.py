"""The journal: every edit of every open document on disk at once, and all of it back after a crash.

A journal is a file a document: the graph that its undo history begins with, then one checksummed
line for each thing that was done (`app.journal.lines`). Reading one gives the document back with
its undo history (`app.journal.replay`). Lines are written by a thread of their own
(`app.journal.writer`); `app.journal.sessions` keeps the folders and knows which belong to programs
that did not end properly.
"""
