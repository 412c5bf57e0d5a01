"""Nodes on pixels: pictures, masks, the lists that map over nodes, and maps for ControlNets.

Importing this package imports no library; `MODULES` says where the nodes are.
"""

from __future__ import annotations

MODULES = (
    "nodes.pixels.resize",
    "nodes.pixels.crop",
    "nodes.pixels.turn",
    "nodes.pixels.blend",
    "nodes.pixels.tone",
    "nodes.pixels.filters",
    "nodes.pixels.make",
    "nodes.pixels.batch",
    "nodes.pixels.lists",
    "nodes.pixels.words",
    "nodes.pixels.mask_files",
    "nodes.pixels.mask_select",
    "nodes.pixels.mask_shapes",
    "nodes.pixels.mask_edit",
    "nodes.pixels.stitch",
    "nodes.pixels.control_edges",
    "nodes.pixels.control_maps",
    "nodes.pixels.control_depth",
    "nodes.pixels.control_normal",
    "nodes.pixels.control_pose",
)
