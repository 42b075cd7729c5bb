"""Every optimizer comes down six functions: a bowl, valleys, waves, flat and steep."""

from __future__ import annotations

import numpy as np
import pytest

from engine.optimizers import OPTIMIZERS, make_optimizer
from tests.engine.updates import FUNCTIONS, new_slots, update

STEPS = 2500
RATES = {
    "sgd": 0.001,
    "momentum": 0.0005,
    "nesterov": 0.0005,
    "adagrad": 0.5,
    "rmsprop": 0.003,
    "adadelta": 1.0,
    "radam": 0.005,
    "lion": 0.003,
}
"""What suits the steepest of the functions; the others take their defaults."""


def test_gradients_by_hand_are_the_slopes_of_the_functions() -> None:
    rng = np.random.default_rng(1)
    for function in FUNCTIONS.values():
        for a, b in rng.uniform(-2.0, 2.0, (20, 2)):
            h = 1e-6
            by_a = (function.value(a + h, b) - function.value(a - h, b)) / (2 * h)
            by_b = (function.value(a, b + h) - function.value(a, b - h)) / (2 * h)
            assert function.slope(a, b) == pytest.approx((by_a, by_b), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("kind", [kind for kind, rule in OPTIMIZERS.items() if rule.needs_gradient and kind != "none"])
def test_six_functions_can_be_descended(kind: str) -> None:
    optimizer = make_optimizer(kind, {"learning_rate": RATES[kind]} if kind in RATES else {})
    assert len(FUNCTIONS) == 6
    # Each rule goes number by number, so that all six can be descended at once.
    w = np.array([number for function in FUNCTIONS.values() for number in function.start])
    slots = new_slots(optimizer, w.size)
    for t in range(1, STEPS + 1):
        places = w.reshape(-1, 2).tolist()
        g = [part for f, (a, b) in zip(FUNCTIONS.values(), places, strict=True) for part in f.slope(a, b)]
        w += update(optimizer, np.array(g), slots, t, w)
    for (name, function), (a, b) in zip(FUNCTIONS.items(), w.reshape(-1, 2).tolist(), strict=True):
        above, start = function.value(a, b) - function.least, function.value(*function.start) - function.least
        assert above <= 0.02 * start, (name, above, start)
