"""Experiments and runs for the tests of files: one that is easy to read, and searches over all that can be stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from engine.datasets import DATASETS
from engine.experiment import MAX_SEED, Choice, Experiment
from engine.gradients import GRADIENT_METHODS
from engine.graph import MAX_NAME, Edge, Graph, Node
from engine.ops import OPS
from engine.optimizers import OPTIMIZERS
from engine.rng import GENERATOR_VERSION
from engine.run_state import RunState, SavedArray
from engine.setting import MAX_WHOLE, Setting, SettingValue, complete
from engine.stopping import STOP_CONDITIONS

KINDS = sorted(name for name, op in OPS.items() if op.category)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text(st.characters(codec="utf-8"), max_size=MAX_NAME)
COUNTS = st.integers(0, 10**15)


def example() -> Experiment:
    """A network of two layers on XOR: nodes 1 features, 2 target, 3 A, 4 B, 5 loss; each wire is where it has to be."""
    graph = Graph()
    for op in ("features", "target", "dense", "neuron", "binary_cross_entropy"):
        graph, _ = graph.add(op)
    graph = graph.connect(1, 3, "in").connect(3, 4, "in").connect(4, 5, "prediction").connect(2, 5, "target")
    data = Choice("xor", complete(DATASETS["xor"].settings, {}))
    optimizer = Choice("sgd", complete(OPTIMIZERS["sgd"].settings, {"learning_rate": 0.3}))
    return Experiment(graph, data, Choice("backpropagation"), optimizer)


def example_run() -> RunState:
    """The run of the example after seven steps; A has 2 × 8 weights. The numbers are hard to write down."""
    values = (0.1, 1 / 3, -2.5e-310, 1.7976931348623157e308, 5e-324, -0.0, 123456789.12345679, 1e22, *[0.5] * 8)
    array = SavedArray(3, "W", (2, 8), values, {"v": values[::-1]})
    return RunState(7, 2, 7, 1, 64, 0.6931471805599453, (array,), GENERATOR_VERSION)


def setting_values(setting: Setting) -> st.SearchStrategy[SettingValue]:
    if isinstance(setting.default, bool):
        return st.booleans()
    if isinstance(setting.default, int):
        low = None if setting.minimum is None else int(setting.minimum)
        return st.integers(low, MAX_WHOLE if setting.maximum is None else int(setting.maximum))
    if isinstance(setting.default, float):
        low_float = 0.0 if setting.positive else setting.minimum
        return st.floats(
            low_float, setting.maximum, exclude_min=setting.positive, allow_nan=False, allow_infinity=False
        )
    words = st.sampled_from(setting.choices) if setting.choices else WORDS
    return st.lists(words, unique=True).map(tuple) if isinstance(setting.default, tuple) else words


def settings_of(declared: Sequence[Setting]) -> st.SearchStrategy[dict[str, SettingValue]]:
    given = st.fixed_dictionaries({setting.name: setting_values(setting) for setting in declared})
    return given.map(lambda values: complete(declared, values))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Acyclic graphs of any ops, with ids, names and settings of any kind."""
    ids = draw(st.lists(st.integers(1, 2**31 - 2), unique=True, max_size=10))
    names = draw(st.lists(WORDS.filter(bool), unique=True, min_size=len(ids), max_size=len(ids)))
    nodes: dict[int, Node] = {}
    edges: list[Edge] = []
    for id_, name in zip(ids, names, strict=True):
        kind = OPS[draw(st.sampled_from(KINDS))]
        sources = [other for other, node in nodes.items() if node.kind.has_output]
        for port in kind.ports:
            most = len(sources) if port.many else min(1, len(sources))
            drawn = draw(st.lists(st.sampled_from(sources), unique=True, max_size=most)) if sources else []
            edges.extend(Edge(source, id_, port.name) for source in drawn)
        nodes[id_] = Node(id_, kind.name, draw(settings_of(kind.settings)), draw(st.sampled_from(["", name])))
    return Graph(nodes, tuple(draw(st.permutations(edges))), draw(st.integers(max(ids, default=0) + 1, 2**31 - 1)))


@st.composite
def choices(draw: st.DrawFn, kinds: Mapping[str, Sequence[Setting]]) -> Choice:
    kind = draw(st.sampled_from(sorted(kinds)))
    return Choice(kind, draw(settings_of(kinds[kind])))


def stops() -> st.SearchStrategy[tuple[Choice, ...]]:
    drawn = choices({name: condition.settings for name, condition in STOP_CONDITIONS.items()})
    return st.lists(drawn, unique_by=lambda choice: choice.kind, max_size=3).map(tuple)


def owned(graph: Graph, names: st.SearchStrategy[str], most: int) -> st.SearchStrategy[list[tuple[int, str]]]:
    """Different (node, name), as of parameters and buffers of the graph's nodes."""
    if not graph.nodes:
        return st.just([])
    return st.lists(st.tuples(st.sampled_from(sorted(graph.nodes)), names), unique=True, max_size=most)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    graph = draw(graphs())
    return Experiment(
        graph,
        draw(choices({name: kind.settings for name, kind in DATASETS.items()})),
        draw(choices({name: kind.settings for name, kind in GRADIENT_METHODS.items()})),
        draw(choices({name: kind.settings for name, kind in OPTIMIZERS.items()})),
        draw(st.none() | st.integers(1, 10**15)),
        draw(st.integers(0, MAX_SEED)),
        frozenset(draw(owned(graph, WORDS.filter(bool), 3))),
        draw(stops()),
    )


@st.composite
def runs(draw: st.DrawFn, graph: Graph) -> RunState:
    parameters, buffers = [], []
    for node, name in draw(owned(graph, WORDS, 5)):
        shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
        numbers = st.lists(FLOATS, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(tuple)
        if draw(st.booleans()):
            slots = draw(st.dictionaries(WORDS, numbers, max_size=2))
            parameters.append(SavedArray(node, name, shape, draw(numbers), slots))
        else:
            buffers.append(SavedArray(node, name, shape, draw(numbers)))
    return RunState(
        step=draw(COUNTS),
        micro=draw(COUNTS),
        updates=draw(COUNTS),
        epoch=draw(COUNTS),
        row=draw(COUNTS),
        loss=draw(st.none() | FLOATS),
        parameters=tuple(parameters),
        generator=GENERATOR_VERSION,
        buffers=tuple(buffers),
        gradient_calls=draw(COUNTS),
    )
