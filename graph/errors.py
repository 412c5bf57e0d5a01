"""The one error tree. Every message says what is wrong, where, and the nearest remedy."""

from __future__ import annotations


class SfumatoError(Exception):
    """Base of everything the program raises on purpose; its text is shown to people as it is."""


class DeclarationError(SfumatoError):
    """A `@node` function whose signature cannot become a node; names the function and parameter."""


class GraphError(SfumatoError):
    """An edit or a graph that breaks a rule of the graph."""

    def __init__(self, message: str, *nodes: str) -> None:
        """Say `message`; `nodes` are the ids of the nodes it concerns, for the canvas to show."""
        super().__init__(message)
        self.nodes = nodes


class UnknownNodeError(GraphError):
    """No node of that id or title in the graph, or no node type of that name in the catalog."""


class SocketError(GraphError):
    """A wire between sockets that do not exist or do not fit."""


class CycleError(GraphError):
    """A wire that would make a node depend on itself."""


class ParamError(GraphError):
    """A value that a widget does not take."""


class FormatError(SfumatoError):
    """A graph file that is refused, told as `FILE: $.path: reason`."""

    def __init__(self, reason: str, *, file: str = "graph", path: str = "$") -> None:
        """Refuse `file` at JSON path `path` for `reason`."""
        super().__init__(f"{file}: {path}: {reason}")
        self.file = file
        self.path = path
        self.reason = reason


class MissingFileError(SfumatoError):
    """A file that a graph names and no known folder holds."""


class ContractError(SfumatoError):
    """A value that breaks the written contract of its socket type."""


class EngineError(SfumatoError):
    """The engine could not be started, or ended while it was needed."""
