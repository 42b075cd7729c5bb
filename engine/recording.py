"""What a run leaves behind for the plots: series of bounded memory at any length, recorded at fixed steps."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy, deepcopy
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.message import Message
from engine.ops.call import Array
from engine.program import Parameter, Program

SERIES_POINTS = 4096
WEIGHT_POINTS = 256
MAX_TRAJECTORIES = 64
"""Up to so many weights are recorded one by one; of more, only their spread in each layer."""
MAX_EVENTS = 1000
QUANTILES = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
Places = NDArray[np.intp]


class Series:
    """One number a step. When full, neighbors are averaged and each point stands for twice as many steps."""

    def __init__(self, points: int = SERIES_POINTS) -> None:
        self._points = points
        self._stride = 1
        self._length = 0
        self._last = np.zeros(points)
        self._step_sums = np.zeros(points)
        self._sums = np.zeros(points)
        self._counts = np.zeros(points)

    def append(self, step: float, value: float) -> None:
        """Add the number of a step; steps come in ascending order."""
        last = self._length - 1
        if last >= 0 and self._counts[last] < self._stride:
            self._last[last] = step
            self._step_sums[last] += step
            self._sums[last] += value
            self._counts[last] += 1
            return
        if self._length == self._points:
            self._merge()
        self._last[self._length] = self._step_sums[self._length] = step
        self._sums[self._length] = value
        self._counts[self._length] = 1
        self._length += 1

    def extend(self, first: int, values: Array) -> None:
        """Add the numbers of consecutive steps, the first of which is given; `append` leaves the same, to the bit."""
        done = 0
        while done < len(values):
            last = self._length - 1
            if last < 0 or self._counts[last] == self._stride:
                if self._length == self._points:
                    self._merge()
                    continue
                whole = min((len(values) - done) // self._stride, self._points - self._length)
                if whole:
                    count = whole * self._stride
                    self._add_points(first + done, values[done : done + count].reshape(whole, self._stride))
                    done += count
                    continue
                last, self._length = self._length, self._length + 1
                self._step_sums[last] = self._sums[last] = self._counts[last] = 0.0
            part = values[done : done + int(self._stride - self._counts[last])]
            self._last[last] = first + done + len(part) - 1
            self._step_sums[last] += len(part) * (first + done + self._last[last]) / 2
            # One after another, as it depends on the frames which numbers come together, and rounding on the order.
            self._sums[last] = np.cumsum(np.append(self._sums[last], part))[-1]
            self._counts[last] += len(part)
            done += len(part)

    def cut(self, step: float) -> None:
        """Forget everything from this step on; a point that stands for steps on both sides goes too."""
        self._length = int(np.searchsorted(self._last[: self._length], step, side="left"))

    def curve(self) -> tuple[Array, Array]:
        """Give each point's mean step and mean value, as copies."""
        n = self._length
        return self._step_sums[:n] / self._counts[:n], self._sums[:n] / self._counts[:n]

    def _add_points(self, first: int, values: Array) -> None:
        """Add points of the numbers of consecutive steps, [points, stride], all at once: one by one takes long."""
        points, stride = values.shape
        added = slice(self._length, self._length + points)
        starts = first + stride * np.arange(points)
        self._last[added] = starts + stride - 1
        self._step_sums[added] = stride * (2 * starts + stride - 1) / 2
        self._sums[added] = np.cumsum(values, axis=1)[:, -1]
        self._counts[added] = stride
        self._length += points

    def _merge(self) -> None:
        half = self._points // 2
        self._last[:half] = self._last[1::2]
        for sums in (self._step_sums, self._sums, self._counts):
            sums[:half] = sums[0::2] + sums[1::2]
        self._length = half
        self._stride *= 2


class Samples:
    """An array at every so-many-th step; when full, every second one is dropped and the distance doubles."""

    def __init__(self, width: int, points: int = WEIGHT_POINTS) -> None:
        self._points = points
        self._stride = 1
        self._length = 0
        self._steps = np.zeros(points)
        self._rows = np.zeros((points, width))
        self.width = width

    def wants(self, step: int) -> bool:
        """Tell whether this step is to be recorded."""
        return step % self._stride == 0

    def next_step(self, step: int) -> int:
        """Give the next step that is to be recorded."""
        return (step // self._stride + 1) * self._stride

    def append(self, step: int, row: Array) -> None:
        """Add a copy of the array at a step that it wants."""
        if self._length == self._points:
            half = self._points // 2
            self._steps[:half] = self._steps[0::2]
            self._rows[:half] = self._rows[0::2]
            self._length = half
            self._stride *= 2
            if not self.wants(step):
                return
        self._steps[self._length] = step
        self._rows[self._length] = row
        self._length += 1

    def cut(self, step: float) -> None:
        """Forget everything from this step on."""
        self._length = int(np.searchsorted(self._steps[: self._length], step, side="left"))

    def curve(self) -> tuple[Array, Array]:
        """Give the steps and the arrays, [points, width]."""
        return self._steps[: self._length].copy(), self._rows[: self._length].copy()


def quantiles(values: Array) -> Array:
    """Give QUANTILES of the values, with straight lines between neighbors: np.quantile without its overhead."""
    ordered = np.sort(values)
    below, above, shares = _quantile_places(len(values))
    low: Array = ordered[below]
    return low + shares * (ordered[above] - low)


@lru_cache(maxsize=256)
def _quantile_places(count: int) -> tuple[Places, Places, Array]:
    """Give the neighbors of each quantile among so many ordered values, and how far it is from the one to the other."""
    places = QUANTILES * (count - 1)
    below = places.astype(np.intp)
    return below, np.minimum(below + 1, count - 1), places - below


@dataclass(frozen=True)
class Curves:
    """The recorded series as arrays; those of a group have equal length. Steps count completed updates.

    `weights` holds [points, size] for each parameter's title, and is empty where there are too many weights to follow
    one by one; `weight_quantiles` holds [points, 5], the least, the quartiles and the greatest weight of each layer.
    """

    batch_step: Array
    batch_loss: Array
    test_step: Array
    train: Array
    test: Array
    penalty: Array
    """The L1 and L2 terms, which are part of both losses; steps as for those."""
    gradient_norms: Mapping[int, tuple[Array, Array]]
    weights: Mapping[str, tuple[Array, Array]]
    weight_quantiles: Mapping[int, tuple[Array, Array]]
    events: tuple[tuple[int, Message], ...]


class Recorder:
    """Keeps the series of one run. It outlives edits of the graph: curves of what is still there go on."""

    def __init__(self) -> None:
        self._batch = Series()
        self._train = Series()
        self._test = Series()
        self._penalty = Series()
        self._norms: dict[int, Series] = {}
        self._weights: dict[tuple[int, str], Samples] = {}
        self._quantiles: dict[int, Samples] = {}
        self._events: list[tuple[int, Message]] = []
        self._titles: dict[tuple[int, str], str] = {}
        self._parts: dict[tuple[int, str], slice] = {}
        """Where each parameter lies among the weights."""
        self._groups: dict[int, list[slice]] = {}

    def follow(self, program: Program) -> None:
        """Record the layers of this program from now on; series of layers that are gone are dropped."""
        self._norms = {node: self._norms.get(node, Series()) for node in program.layers}
        self._quantiles = {node: self._quantiles.get(node, Samples(5)) for node in program.layers}
        followed = program.parameters if program.parameter_count <= MAX_TRAJECTORIES else ()
        # The weights of a layer are one group with common steps: where one changes its size, all begin anew.
        changed = {p.node for p in followed if self._width_of(p) != p.size}
        self._weights = {
            (p.node, p.name): Samples(p.size) if p.node in changed else self._weights[p.node, p.name] for p in followed
        }
        self._titles = {(p.node, p.name): p.title for p in followed}
        self._parts = {(p.node, p.name): slice(p.offset, p.offset + p.size) for p in program.parameters}
        self._groups = {n: [part for key, part in self._parts.items() if key[0] == n] for n in program.layers}

    def record_step(self, step: int, loss: float, norms: Mapping[int, float]) -> None:
        """Record the loss of the batch drawn at `step` and the norm of g by layer."""
        self._batch.append(step, loss)
        for node, norm in norms.items():
            self._norms[node].append(step, norm)

    def record_steps(self, first: int, losses: Array, norms: Mapping[int, Array]) -> None:
        """Record the losses of the batches drawn at consecutive steps, and the norms of g by layer."""
        self._batch.extend(first, losses)
        for node, values in norms.items():
            self._norms[node].extend(first, values)

    def next_weights(self, step: int) -> int:
        """Give the next step after which weights are to be recorded."""
        samples = (*self._weights.values(), *self._quantiles.values())
        return min((each.next_step(step) for each in samples), default=step + 1)

    def record_losses(self, step: int, train: float, test: float, penalty: float) -> None:
        """Record the loss of the whole training set and test set, and the part of both that the penalties make.

        They are those at the weights after `step` updates.
        """
        self._train.append(step, train)
        self._test.append(step, test)
        self._penalty.append(step, penalty)

    def record_weights(self, step: int, program: Program, arena: Array, *, is_due: bool = False) -> None:
        """Record the weights after `step` updates, where the distance of the samples asks for it or it `is_due`."""
        w = program.region(arena, 0)
        for key, samples in self._weights.items():
            if is_due or samples.wants(step):
                samples.append(step, w[self._parts[key]])
        for node, samples in self._quantiles.items():
            if is_due or samples.wants(step):
                samples.append(step, quantiles(np.concatenate([w[part] for part in self._groups[node]])))

    def record_event(self, step: int, words: Message) -> None:
        """Note what happened at a step; of more than MAX_EVENTS the earliest go."""
        if (step, words) not in self._events:
            self._events = [*self._events, (step, words)][-MAX_EVENTS:]

    def fork(self, step: int) -> Recorder:
        """Give a recorder of its own that knows what came up to the state of `step` updates."""
        other = copy(self)
        other._batch, other._train = deepcopy(self._batch), deepcopy(self._train)
        other._test, other._penalty = deepcopy(self._test), deepcopy(self._penalty)
        other._norms, other._quantiles = deepcopy(self._norms), deepcopy(self._quantiles)
        other._weights = deepcopy(self._weights)
        other.cut(step)
        return other

    def cut(self, step: int) -> None:
        """Forget what came after the state of `step` updates."""
        for series in (self._batch, *self._norms.values()):
            series.cut(step)
        for series in (self._train, self._test, self._penalty):
            series.cut(step + 1)
        for samples in (*self._weights.values(), *self._quantiles.values()):
            samples.cut(step + 1)
        self._events = [event for event in self._events if event[0] <= step]

    def curves(self) -> Curves:
        """Give everything recorded so far, as copies."""
        batch_step, batch_loss = self._batch.curve()
        test_step, train = self._train.curve()
        return Curves(
            batch_step,
            batch_loss,
            test_step,
            train,
            self._test.curve()[1],
            self._penalty.curve()[1],
            {node: series.curve() for node, series in self._norms.items()},
            {self._titles[key]: samples.curve() for key, samples in self._weights.items()},
            {node: samples.curve() for node, samples in self._quantiles.items()},
            tuple(self._events),
        )

    def _width_of(self, parameter: Parameter) -> int:
        known = self._weights.get((parameter.node, parameter.name))
        return 0 if known is None else known.width
