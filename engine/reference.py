"""The numpy executor: runs a Program by calling each op's own forward and backward on views of the arena."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.ops.base import Array, Call
from engine.program import Program

Bound = tuple[Callable[[Call], None], Call]


class Plan:
    """The program bound to one arena and one count of rows: what to call, with which arrays, in order."""

    def __init__(self, program: Program, arena: Array, rows: int) -> None:
        calls: dict[int, Call] = {}
        self.forward: list[Bound] = []
        for instruction in program.instructions:
            adjoint = program.adjoint(arena, instruction.output, rows)
            output = program.view(arena, instruction.output, rows)
            call = Call(
                x=tuple(program.view(arena, value, rows) for value in instruction.inputs),
                y=output,
                gx=(None,) * len(instruction.inputs),
                gy=output if adjoint is None else adjoint,
                scratch=tuple(program.view(arena, value, rows) for value in instruction.scratch),
            )
            calls[instruction.output.index] = call
            self.forward.append((instruction.op.forward, call))
        self.backward: list[tuple[Callable[[Call], None], Call, tuple[tuple[Array, Array], ...]]] = []
        for step in program.backward:
            call = calls[step.instruction.output.index]
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
