"""What puts Sfumato on a machine: the lock file, the set-up, and the tools that keep them right.

Everything that `start.py` imports from here is standard library only, because it runs before
anything is installed. Each message says what is wrong, where, and what to do about it.
"""
