"""Arithmetic of values that may differ in size: a plain value of one row is used in every row, one number everywhere.

Inputs are met line by line of the output. An input gives a line of its own, or one number for all of the line.
"""

from __future__ import annotations

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_lines import add, copy, fill, is_like_output, lines_of, total
from engine.compiled.opcodes import DIVIDE, MULTIPLY, SUBTRACT
from engine.compiled.tape import (
    ADJOINT,
    AT,
    BATCH,
    COLUMNS,
    COUNT,
    FIRST,
    LENGTH,
    NOWHERE,
    OUTPUT,
    ROWS,
    STRIDE,
    TANGENT,
    VALUE,
    WORK,
)
from engine.compiled.tricks import part
from engine.ops.call import Array


@helper
def shared_lines(words: Words, p: int, rows: int) -> tuple[int, int, int]:
    """Give the output's lines, as `lines_of` does; all in one line where no input differs in shape."""
    for number in range(words[p + COUNT]):
        if not is_like_output(words, p, p + FIRST + number * VALUE):
            return lines_of(words, p, p + OUTPUT, rows)
    return 1, words[p + OUTPUT + LENGTH], words[p + OUTPUT + LENGTH]


@helper
def has_lines(words: Words, p: int, value: int) -> bool:
    """Tell whether an input gives a line of its own for each line of the output."""
    if words[p + OUTPUT + ROWS] == BATCH:
        return bool(words[value + ROWS] == BATCH)
    return bool(words[value + COLUMNS] == words[p + OUTPUT + COLUMNS])


@helper
def line_at(words: Words, p: int, value: int, base: int, line: int) -> int:
    """Give where an input's line, or its one number, for a line of the output is; its array begins at `base`."""
    if words[p + OUTPUT + ROWS] == BATCH:
        step = words[p + STRIDE] if words[value + ROWS] == BATCH else 1 if words[value + COLUMNS] > 1 else 0
    else:
        step = words[value + COLUMNS] if words[value + ROWS] > 1 else 0
    return base + line * int(step)


@helper
def take_line(arena: Array, words: Words, p: int, value: int, line: int, into: int, length: int) -> None:
    """Copy an input's line, or repeat its number."""
    at = line_at(words, p, value, words[value + AT], line)
    if has_lines(words, p, value):
        copy(arena, at, into, length)
    else:
        fill(arena, into, length, arena[at])


@helper
def add_line(
    arena: Array, words: Words, p: int, value: int, base: int, line: int, into: int, length: int, factor: float
) -> None:
    """Add a multiple of an input's line, or of its number."""
    at = line_at(words, p, value, base, line)
    y = part(arena, into, length)
    if has_lines(words, p, value):
        x = part(arena, at, length)
        for i in range(length):
            y[i] += factor * x[i]
    else:
        number = factor * arena[at]
        for i in range(length):
            y[i] += number


@helper
def multiply_line(arena: Array, words: Words, p: int, value: int, line: int, into: int, length: int) -> None:
    """Multiply with an input's line, or with its number."""
    at = line_at(words, p, value, words[value + AT], line)
    y = part(arena, into, length)
    if has_lines(words, p, value):
        x = part(arena, at, length)
        for i in range(length):
            y[i] *= x[i]
    else:
        number = arena[at]
        for i in range(length):
            y[i] *= number


@helper
def divide_line(arena: Array, words: Words, p: int, value: int, line: int, into: int, length: int) -> None:
    """Divide by an input's line, or by its number."""
    at = line_at(words, p, value, words[value + AT], line)
    y = part(arena, into, length)
    if has_lines(words, p, value):
        x = part(arena, at, length)
        for i in range(length):
            y[i] /= x[i]
    else:
        number = arena[at]
        for i in range(length):
            y[i] /= number


@helper
def give_line(
    arena: Array, words: Words, p: int, value: int, line: int, source: int, length: int, valid: int, factor: float
) -> None:
    """Bring a multiple of a line of adjoints to an input, summed over all places where it was used."""
    at = line_at(words, p, value, words[value + ADJOINT], line)
    is_first = line == 0 or at != line_at(words, p, value, words[value + ADJOINT], 0)
    if not has_lines(words, p, value):
        found = factor * total(arena, source, valid)
        arena[at] = found if is_first else arena[at] + found
        return
    x, y = part(arena, source, length), part(arena, at, length)
    if is_first:
        for i in range(length):
            y[i] = factor * x[i]
    else:
        for i in range(length):
            y[i] += factor * x[i]


@helper
def _factor(words: Words, p: int, number: int) -> float:
    """Give −1 for what is subtracted, else 1."""
    return -1.0 if words[p] == SUBTRACT and number == 1 else 1.0


@helper
def scale_line(arena: Array, words: Words, p: int, number: int, line: int, at: int, length: int) -> None:
    """Multiply with the derivative by one input: all others, or 1 / b for a quotient's a and −y / b for its b."""
    if words[p] == MULTIPLY:
        for other in range(words[p + COUNT]):
            if other != number:
                multiply_line(arena, words, p, p + FIRST + other * VALUE, line, at, length)
        return
    if number == 1:
        x, y = part(arena, at, length), part(arena, words[p + OUTPUT + AT] + line * length, length)
        for i in range(length):
            x[i] *= -y[i]
    divide_line(arena, words, p, p + FIRST + VALUE, line, at, length)


@kernel
def sum_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Add up the inputs, or subtract."""
    lines, length, _ = shared_lines(words, p, rows)
    for line in range(lines):
        into = words[p + OUTPUT + AT] + line * length
        take_line(arena, words, p, p + FIRST, line, into, length)
        for number in range(1, words[p + COUNT]):
            value = p + FIRST + number * VALUE
            add_line(arena, words, p, value, words[value + AT], line, into, length, _factor(words, p, number))


@kernel
def sum_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Pass δ on to each."""
    lines, length, valid = shared_lines(words, p, rows)
    for number in range(words[p + COUNT]):
        value = p + FIRST + number * VALUE
        if words[value + ADJOINT] == NOWHERE:
            continue
        for line in range(lines):
            source = words[p + OUTPUT + ADJOINT] + line * length
            give_line(arena, words, p, value, line, source, length, valid, _factor(words, p, number))


@kernel
def sum_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Add up the tangents, or subtract."""
    lines, length, _ = lines_of(words, p, p + OUTPUT, rows)
    for line in range(lines):
        into = words[p + OUTPUT + TANGENT] + line * length
        fill(arena, into, length, 0.0)
        for number in range(words[p + COUNT]):
            value = p + FIRST + number * VALUE
            moving = words[value + TANGENT]
            if moving != NOWHERE:
                add_line(arena, words, p, value, moving, line, into, length, _factor(words, p, number))


@kernel
def product_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Multiply out, or divide."""
    lines, length, _ = shared_lines(words, p, rows)
    for line in range(lines):
        into = words[p + OUTPUT + AT] + line * length
        take_line(arena, words, p, p + FIRST, line, into, length)
        for number in range(1, words[p + COUNT]):
            if words[p] == DIVIDE:
                divide_line(arena, words, p, p + FIRST + number * VALUE, line, into, length)
            else:
                multiply_line(arena, words, p, p + FIRST + number * VALUE, line, into, length)


@kernel
def product_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute δ times the derivative by each input."""
    lines, length, valid = lines_of(words, p, p + OUTPUT, rows)
    for number in range(words[p + COUNT]):
        value = p + FIRST + number * VALUE
        if words[value + ADJOINT] == NOWHERE:
            continue
        for line in range(lines):
            copy(arena, words[p + OUTPUT + ADJOINT] + line * length, words[p + WORK], length)
            scale_line(arena, words, p, number, line, words[p + WORK], length)
            give_line(arena, words, p, value, line, words[p + WORK], length, valid, 1.0)


@kernel
def product_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Sum each tangent times the derivative by its input."""
    lines, length, _ = lines_of(words, p, p + OUTPUT, rows)
    for line in range(lines):
        into = words[p + OUTPUT + TANGENT] + line * length
        fill(arena, into, length, 0.0)
        for number in range(words[p + COUNT]):
            value = p + FIRST + number * VALUE
            if words[value + TANGENT] == NOWHERE:
                continue
            fill(arena, words[p + WORK], length, 0.0)
            add_line(arena, words, p, value, words[value + TANGENT], line, words[p + WORK], length, 1.0)
            scale_line(arena, words, p, number, line, words[p + WORK], length)
            add(arena, words[p + WORK], into, length)
