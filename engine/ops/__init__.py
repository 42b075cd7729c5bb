"""The ops: what a node can be. One class each; importing this package registers them all."""

from engine.ops import activations, arithmetic, data, layers, losses
from engine.ops.base import OPS, Op, get_op

__all__ = ["OPS", "Op", "activations", "arithmetic", "data", "get_op", "layers", "losses"]
