"""What the Maths panel says of a node: formulas with the numbers of one moment. Pure functions of snapshots."""

from __future__ import annotations

import numpy as np

from engine.datasets import Dataset
from engine.explanation_backward import backward_lines
from engine.explanation_forward import forward_lines
from engine.explanation_marks import backward_mark, forward_mark, parameter_mark, sample_mark, update_mark
from engine.explanation_moment import Moment
from engine.explanation_parts import Explanation, Focus, Line, Mark, Matrices, Work
from engine.explanation_update import explain_update
from engine.gradients import GradientMethod, make_gradient_method
from engine.ops.base import Value
from engine.program import Parameter, Phase, Program
from engine.snapshot import Snapshot


def explain(
    snapshot: Snapshot,
    dataset: Dataset,
    node: int,
    focus: Focus | None = None,
    earlier: Snapshot | None = None,
) -> Explanation:
    """Explain a node of the snapshot's program.

    `earlier` is a snapshot at the weights before the last update, if there is one: with it the numbers of a completed
    step are exact to the bit, and those that the update has written over are known.
    """
    focus, program, method = focus or Focus(), snapshot.program, _method(snapshot)
    with np.errstate(all="ignore"):
        m = Moment(snapshot, dataset, focus, earlier)
        numbers = [n for n, i in enumerate(program.instructions) if i.node == node]
        works = tuple(_work(m, number, method) for number in numbers)
        matrices = tuple(_matrices(m, p, method) for p in program.parameters if p.node == node)
        values = [*(program.instructions[n].output for n in numbers), *_given(program, node)]
        chosen = _chosen(matrices, focus)
        update = None
        if chosen is not None:
            rows, columns = chosen.parameter.shape
            place = min(focus.source, rows - 1), min(focus.unit, columns - 1)
            update = explain_update(snapshot, earlier, chosen.parameter, place)
        has_rows = any(value.shape.rows is None for value in values)
        mark = sample_mark(snapshot)
        given = () if works or not mark.is_known else tuple(_given_line(m, v) for v in _given(program, node))
        return Explanation(
            node=node,
            rows=snapshot.rows if has_rows else 0,
            units=max((value.shape.columns for value in values), default=1) if works or matrices else 1,
            works=works,
            inputs=given,
            inputs_mark=mark,
            matrices=matrices,
            update=update,
        )


def last_layer(program: Program, node: int | None) -> int | None:
    """Give a node to show where a micro-step is about none: the one shown before, if it has weights, else the first."""
    if node in program.layers:
        return node
    return program.layers[0] if program.layers else None


def takes_part(program: Program, node: int) -> bool:
    """Tell whether a node of the graph is part of what is run."""
    return node in program.outputs or node == program.loss.node


def _method(snapshot: Snapshot) -> GradientMethod:
    chosen = snapshot.pipeline.method
    return make_gradient_method(chosen.kind, chosen.settings)


def _work(m: Moment, number: int, method: GradientMethod) -> Work:
    instruction, snapshot = m.program.instructions[number], m.snapshot
    position, step = m.backward.get(instruction.output.index, (None, None))
    forward, backward = forward_mark(snapshot, number), backward_mark(snapshot, position, method)
    op = instruction.op
    return Work(
        label=op.label,
        forward_formula=op.forward_formula,
        backward_formula=op.backward_formula,
        forward=forward,
        backward=backward,
        forward_lines=forward_lines(m, instruction) if forward.is_known else (),
        backward_lines=backward_lines(m, step) if step is not None and backward.is_known else (),
        is_active=_is_active(snapshot, number, position, backward),
    )


def _is_active(snapshot: Snapshot, number: int, position: int | None, backward: Mark) -> bool:
    """Tell whether the last micro-step was the forward or the backward of the instruction of this number."""
    if snapshot.phase in (Phase.FORWARD, Phase.LOSS):
        return number == snapshot.micro - 2
    return snapshot.phase is Phase.BACKWARD and backward.is_known and position == snapshot.passes_done - 1


def _given(program: Program, node: int) -> list[Value]:
    """Give the values that enter the program at a node: drawn rows."""
    return [entry.value for entry in program.data if entry.value.node == node]


def _given_line(m: Moment, value: Value) -> Line:
    return Line((f"{value.name} = ", m.across(value)))


def _matrices(m: Moment, parameter: Parameter, method: GradientMethod) -> Matrices:
    snapshot, value = m.snapshot, parameter.value
    rows, columns = parameter.shape
    return Matrices(
        parameter=parameter,
        weights=snapshot.weights(parameter),
        gradient=snapshot.gradient(parameter),
        update=snapshot.update(parameter),
        gradient_mark=parameter_mark(snapshot, parameter, method),
        update_mark=update_mark(snapshot),
        row_names=_sources(m, value, rows),
        column_names=tuple(str(column + 1) for column in range(columns)),
        is_pinned=(parameter.node, parameter.name) in snapshot.pipeline.pinned,
    )


def _sources(m: Moment, weights: Value, rows: int) -> tuple[str, ...]:
    """Name the rows of a matrix by what is multiplied with them; one that nothing is multiplied with by numbers."""
    if rows == 1 and weights.shape.columns >= 1 and weights.name != "W":
        return ("",)
    for instruction in m.program.instructions:
        if len(instruction.inputs) == 2 and instruction.inputs[1].index == weights.index:
            source = instruction.inputs[0]
            if source.shape.columns == rows:
                return tuple(m.name(source, row) for row in range(rows))
    return tuple(str(row + 1) for row in range(rows))


def _chosen(matrices: tuple[Matrices, ...], focus: Focus) -> Matrices | None:
    """Give the parameter of the chosen name, else the first."""
    named = (found for found in matrices if found.parameter.name == focus.parameter)
    return next(named, matrices[0] if matrices else None)
