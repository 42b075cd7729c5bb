"""JAX: one compiled call that scans over many steps."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tests.benchmarks.problem import Problem

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class Scan:
    """A jitted lax.scan whose body is one step; the first call of each length compiles it."""

    def __init__(self, problem: Problem) -> None:
        jax.config.update("jax_enable_x64", True)
        self._network = problem.network
        self._x, self._y = jnp.asarray(problem.x), jnp.asarray(problem.y)
        self._steps = len(problem.order)
        # Twice, so that any stretch is one slice.
        self._order = jnp.concatenate([jnp.asarray(problem.order)] * 2)
        weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in problem.weights]
        zeros = jax.tree.map(jnp.zeros_like, weights)
        self._state = (weights, zeros, zeros, jnp.asarray(0))
        self._scan = jax.jit(lambda state, order: jax.lax.scan(self._step, state, order))
        self._next = 0

    def run(self, steps: int) -> float:
        """Do some steps."""
        first = self._next % self._steps
        self._next += steps
        self._state, losses = self._scan(self._state, self._order[first : first + steps])
        return float(losses[-1])

    def _loss(self, weights: Any, x: Any, y: Any) -> Any:
        activation = {"tanh": jnp.tanh, "relu": jax.nn.relu}[self._network.activation]
        for w, b in weights[:-1]:
            x = activation(x @ w + b)
        prediction = x @ weights[-1][0] + weights[-1][1]
        if self._network.loss == "mean_squared_error":
            return jnp.mean((prediction - y) ** 2)
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(prediction), axis=1))

    def _step(self, state: Any, rows: Any) -> Any:
        weights, m, v, t = state
        loss, g = jax.value_and_grad(self._loss)(weights, self._x[rows], self._y[rows])
        rate, t = self._network.rate, t + 1
        if self._network.optimizer == "sgd":
            return (jax.tree.map(lambda w, d: w - rate * d, weights, g), m, v, t), loss
        m = jax.tree.map(lambda a, d: BETA1 * a + (1 - BETA1) * d, m, g)
        v = jax.tree.map(lambda a, d: BETA2 * a + (1 - BETA2) * d * d, v, g)
        first, second = 1 - BETA1**t, 1 - BETA2**t
        weights = jax.tree.map(lambda w, a, b: w - rate * (a / first) / (jnp.sqrt(b / second) + EPSILON), weights, m, v)
        return (weights, m, v, t), loss


def begin(problem: Problem) -> Scan:
    """Begin."""
    return Scan(problem)
