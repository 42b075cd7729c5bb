"""What an explanation is made of: formulas with numbers in them, where each number lies, and whether it still holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from engine.message import Message
from engine.ops.call import Array
from engine.program import Parameter

COMPUTED = -1
"""The place of a number that is not in the arena, but computed from numbers that are."""

Places = NDArray[np.int64]


class State(Enum):
    """Whether numbers are known, as the chips on the canvas have it."""

    PENDING = "not computed yet"
    FRESH = "fresh"
    STALE = "stale"
    ABSENT = "not computed by this gradient method, or needed by nobody"


@dataclass(frozen=True)
class Mark:
    """A state, and the step at whose weights the numbers were computed, counted in updates."""

    state: State
    step: int = 0

    @property
    def is_known(self) -> bool:
        """Whether there are numbers to show."""
        return self.state in (State.FRESH, State.STALE)


@dataclass(frozen=True)
class Number:
    """A number, what it is called ("x₁", "W_{2,1}") and its place in the arena, or COMPUTED.

    `origin` is a place in the column of which a COMPUTED number is the mean, or of what it is the derivative for.
    """

    value: float
    name: str = ""
    place: int = COMPUTED
    origin: int = COMPUTED


@dataclass(frozen=True, eq=False)
class Column:
    """Numbers in a row: of one row of a value, or of one column over the rows. `name` gives what the k-th is called.

    `origins` are those of numbers that are not in the arena themselves.
    """

    values: Array
    places: Places
    name: Callable[[int], str]
    origins: Places | None = None

    def __len__(self) -> int:
        """Count them."""
        return len(self.values)

    def number(self, k: int) -> Number:
        """Give the k-th."""
        origin = COMPUTED if self.origins is None else int(self.origins[k])
        return Number(float(self.values[k]), self.name(k), int(self.places[k]), origin)


@dataclass(frozen=True, eq=False)
class Sum:
    """A sum of products: the k-th term is the product of the k-th numbers of all factors."""

    factors: tuple[Column, ...]

    def __len__(self) -> int:
        """Count the terms."""
        return len(self.factors[0])

    def term(self, k: int) -> tuple[Number, ...]:
        """Give the factors of a term."""
        return tuple(factor.number(k) for factor in self.factors)

    def total(self, start: int = 0) -> float:
        """Give the sum of the terms from `start` on."""
        product = np.ones(len(self) - start)
        for factor in self.factors:
            product *= factor.values[start:]
        return float(product.sum())


Part = str | Number | Sum | Column
"""A piece of a line: formula text, a number, a sum of products, or numbers in brackets."""


@dataclass(frozen=True, eq=False)
class Line:
    """A line of mathematics with numbers in it; `note` says in words what it is, where that is not plain."""

    parts: tuple[Part, ...]
    note: Message | None = None


@dataclass(frozen=True, eq=False)
class Work:
    """One instruction: both formulas, and both with this batch's numbers. `lines` are empty where nothing is known."""

    label: str
    forward_formula: str
    backward_formula: str
    forward: Mark
    backward: Mark
    forward_lines: tuple[Line, ...] = ()
    backward_lines: tuple[Line, ...] = ()
    is_active: bool = False
    """Whether the last micro-step ran it, forward or backward."""


@dataclass(frozen=True, eq=False)
class Matrices:
    """A parameter's w, g and Δw, [rows, columns] each, with names for rows and columns."""

    parameter: Parameter
    weights: Array
    gradient: Array
    update: Array
    gradient_mark: Mark
    update_mark: Mark
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    is_pinned: bool


@dataclass(frozen=True)
class Slot:
    """What is kept of a number from before an update to after it: None where that is not known."""

    name: str
    before: Number | None
    after: Number | None


@dataclass(frozen=True, eq=False)
class UpdateWork:
    """How the optimizer made Δw of one weight: its formulas, the numbers in them, and why in words."""

    label: str
    title: str
    """What the weight is called."""
    formulas: tuple[str, ...]
    mark: Mark
    lines: tuple[Line, ...] = ()
    slots: tuple[Slot, ...] = ()
    reasons: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Focus:
    """What a person looks at: a row of the batch (None: the mean over rows), and a weight.

    `unit` is the weight's column, `source` its row; the parameter is the one of this name, where there is one.
    """

    row: int | None = 0
    unit: int = 0
    source: int = 0
    parameter: str = ""


@dataclass(frozen=True, eq=False)
class Explanation:
    """A node with the numbers of one moment."""

    node: int
    rows: int
    """How many rows the batch has; 0 where no value of the node has a row for each of them."""
    units: int
    """How many columns its output has."""
    works: tuple[Work, ...] = ()
    inputs: tuple[Line, ...] = ()
    """What a node that computes nothing gives: data, or a parameter."""
    inputs_mark: Mark = field(default_factory=lambda: Mark(State.PENDING))
    matrices: tuple[Matrices, ...] = ()
    update: UpdateWork | None = None
