"""What each drawn row has lost: the shares of which the loss is the mean. Pure functions of a snapshot."""

from __future__ import annotations

import numpy as np

from engine.explanation_marks import forward_mark
from engine.ops.call import Array
from engine.snapshot import Snapshot


def row_losses(snapshot: Snapshot) -> Array | None:
    """Give the loss of each drawn row [rows]; their mean is that of the batch, without its penalty.

    None where it is not computed for these rows, and where the loss is not one of rows.
    """
    program = snapshot.program
    share, last = program.data_loss.scratch[0], len(program.instructions) - 1
    if share.shape.rows is not None or not forward_mark(snapshot, last).is_known:
        return None
    return program.view(snapshot.arena, share, snapshot.rows)[:, 0]


def binned(losses: Array, most: int) -> Array:
    """Give the means of neighboring rows, in as many groups of even size as there are to be at most."""
    if len(losses) <= most:
        return losses
    return np.array([group.mean() for group in np.array_split(losses, most)])
