"""How values of different sizes meet: a plain value of one row is used for every row, one of one number everywhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.message import message
from engine.ops.base import Shape, ShapeError
from engine.ops.call import Array


def common_shape(shapes: Sequence[Shape], port: str = "") -> Shape:
    """Give the shape that values have together, number by number.

    Values with a row for each drawn row must be of equal columns; beside them, a plain value is 1 × columns or 1 × 1.
    Plain values alone are of equal size, 1 × columns or 1 × 1. Raises ShapeError about `port`.
    """
    batch = [shape for shape in shapes if shape.rows is None]
    for other in batch[1:]:
        if other != batch[0]:
            words = message(
                "one input gives {a} values a row, but another gives {b}", a=batch[0].columns, b=other.columns
            )
            raise ShapeError(words, port)
    whole = batch[0] if batch else max(shapes, key=lambda shape: (shape.rows or 1, shape.columns))
    for shape in shapes:
        if shape == whole or (shape.rows == 1 and shape.columns in (1, whole.columns)):
            continue
        words = message(
            "a plain value of {got} does not fit one of {size}: it needs that size, 1 × {columns} or 1 × 1",
            got=shape.words(),
            size=whole.words(),
            columns=whole.columns,
        )
        if batch:
            words = message(
                "a plain value of {got} cannot be used for every row of {columns} values: it needs to be 1 × {columns} "
                "or 1 × 1",
                got=shape.words(),
                columns=whole.columns,
            )
        raise ShapeError(words, port)
    return whole


def sum_into(whole: Array, out: Array) -> None:
    """Write the adjoint of a value from that of its broadcast: the sum over all places where it was used."""
    axes = tuple(axis for axis in (0, 1) if out.shape[axis] != whole.shape[axis])
    if axes:
        np.add.reduce(whole, axis=axes, keepdims=True, out=out)
    elif out is not whole:
        np.copyto(out, whole)


def add_tangents(tangents: Sequence[Array | None], out: Array) -> None:
    """Write the sum of the inputs' tangents, those of broadcast inputs wherever they are used."""
    out.fill(0.0)
    for tangent in tangents:
        if tangent is not None:
            out += tangent
