"""The engine in a process of its own: worker, client, messages and shared memory."""
