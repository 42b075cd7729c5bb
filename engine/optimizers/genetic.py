"""The genetic algorithm: a population of weights of which the better ones have children."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.executor import Batch, PartStream
from engine.message import Message, grouped, message
from engine.ops.call import Array
from engine.optimizers.search import Search, Trial
from engine.program import Program
from engine.rng import Stream
from engine.setting import Setting

MAX_NUMBERS = 500_000
"""The most numbers that a population may hold."""
WIDENING = 0.5
"""The α of the blend crossover, as Eshelman and Schaffer recommend."""


class Crossover:
    """A way to make children of two parents each. Subclasses register themselves under `name`, the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        CROSSOVERS[cls.name] = cls

    def cross(self, a: Array, b: Array, draws: PartStream) -> Array:
        """Give one child for each row of `a` and `b`, [children, weights]."""
        raise NotImplementedError


CROSSOVERS: dict[str, type[Crossover]] = {}


class Uniform(Crossover):
    """Each number is that of either parent (Syswerda 1989)."""

    name = "uniform"
    label = "uniform"

    def cross(self, a: Array, b: Array, draws: PartStream) -> Array:
        """Toss a coin for each number."""
        return np.where(draws.uniform(a.size).reshape(a.shape) < 0.5, a, b)


class OnePoint(Crossover):
    """The numbers before a random place are those of a, the others those of b (Holland 1975)."""

    name = "one-point"
    label = "one point"

    def cross(self, a: Array, b: Array, draws: PartStream) -> Array:
        """Draw a place for each child."""
        count, size = a.shape
        places = 1 + (draws.uniform(count) * (size - 1)).astype(np.int64)
        return np.where(np.arange(size) < places[:, np.newaxis], a, b)


class Blend(Crossover):
    """Each number is drawn between those of the parents and half their distance beyond (Eshelman & Schaffer 1993)."""

    name = "blend"
    label = "blend"

    def cross(self, a: Array, b: Array, draws: PartStream) -> Array:
        """Draw each number."""
        shares = draws.uniform(a.size).reshape(a.shape) * (1.0 + 2.0 * WIDENING) - WIDENING
        return a + shares * (b - a)


class Part(IntEnum):
    """What a step draws random numbers for; each has a stream of its own."""

    PARENTS = 1
    CROSSED = 2
    CROSSOVER = 3
    MUTATED = 4
    MUTATION = 5
    MEMBERS = 6
    """The first of as many as there are members."""

    def of(self, batch: Batch) -> PartStream:
        """Give this part's numbers of a step."""
        return batch.stream(Stream.EXPLORATION, self)


class GeneticAlgorithm(Search):
    """Evolves a population of weights (Holland, "Adaptation in Natural and Artificial Systems", 1975; Goldberg 1989).

    Each step is one generation: every member is tried on the batch, w goes to the best, and the next generation is the
    best ones as they are and children of parents chosen by tournaments (Miller & Goldberg 1995). Member 1 is always w
    itself, so that a change of w from outside takes part, and nothing better than w is ever lost on the same batch.
    """

    name = "genetic-algorithm"
    label = "Genetic algorithm"
    summary = (
        "Keeps many versions of the weights: the better ones have children, with random changes, and w is the best."
    )
    formula = (
        "Lᵢ = L(wᵢ),  i = 1 … N\nLᵢ least:  Δw = wᵢ − w\n"
        "next w₁ … w_E ← the E best wᵢ\nthe others ← c:\na, b: each the best of k drawn wᵢ\n"
        "c = a, crossed with b at rate χ\nc ← c + σ n, each number at rate p"
    )
    settings = (
        Setting(
            "population", 50, "Population N", "How many versions of the weights there are.", minimum=4, maximum=200
        ),
        Setting(
            "elites",
            2,
            "Elites E",
            "How many of the best go on as they are; at most all but one.",
            minimum=1,
            maximum=199,
        ),
        Setting(
            "tournament",
            3,
            "Tournament k",
            "A parent is the best of so many drawn members: the more, the fewer have children.",
            minimum=1,
            maximum=200,
        ),
        Setting(
            "crossover",
            Uniform.name,
            "Crossover",
            "How a child comes of two parents. Uniform: each number from either. One point: the first numbers from "
            "one, the others from the other. Blend: each drawn between both and half their distance beyond.",
            choices=tuple(CROSSOVERS),
            choice_labels=tuple(crossover.label for crossover in CROSSOVERS.values()),
        ),
        Setting(
            "crossover_rate",
            0.7,
            "Crossover rate χ",
            "The probability that a child has two parents; else it begins as a copy of one.",
            minimum=0.0,
            maximum=1.0,
        ),
        Setting(
            "mutation_rate", 0.1, "Mutation rate p", "The probability that a weight mutates.", minimum=0.0, maximum=1.0
        ),
        Setting(
            "mutation_size", 0.5, "Mutation size σ", "The standard deviation of a mutation.", minimum=0.0, maximum=1e6
        ),
        Setting(
            "spread",
            1.0,
            "Initial spread",
            "How far the first members lie from w: the standard deviation of each number.",
            minimum=0.0,
            maximum=1e6,
        ),
    )

    @property
    def memory(self) -> tuple[str, ...]:
        """The members of the population."""
        return tuple(f"member {number + 1}" for number in range(self.passes))

    @property
    def passes(self) -> int:
        """One for each member."""
        return int(self.number("population"))

    def problem(self, program: Program) -> Message | None:
        """Say that the population would be too large."""
        if self.passes * program.parameter_span <= MAX_NUMBERS:
            return None
        words = (
            "A population of {members} networks with {weights} weights each is too large: {limit} numbers is the most"
        )
        return message(words, members=self.passes, weights=grouped(program.parameter_count), limit=grouped(MAX_NUMBERS))

    def candidate(self, trial: Trial, number: int, out: Array) -> None:
        """Write a member."""
        np.copyto(out, self._member(trial, number))

    def choose(self, trial: Trial) -> None:
        """Go to the best member, the first of equal ones, and breed."""
        old = np.stack([self._member(trial, number) for number in range(len(trial.memory))])
        np.subtract(old[int(np.argmin(trial.losses))], trial.w, out=trial.delta)
        for member, new in zip(trial.memory, self._next_generation(old, trial), strict=True):
            np.copyto(member, new)

    def candidate_title(self, number: int) -> Message:
        """Count the members."""
        return message("member {number} of {count}", number=number + 1, count=self.passes)

    def _member(self, trial: Trial, number: int) -> Array:
        """Give a member of this step: the first is w as it is now, and the first generation is drawn around w."""
        if number == 0:
            return trial.w
        if trial.t > 1:
            return trial.memory[number]
        draws = trial.batch.stream(Stream.EXPLORATION, Part.MEMBERS + number)
        return trial.w + self.number("spread") * draws.normal(trial.w.size)

    def _next_generation(self, old: Array, trial: Trial) -> Array:
        """Give the best in their order, then children: [members, weights] as `old`."""
        elites = min(int(self.number("elites")), len(old) - 1)
        best = np.argsort(trial.losses, kind="stable")[:elites]
        children = self._children(old, trial.losses, len(old) - elites, trial.batch)
        return np.concatenate([old[best], children])

    def _children(self, old: Array, losses: Array, count: int, batch: Batch) -> Array:
        """Make children, [count, weights], of the members [members, weights]."""
        parents = select(losses, 2 * count, int(self.number("tournament")), Part.PARENTS.of(batch))
        a, b = old[parents[:count]], old[parents[count:]]
        crossover = CROSSOVERS[str(self.values["crossover"])]()
        is_crossed = Part.CROSSED.of(batch).uniform(count) < self.number("crossover_rate")
        children = np.where(is_crossed[:, np.newaxis], crossover.cross(a, b, Part.CROSSOVER.of(batch)), a)
        mutates = Part.MUTATED.of(batch).uniform(children.size).reshape(children.shape) < self.number("mutation_rate")
        children[mutates] += self.number("mutation_size") * Part.MUTATION.of(batch).normal(int(mutates.sum()))
        return children


def select(losses: Array, count: int, tournament: int, draws: PartStream) -> NDArray[np.int64]:
    """Choose `count` members by tournaments: each is the one of least loss among so many drawn with replacement."""
    drawn = (draws.uniform(count * tournament) * len(losses)).astype(np.int64).reshape(count, tournament)
    winners: NDArray[np.int64] = drawn[np.arange(count), losses[drawn].argmin(axis=1)]
    return winners
