"""The optimizers: what turns g into Δw, simplest first. Importing this package registers them all.

All follow the form that PyTorch documents, where PyTorch has them.
"""

# The order of these lines is that of the list that people choose from.
from engine.optimizers.plain import SGD, Momentum, Nesterov, NoOptimizer  # isort: skip
from engine.optimizers.adaptive import AdaDelta, AdaGrad, RMSProp, Rprop  # isort: skip
from engine.optimizers.adam import AMSGrad, Adam, Adamax, AdamW, Lion, NAdam, RAdam  # isort: skip
from engine.optimizers.base import (
    MAX_SLOTS,
    OPTIMIZERS,
    Optimizer,
    Update,
    descent_label,
    learning_rate,
    make_optimizer,
)

__all__ = [
    "MAX_SLOTS",
    "OPTIMIZERS",
    "SGD",
    "AMSGrad",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Momentum",
    "NAdam",
    "Nesterov",
    "NoOptimizer",
    "Optimizer",
    "RAdam",
    "RMSProp",
    "Rprop",
    "Update",
    "descent_label",
    "learning_rate",
    "make_optimizer",
]
