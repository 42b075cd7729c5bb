"""The compiled executor: runs a Program by walking its tape, micro-steps and whole passes with the same kernels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.compiled.interpreter import backward, forward, tangents, update_buffers
from engine.compiled.kernels import ADDRESSES
from engine.compiled.tape import Tape
from engine.compiled.whole_sets import Pass, mean_losses, pass_of
from engine.data_tables import DataTables
from engine.executor import Batch
from engine.ops.base import Primitive, Value
from engine.ops.call import Array, Call
from engine.program import Instruction, Parameter, Program
from engine.rng import Stream

ALIGNMENT = 8
"""The arena begins at a multiple of so many float64 numbers, as vectors are loaded from it."""


class Compiled:
    """A Program with an arena of its own, as engine.executor.Executor; the program's tape has to miss nothing.

    `arena` is the program's part of `memory`, in which the kernels' work space follows. A probe shares the tape.
    """

    def __init__(self, program: Program, tape: Tape | None = None) -> None:
        self.program = program
        self.tape = tape or Tape(program, ADDRESSES)
        self.memory = _aligned_zeros(self.tape.size)
        self.arena: Array = self.memory[: program.size]
        self._probe: Compiled | None = None
        self._pass: Pass | None = None
        self._drawing = [i for i in program.instructions if type(i.op).draw is not Primitive.draw]

    def probe(self, refresh: bool) -> Compiled:
        """Give a second executor on a copy of the arena, where a pass may change weights and values at will."""
        if self._probe is None:
            self._probe = Compiled(self.program, self.tape)
            refresh = True
        if refresh:
            np.copyto(self._probe.arena, self.arena)
        return self._probe

    def load(self, tables: tuple[Array, ...], rows: NDArray[np.int64]) -> None:
        """Copy rows into the data inputs, and row 0 into their spare lanes, where kernels compute too.

        `tables` are [columns, all rows], one for each entry of `program.data`.
        """
        count = len(rows)
        for entry, table in zip(self.program.data, tables, strict=True):
            lanes = self._lanes(entry.value)
            table.take(rows, axis=1, out=lanes[:, :count], mode="clip")
            lanes[:, count:] = lanes[:, :1]

    def draw(self, batch: Batch) -> None:
        """Draw what is random for the rows of a step: a function of the seed, the step and the node."""
        for instruction in self._drawing:
            instruction.op.draw(self._call(instruction, batch.rows), batch.stream(Stream.DROPOUT, instruction.node))

    def forward(self, rows: int) -> float:
        """Compute every value and give the loss."""
        tape = self.tape
        forward(self.memory, tape.words, tape.forward, tape.numbers, rows, 0, len(tape.forward))
        return float(self.memory[tape.loss])

    def mean_losses(self, tables: DataTables, sets: Sequence[NDArray[np.int64]]) -> list[float]:
        """Give the loss over the rows of each set, NaN for one without rows: a call without the interpreter lock."""
        if self._pass is None:
            self._pass = pass_of(self.program, self.tape)
        return mean_losses(self.memory, self._pass, tables.by_row, sets)

    def backward(self, rows: int) -> None:
        """Compute every adjoint, and with them the gradient, from the values of the last forward pass."""
        tape = self.tape
        backward(self.memory, tape.words, tape.backward, tape.numbers, rows, 0, len(tape.backward))

    def forward_step(self, rows: int, number: int) -> None:
        """Run one instruction."""
        tape = self.tape
        forward(self.memory, tape.words, tape.forward, tape.numbers, rows, number, number + 1)

    def backward_step(self, rows: int, number: int) -> None:
        """Run the backward of one instruction, the first of them from ∂L/∂L = 1."""
        tape = self.tape
        backward(self.memory, tape.words, tape.backward, tape.numbers, rows, number, number + 1)

    def tangent(self, rows: int, parameter: Parameter, number: int) -> float:
        """Give ∂L/∂w for one number of a parameter, by one sweep of tangents along the last forward pass."""
        words, starts = self.tape.sweep(parameter)
        seeds = self.program.parameter_tangents(self.arena)
        seeds[parameter.offset + number] = 1.0
        tangents(self.memory, words, starts, self.tape.numbers, rows, 0, len(starts))
        seeds[parameter.offset + number] = 0.0
        return float(self.memory[self.program.tangents[self.program.loss.index]])

    def update_buffers(self, rows: int) -> None:
        """Write the new buffers from the values of the last forward pass."""
        tape = self.tape
        update_buffers(self.memory, tape.words, tape.forward, tape.numbers, rows)

    def _lanes(self, value: Value) -> Array:
        """Give a batch value as [columns, lanes], spare lanes included."""
        start, stride = self.program.offsets[value.index], self.tape.stride
        return self.arena[start : start + value.shape.columns * stride].reshape(-1, stride)

    def _call(self, instruction: Instruction, rows: int) -> Call:
        """Bind an instruction to views, for what an op does in numpy."""
        program, arena = self.program, self.arena
        output = program.view(arena, instruction.output, rows)
        return Call(
            x=tuple(program.view(arena, value, rows) for value in instruction.inputs),
            y=output,
            gx=(None,) * len(instruction.inputs),
            gy=output,
            scratch=tuple(program.view(arena, value, rows) for value in instruction.scratch),
        )


def _aligned_zeros(count: int) -> Array:
    """Make an array of zeros whose first number lies where vectors may be loaded."""
    zeros = np.zeros(count + ALIGNMENT)
    skipped = -(zeros.ctypes.data // zeros.itemsize) % ALIGNMENT
    return zeros[skipped : skipped + count]
