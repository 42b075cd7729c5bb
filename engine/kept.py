"""What of a run outlives an edit of its network: numbers by the name of what they belong to."""

from __future__ import annotations

from collections.abc import Mapping

from engine.ops.call import Array

Kept = Mapping[tuple[int, str], tuple[Array, Mapping[str, Array]]]
"""Buffers and weights, these with what the optimizer keeps for them, by (node, name)."""


def without_memory(kept: Kept) -> Kept:
    """Give kept parameters for another optimizer, which begins with an empty memory."""
    return {key: (weights, {}) for key, (weights, _) in kept.items()}
