"""The desktop application: window, canvas, panels, session. Qt; never torch, never a node."""
