"""The gradient methods: what fills g. Importing this package registers them all."""

# The order of these lines is that of the list that people choose from.
from engine.gradients.backpropagation import Backpropagation  # isort: skip
from engine.gradients.tangents import ForwardMode  # isort: skip
from engine.gradients.differences import FiniteDifferences  # isort: skip
from engine.gradients.spsa import SPSA  # isort: skip
from engine.gradients.typed import TypedGradient  # isort: skip
from engine.gradients.none import NoGradient  # isort: skip
from engine.gradients.base import GRADIENT_METHODS, Cost, GradientMethod, make_gradient_method

__all__ = [
    "GRADIENT_METHODS",
    "SPSA",
    "Backpropagation",
    "Cost",
    "FiniteDifferences",
    "ForwardMode",
    "GradientMethod",
    "NoGradient",
    "TypedGradient",
    "make_gradient_method",
]
