"""The backward formula of an instruction with this batch's numbers in it: local derivative × upstream gradient.

Every number is the arena's, but for means over rows, and for local derivatives, which the operation computes from it.
"""

from __future__ import annotations

import numpy as np

from engine.explanation_forward import statistics
from engine.explanation_moment import Moment
from engine.explanation_parts import COMPUTED, Column, Line, Number, Part, Sum
from engine.message import message
from engine.ops.arithmetic import Add, Divide, Multiply, Subtract
from engine.ops.base import Elementwise, Value
from engine.ops.call import Array
from engine.ops.loss_primitives import LossPrimitive
from engine.ops.matrices import AddBias, MatMul
from engine.ops.normalization import Standardization
from engine.ops.penalties import TotalLoss
from engine.ops.reductions import Reduction
from engine.program import BackwardStep, Instruction

Lines = tuple[Line, ...]
LOCAL = "local derivative"


def backward_lines(m: Moment, step: BackwardStep) -> Lines:
    """Give the lines of a backward step that is done."""
    op = step.instruction.op
    if isinstance(op, MatMul):
        lines = _matmul(m, step)
    elif isinstance(op, Standardization) and not m.is_mean(step.instruction.output.shape):
        lines = _standardize(m, step)
    else:
        found = local_derivatives(m, step)
        lines = _plain(m, step) if found is None else _local(m, step, found)
    return (*lines, *_shared(m, step))


def local_derivatives(m: Moment, step: BackwardStep) -> list[Array] | None:
    """Give ∂output/∂input number by number, for each input; None for an operation that mixes numbers."""
    op, c = step.instruction.op, m.call(step.instruction)
    if isinstance(op, Add | AddBias | TotalLoss):
        return [np.ones((1, 1)) for _ in c.x]
    if isinstance(op, Subtract):
        return [np.ones((1, 1)), -np.ones((1, 1))]
    if isinstance(op, Multiply):
        return [_product(c.x[:k] + c.x[k + 1 :]) for k in range(len(c.x))]
    if isinstance(op, Divide):
        return [1.0 / c.x[1], -c.y / c.x[1]]
    if isinstance(op, Reduction):
        return [np.full((1, 1), op.weight(c))]
    if isinstance(op, LossPrimitive):
        partials = [np.empty_like(x) for x in c.x]
        for number, (out, target) in enumerate(zip(partials, step.targets, strict=True)):
            if target is not None:
                op.partial(c, number, out)
        return partials
    if isinstance(op, Elementwise):
        slope = np.empty_like(c.y)
        op.derivative(c, slope)
        return [slope]
    return None


def _matmul(m: Moment, step: BackwardStep) -> Lines:
    (x, w), (to_x, to_w), output = step.instruction.inputs, step.targets, step.instruction.output
    unit, source, lines = m.unit(output), min(m.focus.source, x.shape.columns - 1), []
    if to_w is not None:
        name, terms = m.weight_name(w, source, unit), Sum((m.down(x, source), m.adjoint_down(output, unit)))
        result = Number(terms.total(), f"∂L/∂{name}")
        if m.uses[w.index] == 1:
            result = Number(float(m.adjoint(w)[source, unit]), result.name, m.adjoint_place(w, source, unit))
        words = message("aᵀδ: this input times δ, summed over the rows")
        lines.append(Line((f"∂L/∂{name} = ", terms, " = ", result), words))
    if to_x is not None:
        terms = Sum((m.adjoint_across(output), m.weights_of_source(w, source)))
        result = m.passed_on(x, source, terms.total())
        words = message("δWᵀ: summed over the units")
        lines.append(Line((f"∂L/∂{m.name(x, source)} = ", terms, " = ", result), words))
    return tuple(lines)


def _local(m: Moment, step: BackwardStep, found: list[Array]) -> Lines:
    instruction, lines = step.instruction, []
    output = instruction.output
    delta = m.adjoint(output)
    for value, target, local in zip(instruction.inputs, step.targets, found, strict=True):
        if target is None:
            continue
        # What is used for every row, or everywhere, adds up; of a sum, every number gets what the sum gets.
        is_spread = any(a < b for a, b in zip(m.values(value).shape, delta.shape, strict=True))
        unit = m.unit(value)
        left = f"∂L/∂{m.name(value, unit)} = "
        if is_spread:
            lines.append(_summed(m, instruction, value, local, left))
        elif m.is_mean(value.shape):
            if m.uses[value.index] == 1:
                lines.append(Line((left, m.adjoint_at(value, unit)), message("the mean over the rows")))
        else:
            row, column = m.row_of(output), min(unit, output.shape.columns - 1)
            whole = np.broadcast_to(local, m.values(value).shape)
            place = int(m.places(value.shape, m.program.offsets[value.index])[m.row_of(value), unit])
            slope = Number(float(whole[m.row_of(value), unit]), LOCAL, origin=place)
            upstream = Number(float(delta[row, column]), f"∂L/∂{m.output_name(instruction, column)}")
            upstream = Number(upstream.value, upstream.name, m.adjoint_place(output, row, column))
            result = m.passed_on(value, unit, slope.value * upstream.value)
            lines.append(Line((left, slope, " · ", upstream, " = ", result), message("local × upstream")))
    return tuple(lines)


def _summed(m: Moment, instruction: Instruction, value: Value, local: Array, left: str) -> Line:
    output, unit = instruction.output, m.unit(value)
    delta = m.adjoint(output)
    places = m.places(output.shape, m.program.adjoints[output.index])
    whole = np.broadcast_to(local, delta.shape)
    rows = slice(None) if value.shape.rows == 1 else slice(m.row_of(value), m.row_of(value) + 1)
    columns = slice(unit, unit + 1) if value.shape.columns == delta.shape[1] else slice(None)
    slopes, upstream = whole[rows, columns].reshape(-1), delta[rows, columns].reshape(-1)
    name = f"∂L/∂{m.output_name(instruction, unit)}"
    factors = (
        Column(slopes, np.full(slopes.size, COMPUTED, np.int64), lambda k: LOCAL),
        Column(upstream, places[rows, columns].reshape(-1), lambda k: f"{name} ({k + 1})"),
    )
    terms = Sum(factors[1:] if bool(np.all(slopes == 1.0)) else factors)
    words = message("summed over all places where it is used")
    if columns != slice(None) and output.shape.rows is None:
        words = message("summed over the rows")
    return Line((left, terms, " = ", m.passed_on(value, unit, terms.total())), words)


def _standardize(m: Moment, step: BackwardStep) -> Lines:
    instruction, op = step.instruction, step.instruction.op
    assert isinstance(op, Standardization)
    (x,), output = instruction.inputs, instruction.output
    unit, row = m.unit(output), m.row_of(output)
    delta, z = m.adjoint(output), m.values(output)
    place = (0, unit) if op.axis == 0 else (row, 0)
    mean_delta, mean_product = (
        Number(float(numbers.mean(axis=op.axis, keepdims=True)[place]), name, origin=m.adjoint_place(output, row, unit))
        for numbers, name in ((delta, "mean δ"), (delta * z, "mean(δ z)"))
    )
    upstream = Number(float(delta[row, unit]), "δ", m.adjoint_place(output, row, unit))
    here, factor = m.at(output, unit), statistics(m, instruction, unit)[2]
    value = (upstream.value - mean_delta.value - here.value * mean_product.value) * factor.value
    known = tuple(Line((f"{number.name} = ", number)) for number in (upstream, mean_delta, mean_product))
    parts: tuple[Part, ...] = ("(", upstream, " − ", mean_delta, " − ", here, " · ", mean_product, ") · ", factor)
    return *known, Line((f"∂L/∂{m.name(x, unit)} = ", *parts, " = ", m.passed_on(x, unit, value)))


def _plain(m: Moment, step: BackwardStep) -> Lines:
    output = step.instruction.output
    lines = [Line((f"∂L/∂{m.own_symbol(step.instruction)} = ", m.adjoint_across(output)))]
    for value, target in zip(step.instruction.inputs, step.targets, strict=True):
        if target is not None and m.uses[value.index] == 1:
            lines.append(Line((f"∂L/∂{m.symbol(value)} = ", m.adjoint_across(value))))
    return tuple(lines)


def _shared(m: Moment, step: BackwardStep) -> Lines:
    """Say how the gradients of a value that is used several times add up, at the step that adds the last one."""
    lines = []
    for value in dict.fromkeys(step.instruction.inputs):
        count = m.uses[value.index]
        if count > 1 and m.is_last_use(value, step):
            unit = m.unit(value)
            words = message("Σ of what its {count} uses give", count=count)
            lines.append(Line((f"∂L/∂{m.name(value, unit)} = ", m.adjoint_at(value, unit)), words))
    return tuple(lines)


def _product(factors: tuple[Array, ...]) -> Array:
    product: Array = np.ones((1, 1))
    for factor in factors:
        product = product * factor
    return product
