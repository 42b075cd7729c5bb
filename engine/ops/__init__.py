"""The ops: what a node can be. One class each; importing this package registers them all."""

from engine.ops import (
    activations,
    activations_smooth,
    arithmetic,
    data,
    elementwise,
    expression_op,
    layers,
    losses,
    matrices,
    reductions,
    values,
)
from engine.ops.base import OPS, Op, get_op

__all__ = [
    "OPS",
    "Op",
    "activations",
    "activations_smooth",
    "arithmetic",
    "data",
    "elementwise",
    "expression_op",
    "get_op",
    "layers",
    "losses",
    "matrices",
    "reductions",
    "values",
]
