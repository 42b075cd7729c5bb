"""One value to the power of another; sizes may differ as in kernels_arithmetic."""

from __future__ import annotations

import math

from engine.compiled.jit import Words, helper, kernel
from engine.compiled.kernels_arithmetic import give_line, has_lines, line_at
from engine.compiled.kernels_lines import fill, lines_of
from engine.compiled.tape import ADJOINT, AT, FIRST, NOWHERE, OUTPUT, SECOND, TANGENT, VALUE, WORK
from engine.compiled.tricks import part
from engine.ops.call import Array


@helper
def _step(words: Words, p: int, value: int) -> int:
    """Give how far apart an input's numbers for a line are: 0 where it is one number."""
    return 1 if has_lines(words, p, value) else 0


@helper
def _write_slopes(arena: Array, words: Words, p: int, number: int, line: int, length: int) -> None:
    """Write the derivatives by the base (number 0) or the exponent into the work space."""
    a_step, b_step = _step(words, p, p + FIRST), _step(words, p, p + SECOND)
    a_at = line_at(words, p, p + FIRST, words[p + FIRST + AT], line)
    b_at = line_at(words, p, p + SECOND, words[p + SECOND + AT], line)
    y, slopes = part(arena, words[p + OUTPUT + AT] + line * length, length), part(arena, words[p + WORK], length)
    for i in range(length):
        a, b = arena[a_at + i * a_step], arena[b_at + i * b_step]
        if number == 0:
            # 0 for b = 0, where a = 0 would make 0 · ∞ of it.
            slopes[i] = 0.0 if b == 0.0 else b * a ** (b - 1.0)
        else:
            # 0 for 0 to a positive power, where it would be 0 · −∞.
            slopes[i] = 0.0 if a == 0.0 and b > 0.0 else y[i] * math.log(a)


@kernel
def raise_forward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute aᵇ."""
    lines, length, _ = lines_of(words, p, p + OUTPUT, rows)
    a_step, b_step = _step(words, p, p + FIRST), _step(words, p, p + SECOND)
    for line in range(lines):
        a = line_at(words, p, p + FIRST, words[p + FIRST + AT], line)
        b = line_at(words, p, p + SECOND, words[p + SECOND + AT], line)
        y = part(arena, words[p + OUTPUT + AT] + line * length, length)
        for i in range(length):
            y[i] = arena[a + i * a_step] ** arena[b + i * b_step]


@kernel
def raise_backward(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute δ b aᵇ⁻¹ and δ y ln a."""
    lines, length, valid = lines_of(words, p, p + OUTPUT, rows)
    for number in range(2):
        value = p + FIRST + number * VALUE
        if words[value + ADJOINT] == NOWHERE:
            continue
        for line in range(lines):
            _write_slopes(arena, words, p, number, line, length)
            slopes = part(arena, words[p + WORK], length)
            delta = part(arena, words[p + OUTPUT + ADJOINT] + line * length, length)
            for i in range(length):
                slopes[i] *= delta[i]
            give_line(arena, words, p, value, line, words[p + WORK], length, valid, 1.0)


@kernel
def raise_tangent(arena: Array, words: Words, p: int, numbers: Array, rows: int, source: int, into: int) -> None:
    """Compute b aᵇ⁻¹ ȧ + y ln a ḃ."""
    lines, length, _ = lines_of(words, p, p + OUTPUT, rows)
    for line in range(lines):
        into = words[p + OUTPUT + TANGENT] + line * length
        fill(arena, into, length, 0.0)
        for number in range(2):
            value = p + FIRST + number * VALUE
            if words[value + TANGENT] == NOWHERE:
                continue
            _write_slopes(arena, words, p, number, line, length)
            slopes, out = part(arena, words[p + WORK], length), part(arena, into, length)
            moving, step = line_at(words, p, value, words[value + TANGENT], line), _step(words, p, value)
            for i in range(length):
                out[i] += slopes[i] * arena[moving + i * step]
