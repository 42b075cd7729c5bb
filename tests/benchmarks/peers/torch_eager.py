"""PyTorch without compilation, on one thread: the loop of its tutorials."""

from __future__ import annotations

import torch

from tests.benchmarks.problem import Problem

ACTIVATIONS = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}


class Eager:
    """A Sequential of Linear layers with an optimizer of torch.optim."""

    def __init__(self, problem: Problem) -> None:
        torch.set_num_threads(1)
        network = problem.network
        self._x, self._order = torch.from_numpy(problem.x), torch.from_numpy(problem.order)
        self._y = torch.from_numpy(problem.y)
        self._loss = torch.nn.MSELoss()
        if network.loss == "softmax_cross_entropy":
            self._y, self._loss = self._y.argmax(1), torch.nn.CrossEntropyLoss()
        parts = []
        for w, b in problem.weights:
            linear = torch.nn.Linear(*w.shape, dtype=torch.float64)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(w).T)
                linear.bias.copy_(torch.from_numpy(b))
            parts += [linear, ACTIVATIONS[network.activation]()]
        self._model = torch.nn.Sequential(*parts[:-1])
        optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[network.optimizer]
        self._optimizer = optimizer(self._model.parameters(), lr=network.rate)
        self._next = 0

    def run(self, steps: int) -> float:
        """Do some steps."""
        for _ in range(steps):
            rows = self._order[self._next % len(self._order)]
            self._next += 1
            self._optimizer.zero_grad()
            loss = self._loss(self._model(self._x[rows]), self._y[rows])
            loss.backward()
            self._optimizer.step()
        return float(loss.detach())


def begin(problem: Problem) -> Eager:
    """Begin."""
    return Eager(problem)
