"""The test pack, with pictures that cannot be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graph.handlers import PictureHandler
from graph.pack import Pack

if TYPE_CHECKING:
    from graph.events import Pixels


class Undrawable(PictureHandler):
    """Fails to draw, as a plugin's handler may."""

    def preview(self, value: Any, side: int) -> Pixels | None:
        raise ZeroDivisionError(f"no picture of {value.shape} at {side}")


PACK = Pack(
    name="test",
    modules=("tests.graph.pack",),
    handlers=lambda: {"Image": Undrawable("Image", "(N, H, W, 3)", 3)},
)
