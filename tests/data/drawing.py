"""The pen that the example networks are drawn with: a graph, its cards' places and the pipeline beside them."""

from __future__ import annotations

from app.project import Position, Project
from engine.datasets import DATASETS
from engine.experiment import Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import Graph
from engine.optimizers import OPTIMIZERS
from engine.setting import SettingValue, complete


class Drawing:
    """A graph that grows card by card."""

    def __init__(self) -> None:
        self._graph = Graph()
        self._positions: dict[int, Position] = {}

    def add(self, op: str, at: Position, *sources: int, **settings: SettingValue) -> int:
        """Add a card, wired to its sources: all at a many-port, else one at each port in turn. Gives its id."""
        self._graph, id_ = self._graph.add(op, settings)
        self._positions[id_] = float(at[0]), float(at[1])
        ports = self._graph.node(id_).kind.ports
        names = [ports[0].name] * len(sources) if ports and ports[0].many else [port.name for port in ports]
        for source, name in zip(sources, names, strict=True):
            self._graph = self._graph.connect(source, id_, name)
        return id_

    def project(
        self, data: Choice, optimizer: Choice, batch_size: int | None = 32, method: str = "backpropagation"
    ) -> Project:
        """Give what is drawn as a project with this pipeline."""
        chosen = Choice(method, complete(GRADIENT_METHODS[method].settings, {}))
        return Project(Experiment(self._graph, data, chosen, optimizer, batch_size), self._positions)


def data(kind: str, **settings: SettingValue) -> Choice:
    """Choose a data set."""
    return Choice(kind, complete(DATASETS[kind].settings, settings))


def optimizer(kind: str, **settings: SettingValue) -> Choice:
    """Choose an optimizer."""
    return Choice(kind, complete(OPTIMIZERS[kind].settings, settings))


def descent(kind: str, learning_rate: float) -> Choice:
    """Choose an optimizer with a learning rate."""
    return optimizer(kind, learning_rate=learning_rate)
