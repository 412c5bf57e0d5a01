"""What a node's body may ask of the engine while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from graph.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

S = TypeVar("S")


@dataclass(slots=True)
class Run:
    """One execution of one node: the engine makes it, the body gets it as a parameter."""

    node: str = ""
    """Id of the node in its graph."""
    title: str = ""
    """Title of the node, as the artist sees it."""
    output_folder: Path = Path("output")
    """Where nodes write files."""
    document: bytes = b""
    """The graph of this run as JSON, to be put into the files that it makes."""
    services: Mapping[type, object] = field(default_factory=dict)
    frugal: bool = False
    """Whether to get by with less memory, at the price of time: the body is called a second time
    like this after the device's memory ran out (tiles, weights streamed from the host)."""
    files: list[Path] = field(default_factory=list)
    """Files written by this body: the engine reports them and notices when they are gone."""
    reads: list[Path] = field(default_factory=list)
    """Files besides those of its widgets that the result depends on, whether they are there or not:
    the body runs again when one of them came, went, or is another one."""
    remarks: list[str] = field(default_factory=list)
    """What the artist should know although the node did its work, such as words that were not
    understood."""

    def service(self, kind: type[S]) -> S:
        """Return the pack's service of type `kind`, such as the model store."""
        found = self.services.get(kind)
        if found is None:
            message = f"this engine has no {kind.__name__}: load the pack that brings it"
            raise EngineError(message)
        return cast("S", found)
