"""Which kernels compute each primitive: of its output, of its inputs' adjoints, and of its output's tangent."""

from __future__ import annotations

from collections.abc import Mapping

from engine.compiled import kernels_activations as activations
from engine.compiled import kernels_arithmetic as arithmetic
from engine.compiled import kernels_columns as columns
from engine.compiled import kernels_cross_entropies as entropies
from engine.compiled import kernels_elementwise as elementwise
from engine.compiled import kernels_losses as losses
from engine.compiled import kernels_matrices as matrices
from engine.compiled import kernels_normalization as normalization
from engine.compiled import kernels_powers as powers
from engine.compiled import kernels_reductions as reductions
from engine.compiled import kernels_softmax as softmax
from engine.compiled.jit import Kernel
from engine.compiled.tape import Addresses

Three = tuple[Kernel, Kernel | None, Kernel | None]

ACTIVATION: Three = (activations.activation_forward, activations.activation_slope, activations.activation_slope)
SMOOTH: Three = (activations.smooth_forward, activations.smooth_slope, activations.smooth_slope)
ELEMENTWISE: Three = (elementwise.elementwise_forward, elementwise.elementwise_slope, elementwise.elementwise_slope)
STANDARDIZE: Three = (
    normalization.standardize_forward,
    normalization.standardize_slope,
    normalization.standardize_slope,
)
RUNNING: Three = (normalization.running_forward, normalization.running_slope, normalization.running_slope)
SUM: Three = (arithmetic.sum_forward, arithmetic.sum_backward, arithmetic.sum_tangent)
PRODUCT: Three = (arithmetic.product_forward, arithmetic.product_backward, arithmetic.product_tangent)
REDUCTION: Three = (reductions.reduce, reductions.spread, reductions.reduce)
DIFFERENCE: Three = (losses.difference_forward, losses.difference_backward, losses.difference_tangent)
BINARY: Three = (entropies.binary_forward, entropies.binary_backward, entropies.binary_tangent)

KERNELS: Mapping[str, Three] = {
    **dict.fromkeys(("identity", "tanh", "sigmoid", "relu", "leaky_relu", "elu"), ACTIVATION),
    **dict.fromkeys(("gelu", "silu", "softplus", "sin"), SMOOTH),
    **dict.fromkeys(
        ("power", "exp", "log", "sqrt", "square", "cos", "tan", "absolute", "negate", "dropout"), ELEMENTWISE
    ),
    **dict.fromkeys(("standardize_columns", "standardize_rows"), STANDARDIZE),
    "standardize_by_running": RUNNING,
    "softmax": (softmax.softmax_forward, softmax.softmax_slope, softmax.softmax_slope),
    "matmul": (matrices.matmul_forward, matrices.matmul_backward, matrices.matmul_tangent),
    "add_bias": (matrices.add_bias_forward, matrices.add_bias_backward, arithmetic.sum_tangent),
    "concat": (columns.concat_forward, columns.concat_backward, columns.concat_tangent),
    "slice": (columns.slice_forward, columns.slice_backward, columns.slice_tangent),
    **dict.fromkeys(("sum", "mean"), REDUCTION),
    **dict.fromkeys(("add", "total_loss", "subtract"), SUM),
    **dict.fromkeys(("multiply", "divide"), PRODUCT),
    "raise": (powers.raise_forward, powers.raise_backward, powers.raise_tangent),
    "constant": (columns.constant_forward, None, None),
    "weight_penalty": (columns.penalty_forward, columns.penalty_backward, columns.penalty_tangent),
    **dict.fromkeys(("squared_error", "absolute_error", "huber_error", "hinge_error"), DIFFERENCE),
    "mean_value": (losses.mean_value_forward, losses.mean_value_backward, losses.mean_value_tangent),
    **dict.fromkeys(("logit_cross_entropy", "probability_cross_entropy"), BINARY),
    "softmax_logit_cross_entropy": (
        entropies.softmax_loss_forward,
        entropies.softmax_loss_backward,
        entropies.softmax_loss_tangent,
    ),
}

ADDRESSES: Mapping[str, Addresses] = {
    name: (forward.address, backward.address if backward else 0, tangent.address if tangent else 0)
    for name, (forward, backward, tangent) in KERNELS.items()
}
