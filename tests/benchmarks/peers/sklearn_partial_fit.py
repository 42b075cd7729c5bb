"""scikit-learn's multilayer perceptron, one batch a call.

Its squared loss is half of the mean square, so its SGD has twice the rate; its Adam adds ε at another place, so losses
agree to some digits only.
"""

from __future__ import annotations

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from tests.benchmarks.problem import Problem


class PartialFit:
    """An MLPRegressor or MLPClassifier."""

    def __init__(self, problem: Problem) -> None:
        network = problem.network
        self._is_classes = network.loss == "softmax_cross_entropy"
        rate = network.rate if self._is_classes or network.optimizer == "adam" else 2 * network.rate
        kind = MLPClassifier if self._is_classes else MLPRegressor
        self._model = kind(
            hidden_layer_sizes=network.sizes[1:-1],
            activation=network.activation,
            solver=network.optimizer,
            alpha=0.0,
            batch_size=network.batch,
            learning_rate_init=rate,
            momentum=0.0,
            nesterovs_momentum=False,
        )
        self._x, self._order, self._next = problem.x, problem.order, 0
        self._y = problem.y.argmax(1) if self._is_classes else problem.y[:, 0]
        self._classes = {"classes": np.unique(self._y)} if self._is_classes else {}
        rows = self._order[0]
        # The first call makes the weights, which are then those of the problem, with a new optimizer.
        self._model.partial_fit(self._x[rows], self._y[rows], **self._classes)
        for layer, (w, b) in enumerate(problem.weights):
            self._model.coefs_[layer][...] = w
            self._model.intercepts_[layer][...] = b
        del self._model._optimizer

    def run(self, steps: int) -> float:
        """Do some steps."""
        for _ in range(steps):
            rows = self._order[self._next % len(self._order)]
            self._next += 1
            self._model.partial_fit(self._x[rows], self._y[rows], **self._classes)
        return float(self._model.loss_) * (1.0 if self._is_classes else 2.0)


def begin(problem: Problem) -> PartialFit:
    """Begin."""
    return PartialFit(problem)
