"""The Interrupt: how another thread asks for the end of what is computed."""

from __future__ import annotations

import numpy as np


class Interrupt:
    """Asks for an early end. Compiled code looks at `word` after each step, as it cannot ask Python: 0 if not asked."""

    def __init__(self) -> None:
        self.word = np.zeros(1, np.int64)

    @property
    def is_set(self) -> bool:
        """Whether an end is asked for."""
        return bool(self.word[0])

    def set(self) -> None:
        """Ask for an end."""
        self.word[0] = 1

    def clear(self) -> None:
        """Ask for it no longer."""
        self.word[0] = 0
