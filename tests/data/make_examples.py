"""Write resources/examples/*.bplab. Run it from the root of the repository after a change here; the result is kept.

    .venv/bin/python -m tests.data.make_examples

Cards are laid out by hand, columns from left to right with about 90 px between them, so that the middle of each card's
ports lies on the line y = 0 and the target below it. What every example teaches stands in app/examples.py.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.examples import EXAMPLES
from app.files import SUFFIX, SavedFile, to_text, write_file
from app.project import Position, Project, View
from engine.datasets import DATASETS
from engine.experiment import Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import Graph
from engine.optimizers import OPTIMIZERS
from engine.setting import SettingValue, complete

FOLDER = Path(__file__).parents[2] / "resources" / "examples"


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

    def project(self, data: Choice, optimizer: Choice, batch_size: int | None = 32) -> Project:
        """Give what is drawn as a project that trains by backpropagation."""
        method = Choice("backpropagation", complete(GRADIENT_METHODS["backpropagation"].settings, {}))
        return Project(Experiment(self._graph, data, method, optimizer, batch_size), self._positions)


def data(kind: str, **settings: SettingValue) -> Choice:
    """Choose a data set."""
    return Choice(kind, complete(DATASETS[kind].settings, settings))


def optimizer(kind: str, learning_rate: float) -> Choice:
    """Choose an optimizer."""
    return Choice(kind, complete(OPTIMIZERS[kind].settings, {"learning_rate": learning_rate}))


def draw_one_neuron() -> Project:
    """Draw the opening example: the smallest network that learns something."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("neuron", (200, -56), x, activation="identity")
    y = d.add("target", (200, 96))
    d.add("binary_cross_entropy", (424, -64), a, y)
    return d.project(data("blobs"), optimizer("sgd", 0.5))


def draw_linear_regression() -> Project:
    """Draw gradient descent on all rows, whose end is known in closed form: the least squares line."""
    d = Drawing()
    x = d.add("features", (0, -56))
    a = d.add("neuron", (200, -56), x, activation="identity")
    y = d.add("target", (200, 96))
    d.add("mean_squared_error", (424, -48), a, y)
    return d.project(data("line"), optimizer("sgd", 0.1), batch_size=None)


def draw_logistic_regression() -> Project:
    """Draw one neuron where it is not enough: its loss is convex, and the best line still errs."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("neuron", (200, -56), x, activation="identity")
    y = d.add("target", (200, 96))
    d.add("binary_cross_entropy", (424, -64), a, y)
    return d.project(data("moons"), optimizer("sgd", 0.3))


def draw_xor() -> Project:
    """Draw the first hidden layer."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("dense", (200, -168), x, units=8, activation="tanh")
    b = d.add("dense", (400, -56), a, units=1, activation="identity")
    y = d.add("target", (400, 96))
    d.add("binary_cross_entropy", (600, -64), b, y)
    return d.project(data("xor"), optimizer("adam", 0.03))


def draw_circles() -> Project:
    """Draw one neuron that sees the squares: x₁² + x₂² is the squared distance from the middle."""
    d = Drawing()
    x = d.add("features", (0, -80), columns=("x1^2", "x2^2"))
    a = d.add("neuron", (200, -56), x, activation="identity")
    y = d.add("target", (200, 96))
    d.add("binary_cross_entropy", (424, -64), a, y)
    return d.project(data("circles"), optimizer("momentum", 0.5))


def draw_two_moons() -> Project:
    """Draw two hidden layers, small enough to follow every weight."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("dense", (200, -128), x, units=4, activation="tanh")
    b = d.add("dense", (400, -80), a, units=2, activation="tanh")
    c = d.add("dense", (600, -56), b, units=1, activation="identity")
    y = d.add("target", (600, 96))
    d.add("binary_cross_entropy", (800, -64), c, y)
    return d.project(data("moons"), optimizer("adam", 0.03))


def draw_spirals() -> Project:
    """Draw a deeper one. With tanh and Glorot's weights, seeds 2, 3 and 4 do no better than a line in 4,000 steps."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("dense", (200, -176), x, units=16, activation="relu", initializer="he-normal")
    b = d.add("dense", (400, -176), a, units=16, activation="relu", initializer="he-normal")
    c = d.add("dense", (600, -56), b, units=1, activation="identity")
    y = d.add("target", (600, 96))
    d.add("binary_cross_entropy", (800, -64), c, y)
    return d.project(data("spirals"), optimizer("adam", 0.01))


def draw_three_spirals() -> Project:
    """Draw three classes: one logit for each, and softmax."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("dense", (200, -176), x, units=16, activation="tanh")
    b = d.add("dense", (400, -176), a, units=16, activation="tanh")
    c = d.add("dense", (600, -104), b, units=3, activation="identity")
    y = d.add("target", (600, 144))
    d.add("softmax_cross_entropy", (800, -48), c, y)
    return d.project(data("spirals", rows=600, arms=3, turns=1.0), optimizer("adam", 0.02))


def draw_sine_regression() -> Project:
    """Draw a curve from sixteen bent lines."""
    d = Drawing()
    x = d.add("features", (0, -56))
    a = d.add("dense", (200, -176), x, units=16, activation="tanh")
    b = d.add("dense", (400, -56), a, units=1, activation="identity")
    y = d.add("target", (400, 96))
    d.add("mean_squared_error", (600, -48), b, y)
    return d.project(data("sine"), optimizer("adam", 0.01))


def draw_bumps_regression() -> Project:
    """Draw a surface over two inputs."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("dense", (200, -176), x, units=16, activation="tanh")
    b = d.add("dense", (400, -168), a, units=8, activation="tanh")
    c = d.add("dense", (600, -56), b, units=1, activation="identity")
    y = d.add("target", (600, 96))
    d.add("mean_squared_error", (800, -48), c, y)
    return d.project(data("bumps"), optimizer("adam", 0.01))


def draw_iris() -> Project:
    """Draw measured data: four features, three species."""
    d = Drawing()
    x = d.add("features", (0, -128))
    a = d.add("dense", (256, -168), x, units=8, activation="tanh")
    b = d.add("dense", (456, -104), a, units=3, activation="identity")
    y = d.add("target", (456, 144))
    d.add("softmax_cross_entropy", (656, -48), b, y)
    return d.project(data("iris"), optimizer("adam", 0.01), batch_size=16)


def draw_digits() -> Project:
    """Draw the 64-32-10 network."""
    d = Drawing()
    x = d.add("features", (0, -64))
    a = d.add("dense", (200, -104), x, units=32, activation="relu", initializer="he-uniform")
    b = d.add("dense", (400, -120), a, units=10, activation="identity")
    y = d.add("target", (400, 152))
    d.add("softmax_cross_entropy", (600, -48), b, y)
    return d.project(data("digits"), optimizer("adam", 0.005))


def draw_two_branches() -> Project:
    """Draw two layers side by side. The data node feeds both; Concat hands each its own columns of δ."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("dense", (200, -296), x, units=4, activation="tanh")
    b = d.add("dense", (200, 32), x, units=4, activation="relu", initializer="he-uniform")
    both = d.add("concat", (400, -32), a, b)
    c = d.add("dense", (632, -56), both, units=1, activation="identity")
    y = d.add("target", (632, 96))
    d.add("binary_cross_entropy", (832, -64), c, y)
    return d.project(data("circles"), optimizer("adam", 0.03))


def draw_skip_connection() -> Project:
    """Draw a way around B, which is raised so that the wire from A to Add passes below it."""
    d = Drawing()
    x = d.add("features", (0, -80))
    a = d.add("dense", (200, -128), x, units=4, activation="tanh")
    b = d.add("dense", (400, -296), a, units=4, activation="tanh")
    total = d.add("add", (600, -32), a, b)
    c = d.add("dense", (832, -56), total, units=1, activation="identity")
    y = d.add("target", (832, 96))
    d.add("binary_cross_entropy", (1032, -64), c, y)
    return d.project(data("circles"), optimizer("adam", 0.03))


PROJECTS: dict[str, Callable[[], Project]] = {
    "one-neuron": draw_one_neuron,
    "linear-regression": draw_linear_regression,
    "logistic-regression": draw_logistic_regression,
    "xor": draw_xor,
    "circles": draw_circles,
    "two-moons": draw_two_moons,
    "spirals": draw_spirals,
    "three-spirals": draw_three_spirals,
    "sine-regression": draw_sine_regression,
    "bumps-regression": draw_bumps_regression,
    "iris": draw_iris,
    "digits": draw_digits,
    "two-branches": draw_two_branches,
    "skip-connection": draw_skip_connection,
}


def make(key: str) -> SavedFile:
    """Give an example as a file holds it, at step 0."""
    return SavedFile(PROJECTS[key](), View())


def make_text(key: str) -> str:
    """Give the text of an example's file."""
    return to_text(make(key))


def write_all() -> None:
    """Write every example and remove files that are examples no longer."""
    FOLDER.mkdir(exist_ok=True)
    for example in EXAMPLES:
        write_file(str(FOLDER / example.file_name), make(example.key))
    for file in set(FOLDER.glob(f"*{SUFFIX}")) - {FOLDER / example.file_name for example in EXAMPLES}:
        file.unlink()


if __name__ == "__main__":
    write_all()
