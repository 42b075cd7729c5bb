"""How a wire would do: the one place that decides, with words, what may be connected and what fits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from app.translate import tr
from engine.compiler import compile_graph
from engine.datasets import Dataset, make_dataset
from engine.experiment import Experiment
from engine.graph import Edge, Graph, GraphError
from engine.message import Message
from engine.problem import Problem


class Judgment(Enum):
    """How a wire would do."""

    FITS = "fits"
    WARNING = "warning"
    REFUSED = "refused"


@dataclass(frozen=True)
class Verdict:
    """How a wire would do, in words, and the graph with it unless it is refused."""

    judgment: Judgment
    words: str
    graph: Graph | None = None

    @property
    def fits(self) -> bool:
        """Whether the wire can be drawn and makes no new problem."""
        return self.judgment is Judgment.FITS


@dataclass(frozen=True)
class Judge:
    """Tries wires in graphs that run on batches of `rows` rows of a data set."""

    dataset: Dataset
    rows: int

    def try_wire(self, base: Graph, edge: Edge) -> Verdict:
        """Try a wire: refused where the graph cannot take it, a warning where its target would have a new problem."""
        try:
            graph = base.connect(edge.source, edge.target, edge.port)
        except GraphError as error:
            return Verdict(Judgment.REFUSED, tr(error.message))
        compilation = compile_graph(graph, self.dataset, self.rows)
        known = {p.words for p in compile_graph(base, self.dataset, self.rows).problems if p.node == edge.target}
        for problem in compilation.problems:
            if _is_about(problem, edge, graph) and problem.words not in known:
                return Verdict(Judgment.WARNING, tr(problem.words), graph)
        words = tr("→ {target}", target=tr(graph.nodes[edge.target].title))
        shape = compilation.shapes.get(edge.source)
        if shape is not None:
            count = self.rows if shape.rows is None else shape.rows
            words = tr("[{rows}×{columns}] {words}", rows=count, columns=shape.columns, words=words)
        lost = next((e for e in base.edges if e not in graph.edges), None)
        if lost is not None:
            words = tr("{words}, in place of {node}", words=words, node=tr(base.nodes[lost.source].title))
        return Verdict(Judgment.FITS, words, graph)

    def fitting_wire(self, graph: Graph, source: int, target: int) -> Edge | None:
        """Give the wire from one node to the first free input of another that it fits, None where there is none."""
        for port in free_ports(graph, target):
            edge = Edge(source, target, port)
            if self.try_wire(graph, edge).fits:
                return edge
        return None

    def connected(self, graph: Graph, source: int, target: int) -> Graph:
        """Give the graph with that wire; where there is none, the graph as it is."""
        edge = self.fitting_wire(graph, source, target)
        return graph if edge is None else graph.connect(edge.source, edge.target, edge.port)

    def trouble(self, graph: Graph, beside: int) -> frozenset[tuple[int | None, Message]]:
        """Give what keeps a graph from running, apart from what is wrong with one node itself."""
        problems = compile_graph(graph, self.dataset, self.rows).problems
        return frozenset((p.node, p.words) for p in problems if not p.is_warning and p.node != beside)


def judge_of(experiment: Experiment) -> Judge:
    """Give the judge for an experiment's data set and batches."""
    dataset = make_dataset(experiment.data.kind, experiment.data.settings)
    return Judge(dataset, len(dataset.train[: experiment.batch_size]))


def free_ports(graph: Graph, target: int) -> tuple[str, ...]:
    """Give the inputs of a node that take one more wire without losing one, in their order."""
    node = graph.nodes[target]
    return tuple(port.name for port in node.kind.ports if port.many or not graph.inputs(target, port.name))


def _is_about(problem: Problem, edge: Edge, graph: Graph) -> bool:
    """Tell whether a problem came with a wire: one of its port or, where no other port waits for a wire, of any."""
    if problem.node != edge.target or problem.is_warning:
        return False
    ports = graph.nodes[edge.target].kind.ports
    is_complete = all(port.optional or graph.inputs(edge.target, port.name) for port in ports)
    return is_complete or problem.port in (edge.port, "")
