"""Attention weights in prompts: what `graph.promptmarks` reads, as the encoders take it."""

from __future__ import annotations

from graph.promptmarks import Piece, parse

__all__ = ["Piece", "parse"]
