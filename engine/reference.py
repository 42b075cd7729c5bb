"""The numpy executor: runs a Program by calling each op's own forward and backward on views of the arena."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.data_tables import DataTables
from engine.executor import Batch
from engine.ops.base import Primitive
from engine.ops.call import Array, Call
from engine.program import Parameter, Program
from engine.rng import Stream

Bound = tuple[Callable[[Call], None], Call]


class Plan:
    """The program bound to one arena and one count of rows: what to call, with which arrays, in order."""

    def __init__(self, program: Program, arena: Array, rows: int) -> None:
        self._program, self._arena, self._rows = program, arena, rows
        self._calls: list[Call] = []
        self._tangents: dict[int, list[Bound]] = {}
        self._jvps: dict[tuple[int, tuple[bool, ...]], Bound] = {}
        self.forward: list[Bound] = []
        self.drawn: list[tuple[Primitive, Call, int]] = []
        """Instructions that draw random numbers, each with its node."""
        self.buffered: list[Bound] = []
        """What updates the buffers."""
        for instruction in program.instructions:
            adjoint = program.adjoint(arena, instruction.output, rows)
            output = program.view(arena, instruction.output, rows)
            call = Call(
                x=tuple(program.view(arena, value, rows) for value in instruction.inputs),
                y=output,
                gx=(None,) * len(instruction.inputs),
                gy=output if adjoint is None else adjoint,
                scratch=tuple(program.view(arena, value, rows) for value in instruction.scratch),
                buffers=tuple(program.view(arena, value, rows) for value in instruction.buffers),
            )
            self._calls.append(call)
            self.forward.append((instruction.op.forward, call))
            if type(instruction.op).draw is not Primitive.draw:
                self.drawn.append((instruction.op, call, instruction.node))
            if instruction.buffers:
                self.buffered.append((instruction.op.update_buffers, call))
        by_output = {i.output.index: call for i, call in zip(program.instructions, self._calls, strict=True)}
        self.backward: list[tuple[Callable[[Call], None], Call, tuple[tuple[Array, Array], ...]]] = []
        for step in program.backward:
            call = by_output[step.instruction.output.index]
            call.gx = tuple(
                None if offset is None else program.place(arena, offset, value, rows)
                for offset, value in zip(step.targets, step.instruction.inputs, strict=True)
            )
            sums = tuple(
                (program.place(arena, into, value, rows), program.place(arena, source, value, rows))
                for into, source, value in step.sums
            )
            self.backward.append((step.instruction.op.backward, call, sums))
        self.loss = program.view(arena, program.loss, rows)
        self.seed = program.adjoint(arena, program.loss, rows)
        self.data = tuple(program.view(arena, entry.value, rows).T for entry in program.data)

    def tangents(self, parameter: Parameter) -> list[Bound]:
        """Give the tangent sweep of one parameter: the jvp of each instruction that it moves, in order."""
        index = parameter.value.index
        if index not in self._tangents:
            self._tangents[index] = self._bind_tangents(index)
        return self._tangents[index]

    def _bind_tangents(self, index: int) -> list[Bound]:
        moved = {index}
        bound: list[Bound] = []
        for number, instruction in enumerate(self._program.instructions):
            moves = tuple(value.index in moved for value in instruction.inputs)
            if any(moves):
                moved.add(instruction.output.index)
                bound.append(self._bind_jvp(number, moves))
        return bound

    def _bind_jvp(self, number: int, moves: tuple[bool, ...]) -> Bound:
        """Bind an instruction's jvp where these inputs move. Sweeps share it: one each would fill the memory."""
        if (number, moves) not in self._jvps:
            instruction, call = self._program.instructions[number], self._calls[number]
            tx = tuple(
                self._program.tangent(self._arena, value, self._rows) if is_moving else None
                for value, is_moving in zip(instruction.inputs, moves, strict=True)
            )
            ty = self._program.tangent(self._arena, instruction.output, self._rows)
            assert ty is not None, "what a parameter moves has a tangent"
            moving = Call(call.x, call.y, call.gx, call.gy, call.scratch, tx, ty, call.buffers)
            self._jvps[number, moves] = (instruction.op.jvp, moving)
        return self._jvps[number, moves]


class Reference:
    """A Program with an arena of its own. Floating-point warnings are silent: non-finite values are found and named."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.arena: Array = np.zeros(program.size)
        self._plans: dict[int, Plan] = {}
        self._probe: Reference | None = None

    def probe(self, refresh: bool) -> Reference:
        """Give a second executor on a copy of the arena, where a pass may change weights and values at will."""
        if self._probe is None:
            self._probe = Reference(self.program)
            refresh = True
        if refresh:
            np.copyto(self._probe.arena, self.arena)
        return self._probe

    def plan(self, rows: int) -> Plan:
        """Give the program bound for this count of rows."""
        if rows not in self._plans:
            self._plans[rows] = Plan(self.program, self.arena, rows)
        return self._plans[rows]

    def draw(self, batch: Batch) -> None:
        """Draw what is random for the rows of a step: a function of the seed, the step and the node."""
        for op, call, node in self.plan(batch.rows).drawn:
            op.draw(call, batch.stream(Stream.DROPOUT, node))

    def load(self, tables: tuple[Array, ...], rows: NDArray[np.int64]) -> None:
        """Copy rows into the data inputs. `tables` are [columns, all rows], one for each entry of `program.data`."""
        for view, table in zip(self.plan(len(rows)).data, tables, strict=True):
            table.take(rows, axis=1, out=view, mode="clip")

    def forward(self, rows: int) -> float:
        """Compute every value and give the loss."""
        plan = self.plan(rows)
        for function, call in plan.forward:
            function(call)
        return float(plan.loss[0, 0])

    def mean_losses(self, tables: DataTables, sets: Sequence[NDArray[np.int64]]) -> list[float]:
        """Give the loss over the rows of each set, NaN for one without rows."""
        return [self._mean_loss(tables.by_column, rows) if len(rows) else math.nan for rows in sets]

    def backward(self, rows: int) -> None:
        """Compute every adjoint, and with them the gradient, from the values of the last forward pass."""
        plan = self.plan(rows)
        if plan.seed is not None:
            plan.seed[0, 0] = 1.0
        for function, call, sums in plan.backward:
            function(call)
            for into, contribution in sums:
                into += contribution

    def forward_step(self, rows: int, number: int) -> None:
        """Run one instruction."""
        function, call = self.plan(rows).forward[number]
        function(call)

    def backward_step(self, rows: int, number: int) -> None:
        """Run the backward of one instruction, the first of them from ∂L/∂L = 1."""
        plan = self.plan(rows)
        if number == 0 and plan.seed is not None:
            plan.seed[0, 0] = 1.0
        function, call, sums = plan.backward[number]
        function(call)
        for into, contribution in sums:
            into += contribution

    def tangent(self, rows: int, parameter: Parameter, number: int) -> float:
        """Give ∂L/∂w for one number of a parameter, by one sweep of tangents along the last forward pass."""
        seeds = self.program.parameter_tangents(self.arena)
        seeds[parameter.offset + number] = 1.0
        for function, call in self.plan(rows).tangents(parameter):
            function(call)
        seeds[parameter.offset + number] = 0.0
        end = self.program.tangent(self.arena, self.program.loss, rows)
        assert end is not None, "the loss depends on every parameter of its program"
        return float(end[0, 0])

    def update_buffers(self, rows: int) -> None:
        """Write the new buffers from the values of the last forward pass."""
        for function, call in self.plan(rows).buffered:
            function(call)

    def _mean_loss(self, tables: tuple[Array, ...], rows: NDArray[np.int64]) -> float:
        total = 0.0
        for start in range(0, len(rows), self.program.rows):
            part = rows[start : start + self.program.rows]
            self.load(tables, part)
            total += self.forward(len(part)) * len(part)
        return total / len(rows)
