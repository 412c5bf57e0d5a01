"""The hand-made catalog with the node that holds a painted mask."""

from __future__ import annotations

from graph.spec import BoolWidget, InputSpec, NodeSpec, PaintedWidget
from tests.app.catalog import CATALOG, out, socket

PAINTED = NodeSpec(
    id="sfumato/painted_mask",
    title="Painted Mask",
    category="Mask",
    inputs=(
        InputSpec(name="mask", label="Mask", type="Text", widget=PaintedWidget(), default=""),
        socket("image", "Image", required=False),
        InputSpec(name="invert", label="Invert", type="Bool", widget=BoolWidget(), default=False),
    ),
    outputs=(out("mask", "Mask"),),
)
PAINTING = CATALOG.extended([PAINTED])
