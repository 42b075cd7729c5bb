"""The stop conditions: what ends a run by itself. Importing this package registers them all."""

from engine.stopping.base import STOP_CONDITIONS, Progress, StopCondition, make_stop_condition
from engine.stopping.conditions import Epochs, GradientAbove, GradientNorm, LossBelow, Plateau, Steps
from engine.stopping.watch import StopWatch

__all__ = [
    "STOP_CONDITIONS",
    "Epochs",
    "GradientAbove",
    "GradientNorm",
    "LossBelow",
    "Plateau",
    "Progress",
    "Steps",
    "StopCondition",
    "StopWatch",
    "make_stop_condition",
]
