"""From a graph to a Program, or to Problems in words where it is unfinished."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.datasets import Dataset, columns
from engine.graph import Graph, Node
from engine.layout import lay_out
from engine.message import Message, listed, message
from engine.ops.base import Fix, Op, Primitive, Shape, ShapeError, Value
from engine.ops.losses import Loss
from engine.problem import Problem
from engine.program import Buffer, DataInput, Instruction, Program

MAX_BYTES = 2**30
COPIES = 5
"""A run holds its arena, one for evaluation, one for passes at other weights, and two copies while one is shown."""


@dataclass(frozen=True)
class Compilation:
    """What became of a graph: a program if it can run, its problems and the output shape of each node that has one."""

    program: Program | None
    problems: tuple[Problem, ...]
    shapes: Mapping[int, Shape]


def compile_graph(
    graph: Graph, dataset: Dataset, rows: int, *, is_training: bool = True, wants_data: bool = False
) -> Compilation:
    """Compile for batches of up to `rows` rows, for training or for evaluation.

    Never raises for an unfinished graph: it has Problems instead. Both modes have the same parameters and buffers.
    `wants_data` lets the backward sweep go on to the data, whose adjoints no weight needs.
    """
    lowering = _Lowering(graph, dataset, rows, is_training=is_training)
    problems = list(lowering.problems)
    losses = [id_ for id_ in graph.order() if issubclass(graph.nodes[id_].kind, Loss)]
    if not graph.nodes:
        problems.append(Problem(message("The canvas is empty: drag nodes from the palette, or open an example")))
    elif not losses:
        problems.append(
            Problem(message("There is no loss yet: the gradient is of a loss, so the network must end in one"))
        )
    elif len(losses) > 1:
        words = message("There are several losses: training needs one number, so keep one of them")
        problems.extend(Problem(words, node=id_) for id_ in losses)
    used: frozenset[int] = frozenset()
    for loss in losses:
        used |= graph.ancestors(loss) | {loss}
    problems = [p if p.node is None or p.node in used or not losses else _as_warning(p) for p in problems]
    problems.extend(
        Problem(_idle_words(graph, id_), node=id_, is_warning=True)
        for id_ in graph.nodes
        if losses and id_ not in used and not any(p.node == id_ for p in problems)
    )
    program = None
    if not any(not p.is_warning for p in problems):
        program = lowering.program(used, wants_data=wants_data)
        size = program.size * 8 * COPIES
        if size > MAX_BYTES:
            words = message("This needs {size:.1f} GiB of memory, and 1 GiB is the most", size=size / 2**30)
            problems.append(Problem(words))
            program = None
        elif not program.parameters:
            problems.append(
                Problem(message("There are no weights here, so there is nothing to train"), is_warning=True)
            )
    return Compilation(program, tuple(problems), lowering.shapes)


def _idle_words(graph: Graph, id_: int) -> Message:
    if any(id_ in (edge.source, edge.target) for edge in graph.edges):
        return message("It does not lead to the loss, so it takes no part")
    return message("Not connected to anything yet")


def _as_warning(problem: Problem) -> Problem:
    return Problem(problem.words, problem.node, problem.port, problem.fix, is_warning=True)


class _Lowering:
    """Lowers every node in topological order and keeps what came of it; the Builder that ops speak to."""

    def __init__(self, graph: Graph, dataset: Dataset, rows: int, *, is_training: bool) -> None:
        self.node = 0
        self.task: str = dataset.task
        self.is_training = is_training
        self.rows = rows
        self.problems: list[Problem] = []
        self.shapes: dict[int, Shape] = {}
        self._graph = graph
        self._dataset = dataset
        self._op = Op()
        self._count = 0
        self._data: list[DataInput] = []
        self._parameters: list[tuple[Value, str, float]] = []
        self._penalized: list[Value] = []
        self._buffers: list[Buffer] = []
        self._instructions: list[Instruction] = []
        self._outputs: dict[int, Value] = {}
        for id_ in graph.order():
            self._lower(graph.nodes[id_])

    def program(self, used: frozenset[int], *, wants_data: bool) -> Program:
        """Lay out the nodes that lead to the loss."""
        return lay_out(
            self._graph,
            self.rows,
            [entry for entry in self._data if entry.value.node in used],
            [entry for entry in self._parameters if entry[0].node in used],
            [buffer for buffer in self._buffers if buffer.node in used],
            [instruction for instruction in self._instructions if instruction.node in used],
            {id_: value for id_, value in self._outputs.items() if id_ in used},
            self._count,
            is_training=self.is_training,
            wants_data=wants_data,
        )

    def emit(self, op: Primitive, inputs: Sequence[Value], buffers: Sequence[Value] = ()) -> Value:
        """Append an instruction, with the buffers of the node that it works on, and give its output."""
        shapes = [value.shape for value in inputs]
        output = self._value(op.shape(shapes), op.name, op)
        scratch = tuple(self._value(shape, "scratch", op) for shape in op.scratch(shapes))
        self._instructions.append(Instruction(op, tuple(inputs), output, scratch, tuple(buffers)))
        return output

    def parameter(
        self, name: str, shape: Shape, initializer: str, mean: float = 0.0, *, is_penalized: bool = False
    ) -> Value:
        """Make a parameter of the node that is being lowered."""
        value = self._value(shape, name, self._op)
        self._parameters.append((value, initializer, mean))
        if is_penalized:
            self._penalized.append(value)
        return value

    def penalized(self) -> tuple[Value, ...]:
        """Give the penalized parameters of all nodes that lead to the one that is being lowered."""
        leading = self._graph.ancestors(self.node)
        return tuple(value for value in self._penalized if value.node in leading)

    def buffer(self, name: str, shape: Shape, start: float, least: float = -math.inf) -> Value:
        """Make a buffer of the node that is being lowered."""
        value = self._value(shape, name, self._op)
        self._buffers.append(Buffer(value, start, least))
        return value

    def features(self, chosen: tuple[str, ...]) -> Value:
        """Give the chosen feature columns of the drawn rows."""
        known = columns(self._dataset)
        for column in chosen:
            if column not in known:
                words = message("{data} has no column {column}", data=message(self._dataset.label), column=column)
                raise ShapeError(words, fix=Fix(message("Take all of its own"), self.node, {"columns": ()}))
        names = chosen or known[: self._dataset.x.shape[1]]
        value = self._value(Shape(len(names)), "x", self._op)
        self._data.append(DataInput(value, columns=names))
        return value

    def target(self, encoding: str) -> Value:
        """Give the targets of the drawn rows."""
        classes = len(self._dataset.class_names)
        automatic = Fix(message("Choose automatic"), self.node, {"encoding": "automatic"})
        label = message(self._dataset.label)
        if not classes:
            if encoding != "automatic":
                raise ShapeError(message("{data} has numbers, not classes", data=label), fix=automatic)
            count = self._dataset.y.shape[1]
        elif encoding == "automatic":
            encoding = "one-column" if classes == 2 else "one-hot"
            count = 1 if classes == 2 else classes
        elif encoding == "one-column":
            if classes != 2:
                words = message("One 0/1 column fits two classes, but {data} has {count}", data=label, count=classes)
                raise ShapeError(words, fix=automatic)
            count = 1
        else:
            count = classes
        value = self._value(Shape(count), "y", self._op)
        self._data.append(DataInput(value, encoding=encoding))
        return value

    def title(self, node: int) -> Message:
        """Give what a node is called in sentences."""
        return self._graph.node(node).words

    def warn(self, words: Message, port: str, fix: Fix | None) -> None:
        """Note a warning of the node that is being lowered."""
        self.problems.append(Problem(words, self.node, port, fix, is_warning=True))

    def _value(self, shape: Shape, name: str, op: Op) -> Value:
        value = Value(self._count, shape, self.node, name, op, self._op)
        self._count += 1
        return value

    def _lower(self, node: Node) -> None:
        inputs = {port.name: self._graph.inputs(node.id, port.name) for port in node.kind.ports}
        missing = [port for port in node.kind.ports if not (port.optional or inputs[port.name])]
        if missing:
            ports = listed([message(port.label) for port in missing])
            words = message("Not connected: {ports}", ports=ports)
            self.problems.append(Problem(words, node=node.id, port=missing[0].name))
            return
        if any(source not in self._outputs for sources in inputs.values() for source in sources):
            return
        self.node, self._op = node.id, node.build()
        before = len(self._instructions)
        try:
            values = {port: tuple(self._outputs[s] for s in sources) for port, sources in inputs.items()}
            for port in node.kind.ports:
                for value in values[port.name]:
                    port.check(value.shape)
            output = self._op.lower(self, values)
        except ShapeError as error:
            del self._instructions[before:]
            self.problems.append(Problem(error.message, node=node.id, port=error.port, fix=error.fix))
            return
        self.shapes[node.id] = output.shape
        if node.kind.has_output:
            self._outputs[node.id] = output
