"""How weights are drawn before the first step, by the number of a unit's inputs (fan in) and outputs (fan out).

Sources: Glorot & Bengio 2010, He et al. 2015, LeCun et al. 1998 (Efficient BackProp).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine import rng
from engine.ops.call import Array
from engine.setting import Setting, SettingValue


@dataclass(frozen=True)
class Initializer:
    """A distribution of the given variance: `variance(fan_in, fan_out)`, uniform or normal, mean 0."""

    label: str
    variance: Callable[[int, int], float]
    normal: bool = False

    def draw(self, shape: tuple[int, int], seed: int, index: int) -> Array:
        """Draw a matrix [fan in, fan out]; the same (seed, index) always gives the same one."""
        count = shape[0] * shape[1]
        spread = math.sqrt(self.variance(*shape))
        if spread == 0.0:
            return np.zeros(shape)
        if self.normal:
            return (spread * rng.normal(seed, rng.Stream.INITIAL, index, count)).reshape(shape)
        limit = spread * math.sqrt(3.0)
        return (limit * (2.0 * rng.uniform(seed, rng.Stream.INITIAL, index, count) - 1.0)).reshape(shape)


INITIALIZERS: dict[str, Initializer] = {
    "glorot-uniform": Initializer("Glorot uniform", lambda fan_in, fan_out: 2.0 / (fan_in + fan_out)),
    "glorot-normal": Initializer("Glorot normal", lambda fan_in, fan_out: 2.0 / (fan_in + fan_out), normal=True),
    "he-uniform": Initializer("He uniform", lambda fan_in, _: 2.0 / fan_in),
    "he-normal": Initializer("He normal", lambda fan_in, _: 2.0 / fan_in, normal=True),
    "lecun-uniform": Initializer("LeCun uniform", lambda fan_in, _: 1.0 / fan_in),
    "lecun-normal": Initializer("LeCun normal", lambda fan_in, _: 1.0 / fan_in, normal=True),
    "zeros": Initializer("zeros", lambda _in, _out: 0.0),
    "constant": Initializer("constant", lambda _in, _out: 0.0),
}

CONSTANT = "constant"
VALUE = Setting(
    "value",
    1.0,
    "Value",
    "The number that all start at.",
    depends_on="initializer",
    depends_value=CONSTANT,
)
"""What a node with an initializer lets people set beside it."""


def start_of(settings: Mapping[str, SettingValue]) -> tuple[str, float]:
    """Give the initializer that a node's settings choose, and the number that what it draws lies around."""
    name = str(settings["initializer"])
    return name, float(str(settings["value"])) if name == CONSTANT else 0.0
