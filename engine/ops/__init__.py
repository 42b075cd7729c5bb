"""The ops: what a node can be. One class each; importing this package registers them all."""

from engine.ops import (  # isort: skip
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

# After `layers`, as the palette lists each section in the order of registration.
from engine.ops import dropout, normalization  # isort: skip
from engine.ops.base import OPS, Op, get_op

__all__ = [
    "OPS",
    "Op",
    "activations",
    "activations_smooth",
    "arithmetic",
    "data",
    "dropout",
    "elementwise",
    "expression_op",
    "get_op",
    "layers",
    "losses",
    "matrices",
    "normalization",
    "reductions",
    "values",
]
