"""Sizes in device-independent pixels, on a grid of eight."""

from __future__ import annotations

from typing import Final

GRID: Final = 8
CORNER: Final = 6.0

TEXT_SMALL: Final = 12
TEXT_BODY: Final = 13
TEXT_LARGE: Final = 20

NODE_WIDTH: Final = 240.0
TITLE_HEIGHT: Final = 32.0
ROW: Final = 24.0
PADDING: Final = 8.0
DOT: Final = 16.0
"""Width of a dot on a wire."""
TEXT_ROWS: Final = 4
"""Rows of a multi-line text on a node."""
SOCKET: Final = 5.0
"""Radius of a socket."""
SOCKET_SMALL: Final = 3.0
"""Radius of the socket of a value that is not wired: it recedes."""
SOCKET_REACH: Final = 12.0
"""How near a pointer must come to a socket."""
SNAP_REACH: Final = 28.0
"""How near a dragged wire must come to a socket that fits."""
WIRE: Final = 2.0
WIRE_FLOOR: Final = 1.4
"""Least width of a wire on the screen, at any zoom."""

DETAIL_ZOOM: Final = 0.5
"""Below this zoom the view draws the map: blocks, states, thumbnails."""
TITLE_ZOOM: Final = 0.22
"""Below this zoom titles on the map are blocks."""
ZOOM_LEAST: Final = 0.03
ZOOM_MOST: Final = 4.0
