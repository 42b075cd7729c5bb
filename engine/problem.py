"""Why a graph cannot run, in words, with the place and where possible a remedy."""

from __future__ import annotations

from dataclasses import dataclass

from engine.message import Message
from engine.ops.base import Fix


@dataclass(frozen=True)
class Problem:
    """Something that keeps the graph from running or, with `is_warning`, only deserves a look."""

    words: Message
    node: int | None = None
    port: str = ""
    fix: Fix | None = None
    is_warning: bool = False
