"""What can stop a set-up, as one type that carries its whole message."""


class SetupError(Exception):
    """The set-up cannot go on; the message says what, where and the remedy."""
