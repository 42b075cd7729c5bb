"""The forward formula of an instruction with this batch's numbers in it.

Some operations have lines of their own; all others get the plain ones: the row that goes in, and the row that comes
out. Every number is the arena's, but for means over rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.explanation_moment import Moment
from engine.explanation_parts import Column, Line, Number, Part, Sum
from engine.message import message
from engine.ops.arithmetic import Add, Divide, Multiply, Subtract
from engine.ops.base import Elementwise, Primitive
from engine.ops.dropout import Dropout
from engine.ops.loss_primitives import LossPrimitive
from engine.ops.matrices import AddBias, MatMul
from engine.ops.normalization import Standardization
from engine.ops.penalties import TotalLoss
from engine.ops.reductions import AXES, Reduction
from engine.program import Instruction

Lines = tuple[Line, ...]
_VARIABLE = re.compile(r"(?<!\w)[zx](?![A-Za-z0-9_ⱼₖᵢ])")
"""The variable of a function of one number, where it stands alone; a power may follow it."""


def forward_lines(m: Moment, instruction: Instruction) -> Lines:
    """Give the lines of an instruction whose output is computed."""
    kinds = (kind for kind in _LINES if isinstance(instruction.op, kind))
    kind = next(kinds, None)
    if kind is None:
        return _plain(m, instruction)
    if m.is_mean(instruction.output.shape) and kind not in _LINEAR:
        left = f"{m.output_name(instruction, m.unit(instruction.output))} = "
        result = m.at(instruction.output, m.unit(instruction.output))
        return (Line((left, result), message("the mean over the rows")),)
    return _LINES[kind](m, instruction)


def _plain(m: Moment, instruction: Instruction) -> Lines:
    given = [Line((f"{m.symbol(value)} = ", m.across(value))) for value in instruction.inputs]
    return *given, Line((f"{m.own_symbol(instruction)} = ", m.across(instruction.output)))


def _ends(m: Moment, instruction: Instruction) -> tuple[int, str, Number]:
    """Give the column that is looked at, the left side of its line and the result at its end."""
    unit = m.unit(instruction.output)
    return unit, f"{m.output_name(instruction, unit)} = ", m.at(instruction.output, unit)


def _matmul(m: Moment, instruction: Instruction) -> Lines:
    (x, w), (unit, left, result) = instruction.inputs, _ends(m, instruction)
    return (Line((left, Sum((m.across(x), m.weights_of_unit(w, unit))), " = ", result)),)


def _chain(sign: str) -> Callable[[Moment, Instruction], Lines]:
    """Give the lines of an operation whose inputs stand side by side with a sign between them."""

    def lines(m: Moment, instruction: Instruction) -> Lines:
        unit, left, result = _ends(m, instruction)
        parts: list[Part] = [left]
        for number, value in enumerate(instruction.inputs):
            parts += [sign] if number else []
            parts.append(m.at(value, min(unit, value.shape.columns - 1)))
        return (Line((*parts, " = ", result)),)

    return lines


def _dropout(m: Moment, instruction: Instruction) -> Lines:
    unit, left, result = _ends(m, instruction)
    given, drawn = m.at(instruction.inputs[0], unit), m.at(instruction.scratch[0], unit)
    mask = Number(drawn.value, "mask", drawn.place)
    words = message("a number of x times that of the mask, drawn in phase 1")
    return (Line((left, given, " · ", mask, " = ", result), words),)


def _elementwise(m: Moment, instruction: Instruction) -> Lines:
    unit, left, result = _ends(m, instruction)
    given = m.at(instruction.inputs[0], unit)
    formula = instruction.op.forward_formula.partition(" = ")[2].partition(" = ")[0].partition(",  ")[0]
    places = list(_VARIABLE.finditer(formula))
    if not places:
        name = m.name(instruction.inputs[0], unit)
        return Line((f"{name} = ", given)), Line((f"{left}{formula} = ", result))
    parts: list[Part] = [left]
    end = 0
    for found in places:
        parts += [formula[end : found.start()], given]
        end = found.end()
    return (Line((*parts, f"{formula[end:]} = ", result)),)


def _reduction(m: Moment, instruction: Instruction) -> Lines:
    op, (x,), (unit, left, result) = instruction.op, instruction.inputs, _ends(m, instruction)
    assert isinstance(op, Reduction)
    axes = AXES[str(op.values["over"])]
    terms = Sum((m.across(x) if axes == (1,) else m.down(x, unit) if axes == (0,) else m.everywhere(x),))
    count = round(1.0 / op.weight(m.call(instruction)))
    if count == 1:
        return (Line((left, terms, " = ", result)),)
    return (Line((f"{left}(", terms, f") / {count} = ", result)),)


def _standardize(m: Moment, instruction: Instruction) -> Lines:
    (unit, left, result), given = _ends(m, instruction), instruction.inputs[0]
    mean, variance, factor = statistics(m, instruction, unit)
    known = tuple(Line((f"{number.name} = ", number)) for number in (mean, variance, factor))
    return *known, Line((left, "(", m.at(given, unit), " − ", mean, ") · ", factor, " = ", result))


def statistics(m: Moment, instruction: Instruction, unit: int) -> tuple[Number, Number, Number]:
    """Give mean, variance and 1/√(variance + ε) of a column, or of the row that is looked at."""
    names = ("μ", "σ²", "1 / √(σ² + ε)")
    found = (m.at(value, min(unit, value.shape.columns - 1)) for value in instruction.scratch)
    mean, variance, factor = (Number(n.value, name, n.place) for n, name in zip(found, names, strict=True))
    return mean, variance, factor


def _loss(m: Moment, instruction: Instruction) -> Lines:
    share, total = instruction.scratch[0], m.at(instruction.output, 0)
    given = [Line((f"{m.name(v, m.unit(v))} = ", m.at(v, m.unit(v)))) for v in instruction.inputs]
    column = m.down(share, 0)
    shares = Column(column.values, column.places, lambda k: f"ℓ_{{{k + 1}}}")
    if len(shares) == 1:
        return *given, Line(("L = ", total))
    if not m.is_mean(share.shape):
        row = min(m.row, len(shares) - 1)
        given.append(Line((f"ℓ_{{{row + 1}}} = ", shares.number(row)), message("the share of this row in L")))
    words = message("the mean of the shares of all rows")
    return *given, Line(("L = (", Sum((shares,)), f") / {len(shares)} = ", total), words)


_LINEAR = (MatMul, AddBias, Add, Subtract, TotalLoss, LossPrimitive, Reduction)
"""What also holds with means over the rows in place of numbers, or whose result is no row."""
_LINES: dict[type[Primitive], Callable[[Moment, Instruction], Lines]] = {
    MatMul: _matmul,
    AddBias: _chain(" + "),
    Add: _chain(" + "),
    TotalLoss: _chain(" + "),
    Multiply: _chain(" · "),
    Subtract: _chain(" − "),
    Divide: _chain(" / "),
    Reduction: _reduction,
    Standardization: _standardize,
    LossPrimitive: _loss,
    Dropout: _dropout,
    Elementwise: _elementwise,
}
