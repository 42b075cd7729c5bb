"""What walks the tape: for each instruction it calls the kernel whose address the tape has.

Other compiled functions may call these:

    forward(arena, words, starts, numbers, rows, first, last)     instructions first … last − 1; starts = tape.forward
    backward(arena, words, starts, numbers, rows, first, last)    backward steps with their sums; starts = tape.backward
    tangents(arena, words, starts, numbers, rows, first, last)    a sweep; words and starts of tape.sweep(parameter)
    update_buffers(arena, words, starts, numbers, rows)           phase 5, from what forward left; starts = tape.forward

`arena`: float64, tape.size numbers; `words`, `starts`: int64; `numbers`: float64; `rows`: the true count of rows in
this batch. All return nothing; the loss then is arena[tape.loss]. Spare lanes of the data that enter hold a copy of row
0 before `forward`; all other spare lanes, those of Dropout's masks included, the kernels see to themselves.
"""

from __future__ import annotations

from engine.compiled.jit import Words, entry, helper
from engine.compiled.kernels_lines import add
from engine.compiled.kernels_normalization import move_running
from engine.compiled.opcodes import STANDARDIZE_COLUMNS
from engine.compiled.tape import (
    ADJOINT,
    AT,
    BACKWARD,
    FIRST,
    FORWARD,
    NOWHERE,
    OPCODE,
    OUTPUT,
    PUSH,
    STEP,
    STEP_OF,
    STEP_SEED,
    STEP_SUMS,
    TANGENT,
)
from engine.compiled.tricks import address_of, call, part
from engine.ops.call import Array


@helper
def walk_forward(a: Array, w: Words, starts: Words, n: Array, rows: int, first: int, last: int) -> None:
    """Run instructions, of arrays given by their addresses."""
    for number in range(first, last):
        p = starts[number]
        call(w[p + FORWARD], a, w, p, n, rows, w[p + FIRST + AT], w[p + OUTPUT + AT])


@helper
def walk_backward(a: Array, w: Words, starts: Words, n: Array, rows: int, first: int, last: int) -> None:
    """Run backward steps: of each the adjoints of the inputs, and the sums that they complete."""
    for number in range(first, last):
        step = starts[number]
        p = w[step + STEP_OF]
        if w[step + STEP_SEED] != NOWHERE:
            part(a, w[step + STEP_SEED], 1)[0] = 1.0
        call(w[p + BACKWARD], a, w, p, n, rows, w[p + OUTPUT + ADJOINT], w[p + FIRST + ADJOINT])
        for at in range(step + STEP, step + STEP + 3 * w[step + STEP_SUMS], 3):
            add(a, w[at + 1], w[at], w[at + 2])


@entry
def forward(arena: Array, words: Words, starts: Words, numbers: Array, rows: int, first: int, last: int) -> None:
    """Run instructions."""
    walk_forward(address_of(arena), address_of(words), address_of(starts), address_of(numbers), rows, first, last)


@entry
def backward(arena: Array, words: Words, starts: Words, numbers: Array, rows: int, first: int, last: int) -> None:
    """Run backward steps."""
    walk_backward(address_of(arena), address_of(words), address_of(starts), address_of(numbers), rows, first, last)


@entry
def tangents(arena: Array, words: Words, starts: Words, numbers: Array, rows: int, first: int, last: int) -> None:
    """Run instructions of a sweep of tangents."""
    a, w, n = address_of(arena), address_of(words), address_of(numbers)
    for number in range(first, last):
        p = starts[number]
        call(w[p + PUSH], a, w, p, n, rows, w[p + FIRST + TANGENT], w[p + OUTPUT + TANGENT])


@entry
def update_buffers(arena: Array, words: Words, starts: Words, numbers: Array, rows: int) -> None:
    """Write the new buffers from the values of the last forward pass."""
    a, w, n = address_of(arena), address_of(words), address_of(numbers)
    for p in starts:
        if w[p + OPCODE] == STANDARDIZE_COLUMNS:
            move_running(a, w, p, n, rows)
