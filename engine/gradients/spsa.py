"""A noisy estimate of g at the price of two forward passes, however many weights there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.executor import Batch, Executor
from engine.gradients.base import Cost, GradientMethod
from engine.message import Figure, Message, message
from engine.norms import gradient_norm
from engine.ops.call import Array
from engine.program import Program
from engine.rng import Stream
from engine.setting import Setting


class SPSA(GradientMethod):
    """Simultaneous perturbation: all weights are nudged at once along a random direction Δ of ±1, and back.

    gᵢ ≈ (L(w + cΔ) − L(w − cΔ)) / (2cΔᵢ), the mean over all directions. Its expected value is g to the order of c²; how
    far a single one lies off grows with the number of weights. Spall, "Multivariate stochastic approximation using a
    simultaneous perturbation gradient approximation", 1992.
    """

    name = "spsa"
    label = "SPSA"
    summary = (
        "Nudges all weights at once along a random direction: only two forward passes, but a noisy estimate, "
        "which on average points along g."
    )
    settings = (
        Setting("c", 1e-3, "Nudge c", "How far each weight is nudged, up or down.", positive=True, maximum=1.0),
        Setting(
            "samples",
            1,
            "Directions",
            "How many random directions are tried and averaged; four times as many halve the noise.",
            minimum=1,
            maximum=100_000,
        ),
    )

    def count(self, program: Program) -> int:
        """One pass a direction."""
        return int(self.number("samples")) if program.parameters else 0

    def run(self, executor: Executor, batch: Batch, number: int) -> None:
        """Nudge all weights along one direction on the copy; g becomes the mean over the directions so far."""
        probe = executor.probe(refresh=number == 0)
        program, c = executor.program, self.number("c")
        places = _places(program)
        # The first bit of a word decides, and 1/Δ is Δ.
        bits = batch.stream(Stream.PERTURBATION, number).raw(len(places)) >> np.uint64(63)
        direction = 1.0 - 2.0 * bits.astype(np.float64)
        weights, nudged = program.region(executor.arena, 0)[places], program.region(probe.arena, 0)
        nudged[places] = weights + c * direction
        above = probe.forward(batch.rows)
        nudged[places] = weights - c * direction
        below = probe.forward(batch.rows)
        estimate = (above - below) / (2.0 * c) * direction
        g = program.region(executor.arena, 1)
        # The first is not added to what g held, as that need not be finite.
        g[places] = estimate if number == 0 else g[places] + (estimate - g[places]) / (number + 1)

    def written(self, executor: Executor, batch: Batch, number: int) -> Sequence[Array]:
        """Give all of g."""
        return (executor.program.region(executor.arena, 1),)

    def words(self, program: Program, number: int, g: Array) -> Message:
        """Say that it is an estimate, and how large."""
        return message(
            "Nudged all weights at once along a random direction, {done} of {count}: a noisy estimate of g, "
            "‖g‖ {norm}; no weight has changed",
            norm=Figure(gradient_norm(g)),
            done=number + 1,
            count=self.count(program),
        )

    def phase_label(self, program: Program) -> Message:
        """Count the forward passes."""
        return message("{count} nudged forward passes — estimate g, change no weight", count=2 * self.count(program))

    def cost(self, program: Program, rows: int) -> Cost:
        """Give two forward passes a direction."""
        passes = 2 * self.count(program)
        return Cost(float(passes), passes * program.macs(rows))


def _places(program: Program) -> NDArray[np.int64]:
    """Give where the weights stand in a region; what lies between the parameters stays 0."""
    return np.concatenate([np.arange(p.offset, p.offset + p.size) for p in program.parameters])
