"""Where everything lies: from a list of instructions to a Program, with each value's place in the arena."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.graph import Graph
from engine.ops.base import Shape, Value
from engine.program import (
    MAX_SLOTS,
    PARAMETER_LANES,
    ROW_LANES,
    BackwardStep,
    Buffer,
    DataInput,
    Instruction,
    Parameter,
    Program,
    padded,
)


def lay_out(
    graph: Graph,
    rows: int,
    data: Sequence[DataInput],
    parameters: Sequence[tuple[Value, str, float]],
    buffers: Sequence[Buffer],
    instructions: Sequence[Instruction],
    outputs: Mapping[int, Value],
    value_count: int,
    *,
    is_training: bool,
    wants_data: bool = False,
) -> Program:
    """Give every value, adjoint and work space its place in the arena, and order the backward sweep.

    What only training needs, Δw, slots and tangents, has no place in a program for evaluation. The adjoints of data,
    which no weight needs, are there only where they are wanted.
    """
    offsets = [0] * value_count
    adjoints: dict[int, int] = {}
    tangents: dict[int, int] = {}
    placed: list[Parameter] = []
    buffer_span = span = 0
    for buffer in buffers:
        offsets[buffer.value.index] = buffer_span
        shape = buffer.value.shape
        buffer_span += padded(shape.columns * (shape.rows or 1), PARAMETER_LANES)
    for value, initializer, mean in parameters:
        node = graph.node(value.node)
        title = f"{value.name}_{node.name or f'{node.title} {node.id}'}"
        if any(title == parameter.title for parameter in placed):
            # A node may bear the name that another one goes by while it has none.
            title = f"{title} #{node.id}"
        placed.append(Parameter(value, span, initializer, title, mean))
        offsets[value.index] = buffer_span + span
        span += padded(placed[-1].size, PARAMETER_LANES)
    for parameter in placed:
        adjoints[parameter.value.index] = buffer_span + span + parameter.offset
        if is_training:
            tangents[parameter.value.index] = buffer_span + (4 + MAX_SLOTS) * span + parameter.offset
    top = buffer_span + (5 + MAX_SLOTS if is_training else 2) * span

    def allot(shape: Shape) -> int:
        nonlocal top
        start = top
        top += padded(shape.columns * (padded(rows, ROW_LANES) if shape.rows is None else shape.rows), ROW_LANES)
        return start

    for entry in data:
        offsets[entry.value.index] = allot(entry.value.shape)
    for instruction in instructions:
        offsets[instruction.output.index] = allot(instruction.output.shape)
        for work in instruction.scratch:
            offsets[work.index] = allot(work.shape)
    moved = {parameter.value.index for parameter in placed}
    for entry in data if wants_data else ():
        adjoints[entry.value.index] = allot(entry.value.shape)
    for instruction in instructions:
        if any(value.index in moved for value in instruction.inputs):
            moved.add(instruction.output.index)
        if any(value.index in adjoints for value in instruction.inputs):
            adjoints[instruction.output.index] = allot(instruction.output.shape)
    backward: list[BackwardStep] = []
    written: set[int] = set()
    for instruction in reversed(instructions):
        if instruction.output.index not in adjoints:
            continue
        targets: list[int | None] = []
        sums: list[tuple[int, int, Value]] = []
        for value in instruction.inputs:
            if value.index not in adjoints:
                targets.append(None)
            elif value.index in written:
                contribution = allot(value.shape)
                targets.append(contribution)
                sums.append((adjoints[value.index], contribution, value))
            else:
                written.add(value.index)
                targets.append(adjoints[value.index])
        backward.append(BackwardStep(instruction, tuple(targets), tuple(sums)))
    for instruction in instructions:
        if is_training and instruction.output.index in moved:
            tangents[instruction.output.index] = allot(instruction.output.shape)
    return Program(
        graph=graph,
        rows=rows,
        data=tuple(data),
        parameters=tuple(placed),
        buffers=tuple(buffers),
        instructions=tuple(instructions),
        backward=tuple(backward),
        outputs=dict(outputs),
        loss=instructions[-1].output,
        offsets=tuple(offsets),
        adjoints=adjoints,
        tangents=tangents,
        buffer_span=buffer_span,
        parameter_span=span,
        size=top,
    )
