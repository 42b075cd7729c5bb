"""A Program as flat numbers, for functions that know no Python objects: words say what and where, numbers are settings.

An instruction is one record of words: a head of `OUTPUT` words, then the output and each input as `VALUE` words.
A record of a backward step says which instruction it is of, and which contributions complete the adjoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.compiled.opcodes import OPCODES
from engine.ops.base import Primitive, Shape, Value
from engine.ops.call import Array
from engine.program import ROW_LANES, BackwardStep, Instruction, Parameter, Program, padded
from engine.setting import Setting, SettingValue

OPCODE, COUNT, STRIDE, WORK = 0, 1, 2, 3
"""Places in the head: the opcode, how many inputs, how far apart a batch value's columns lie, two lines to work in."""
SCRATCH, BUFFERS, NUMBERS = 4, 7, 9
"""Places in the head: where three scratches and two buffers lie, and where the settings begin in `numbers`."""
FORWARD, BACKWARD, PUSH = 10, 11, 12
"""Places in the head: the addresses of the kernels that compute output, inputs' adjoints and output's tangent."""
OUTPUT = 13
"""Where the output begins."""
AT, LENGTH, ROWS, COLUMNS, ADJOINT, TANGENT = 0, 1, 2, 3, 4, 5
"""Places in a value: where it lies, how many numbers (spare lanes included), its rows (BATCH for a batch value), its
columns, where this use's adjoint is and its tangent, or NOWHERE."""
VALUE = 6
"""How many words a value takes."""
FIRST, SECOND = OUTPUT + VALUE, OUTPUT + 2 * VALUE
"""Where the first and the second input begin."""
BATCH = NOWHERE = -1

STEP_OF, STEP_SEED, STEP_SUMS, STEP = 0, 1, 2, 3
"""A backward record: the instruction's record, where the adjoint of the loss is (NOWHERE but in the first), how many
sums, and then for each: into, from, length."""

WORK_LINES = 2

Addresses = tuple[int, int, int]
"""Where the kernels of one primitive are in memory: forward, backward and tangent; 0 for one that is never called."""


def missing(program: Program) -> tuple[str, ...]:
    """Name the primitives of a program that have no kernel; such a program runs on `Reference`."""
    names = dict.fromkeys(instruction.op.name for instruction in program.instructions)
    return tuple(name for name in names if name not in OPCODES)


class Tape:
    """The words and numbers of one program.

    `size` counts what the arena needs, with work space behind the program's; `stride` is how far apart the columns of
    batch values lie. `forward` and `backward` give the start in `words` of each instruction and of each backward step.
    """

    def __init__(self, program: Program, kernels: Mapping[str, Addresses]) -> None:
        self._program, self._kernels = program, kernels
        self.stride = padded(program.rows, ROW_LANES)
        longest = max((value.shape.columns for i in program.instructions for value in (i.output, *i.inputs)), default=1)
        self._line = max(self.stride, padded(longest, ROW_LANES))
        self.size = padded(program.size, ROW_LANES) + WORK_LINES * self._line
        targets = {step.instruction.output.index: step.targets for step in program.backward}
        words: list[int] = []
        numbers: list[float] = []
        starts: list[int] = []
        places: dict[int, int] = {}
        for instruction in program.instructions:
            places[instruction.output.index] = len(words)
            starts.append(len(words))
            unused = (None,) * len(instruction.inputs)
            words += self._record(instruction, targets.get(instruction.output.index, unused), unused, len(numbers))
            numbers += _settings(instruction.op)
        self.forward = np.array(starts, np.int64)
        starts.clear()
        for step in program.backward:
            starts.append(len(words))
            words += self._step(step, places)
        self.backward = np.array(starts, np.int64)
        self.words: NDArray[np.int64] = np.array(words, np.int64)
        self.numbers: Array = np.array(numbers, np.float64)
        self.loss = program.offsets[program.loss.index]
        self._numbers_at = [words[start + NUMBERS] for start in self.forward]
        self._swept: list[int] = []
        self._records: dict[tuple[int, tuple[bool, ...]], int] = {}
        self._sweeps: dict[int, NDArray[np.int64]] = {}
        self._tangent_words = np.zeros(0, np.int64)

    def sweep(self, parameter: Parameter) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the words and starts of a sweep of tangents: each instruction that the parameter moves, in order."""
        index = parameter.value.index
        if index not in self._sweeps:
            self._sweeps[index] = self._write_sweep(index)
        if len(self._tangent_words) != len(self._swept):
            self._tangent_words = np.array(self._swept, np.int64)
        return self._tangent_words, self._sweeps[index]

    def _write_sweep(self, index: int) -> NDArray[np.int64]:
        moved = {index}
        starts: list[int] = []
        for number, instruction in enumerate(self._program.instructions):
            moves = tuple(value.index in moved for value in instruction.inputs)
            if any(moves):
                moved.add(instruction.output.index)
                starts.append(self._moving(number, moves))
        return np.array(starts, np.int64)

    def _moving(self, number: int, moves: tuple[bool, ...]) -> int:
        """Give the record of an instruction where these inputs move; one for each sweep would fill the memory."""
        if (number, moves) not in self._records:
            instruction, tangents = self._program.instructions[number], self._program.tangents
            moving = [tangents[v.index] if m else None for v, m in zip(instruction.inputs, moves, strict=True)]
            self._records[number, moves] = len(self._swept)
            unused = (None,) * len(moves)
            self._swept += self._record(instruction, unused, moving, self._numbers_at[number])
        return self._records[number, moves]

    def _record(
        self,
        instruction: Instruction,
        targets: Sequence[int | None],
        tangents: Sequence[int | None],
        numbers_at: int,
    ) -> list[int]:
        program, output = self._program, instruction.output
        work = self.size - WORK_LINES * self._line
        head = [OPCODES[instruction.op.name], len(instruction.inputs), self.stride, work]
        head += self._offsets(instruction.scratch, BUFFERS - SCRATCH)
        head += self._offsets(instruction.buffers, NUMBERS - BUFFERS)
        head += [numbers_at, *self._kernels[instruction.op.name]]
        adjoint, tangent = program.adjoints.get(output.index), program.tangents.get(output.index)
        head += self._value(output, adjoint, tangent)
        for value, target, moving in zip(instruction.inputs, targets, tangents, strict=True):
            head += self._value(value, target, moving)
        # The interpreter always looks at a first input.
        return head if instruction.inputs else head + [NOWHERE] * VALUE

    def _value(self, value: Value, adjoint: int | None, tangent: int | None) -> list[int]:
        shape = value.shape
        return [
            self._program.offsets[value.index],
            self._length(shape),
            BATCH if shape.rows is None else shape.rows,
            shape.columns,
            NOWHERE if adjoint is None else adjoint,
            NOWHERE if tangent is None else tangent,
        ]

    def _step(self, step: BackwardStep, places: dict[int, int]) -> list[int]:
        output = step.instruction.output.index
        seed = self._program.adjoints[output] if output == self._program.loss.index else NOWHERE
        sums = [word for into, source, value in step.sums for word in (into, source, self._length(value.shape))]
        return [places[output], seed, len(step.sums), *sums]

    def _offsets(self, values: Sequence[Value], count: int) -> list[int]:
        offsets = [self._program.offsets[value.index] for value in values]
        return offsets + [NOWHERE] * (count - len(offsets))

    def _length(self, shape: Shape) -> int:
        """Give how many numbers a value takes; of a plain one not its padding, which must stay 0 in the parameters."""
        return shape.columns * (self.stride if shape.rows is None else shape.rows)


def _settings(op: Primitive) -> list[float]:
    """Give an op's settings in their declared order; of a choice its index."""
    return [_number(setting, op.values[setting.name]) for setting in op.settings]


def _number(setting: Setting, value: SettingValue) -> float:
    if isinstance(value, str):
        return float(setting.choices.index(value))
    assert isinstance(value, bool | int | float)
    return float(value)
