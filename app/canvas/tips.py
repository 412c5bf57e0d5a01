"""What a tooltip says: about the socket, value, state or title under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.face import Side
from app.runstate import Badge
from app.words import translate

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from app.canvas.face import Socket
    from app.canvas.node_item import NodeItem
    from app.canvas.state import NodeState
    from graph.sockets import SocketTypes


def badge_name(badge: Badge) -> str:
    """Return the name of a state, for people."""
    names = {
        Badge.UNKNOWN: "",
        Badge.CLEAN: translate("Badge", "Up to date"),
        Badge.DIRTY: translate("Badge", "Will run"),
        Badge.PENDING: translate("Badge", "Waits for what comes before"),
        Badge.BLOCKED: translate("Badge", "Switched off"),
        Badge.BROKEN: translate("Badge", "Cannot run"),
        Badge.RUNNING: translate("Badge", "Running"),
        Badge.RAN: translate("Badge", "Ran"),
        Badge.CACHED: translate("Badge", "Was known, did not run"),
        Badge.FAILED: translate("Badge", "Failed"),
        Badge.SKIPPED: translate("Badge", "Skipped"),
    }
    return names[badge]


def state_tip(state: NodeState) -> str:
    """Return the state of a node and the reason for it."""
    name, why = badge_name(state.run.badge), state.run.text
    return f"{name}: {why}" if name and why else name or why


def socket_tip(state: NodeState, socket: Socket, types: SocketTypes) -> str:
    """Return name, type and contract of a socket, and its own doc."""
    spec = state.spec
    found = spec.input(socket.name) if socket.side is Side.INPUT else spec.output(socket.name)
    kind = types[socket.type]
    lines = [f"{socket.label} · {socket.type}" if socket.type else socket.label, kind.contract]
    if found is not None and found.doc:
        lines.insert(1, found.doc)
    return "\n".join(lines)


def node_tip(item: NodeItem, local: QPointF) -> str:
    """Return what to say about the place `local` on a node."""
    state = item.state
    control = state.face.control_at(local)
    if control is not None:
        return control.input.doc or control.input.label
    if state.face.title.contains(local):
        about = "" if not state.node.title else state.spec.title
        lines = [about, state.spec.summary, state_tip(state)]
        return "\n".join(line for line in lines if line)
    if state.face.picture is not None and state.face.picture.contains(local):
        return state_tip(state)
    return ""
