"""An instruction bound to its arrays: what a primitive reads and writes when it computes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

NOWHERE: Array = np.empty((0, 0))
"""Where the tangent of an output goes in a call that computes none."""


class Call:
    """An instruction bound to its arrays for one count of rows. All arrays are views of the arena.

    `x`: the inputs, `y`: the output, `gx`: where the inputs' adjoints go (None: nobody needs it), `gy`: the output's
    adjoint, `scratch`: what the primitive asked for, `tx`: the inputs' tangents (None: zero), `ty`: where the output's
    tangent goes, `buffers`: the node's buffers that it was emitted with. Batch values are [rows, columns], plain ones
    as declared.
    """

    __slots__ = ("buffers", "gx", "gy", "scratch", "tx", "ty", "x", "y")

    def __init__(
        self,
        x: tuple[Array, ...],
        y: Array,
        gx: tuple[Array | None, ...],
        gy: Array,
        scratch: tuple[Array, ...],
        tx: tuple[Array | None, ...] = (),
        ty: Array = NOWHERE,
        buffers: tuple[Array, ...] = (),
    ) -> None:
        self.x = x
        self.y = y
        self.gx = gx
        self.gy = gy
        self.scratch = scratch
        self.tx = tx
        self.ty = ty
        self.buffers = buffers
