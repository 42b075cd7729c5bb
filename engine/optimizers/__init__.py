"""The optimizers: what turns g into Δw, simplest first. Importing this package registers them all.

All follow the form that PyTorch documents, where PyTorch has them.
"""

# The order of these lines is that of the list that people choose from.
from engine.optimizers.plain import SGD, Momentum, Nesterov, NoOptimizer  # isort: skip
from engine.optimizers.adaptive import AdaDelta, AdaGrad, RMSProp, Rprop  # isort: skip
from engine.optimizers.adam import AMSGrad, Adam, Adamax, AdamW, Lion, NAdam, RAdam  # isort: skip
from engine.optimizers.genetic import GeneticAlgorithm  # isort: skip
from engine.optimizers.random_search import RandomSearch  # isort: skip
from engine.optimizers.base import (
    OPTIMIZERS,
    Optimizer,
    Update,
    descent_label,
    learning_rate,
    make_optimizer,
)
from engine.optimizers.search import Search, Trial

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "AMSGrad",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Adamax",
    "GeneticAlgorithm",
    "Lion",
    "Momentum",
    "NAdam",
    "Nesterov",
    "NoOptimizer",
    "Optimizer",
    "RAdam",
    "RMSProp",
    "RandomSearch",
    "Rprop",
    "Search",
    "Trial",
    "Update",
    "descent_label",
    "learning_rate",
    "make_optimizer",
]
