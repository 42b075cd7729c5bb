"""The optimizers against PyTorch's, on four functions: each of 1,000 steps from its stored state, and whole paths."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from engine.ops.call import Array
from engine.optimizers import OPTIMIZERS, make_optimizer
from tests.engine.updates import FUNCTIONS, new_slots, update

STEPS = 1000
OWN = {
    "none": "changes nothing",
    "lion": "PyTorch has none; test_optimizers.py compares it with its formula over all past gradients",
    "genetic-algorithm": "needs no gradient",
    "random-search": "needs no gradient",
}
"""The optimizers that PyTorch has not, and why there is nothing to compare."""


@dataclass(frozen=True)
class Run:
    """A run of PyTorch: weights [1001, 2] and slots [1001, slots, 2] before and after the steps, g [1000, 2]."""

    kind: str
    function: str
    settings: dict[str, float]
    w: Array
    g: Array
    slots: Array

    def __str__(self) -> str:
        return f"{self.kind}-{self.function}"


def read() -> list[Run]:
    with np.load(Path(__file__).parents[1] / "data" / "torch_optimizers.npz", allow_pickle=False) as stored:
        runs = json.loads(str(stored["runs"]))["runs"]
        return [
            Run(
                one["kind"],
                one["function"],
                one["settings"],
                *(stored[f"{one['kind']}/{one['function']}/{name}"] for name in ("w", "g", "slots")),
            )
            for one in runs
        ]


RUNS = read()
each_run = pytest.mark.parametrize("run", RUNS, ids=str)
# The paths of the others amplify the last bit: a division by a small root turns it into percents.
SMOOTH = [run for run in RUNS if run.kind in {"sgd", "momentum", "nesterov"}]
each_smooth_run = pytest.mark.parametrize("run", SMOOTH, ids=str)


def assert_agree(ours: Array, theirs: Array) -> None:
    wrong = np.abs(ours - theirs) > 1e-12 * np.maximum(1.0, np.abs(theirs))
    assert not wrong.any(), f"first at {np.argwhere(wrong)[0]}: {ours[wrong][0]} for {theirs[wrong][0]}"


def test_the_reference_covers_every_optimizer_that_pytorch_has_on_four_functions() -> None:
    assert {run.kind for run in RUNS} == OPTIMIZERS.keys() - OWN.keys()
    assert len({(run.kind, run.function) for run in RUNS}) == len(RUNS) == 4 * len({run.kind for run in RUNS})
    for run in RUNS:
        slots = len(OPTIMIZERS[run.kind].slots)
        assert (run.w.shape, run.g.shape) == ((STEPS + 1, 2), (STEPS, 2)), str(run)
        assert run.slots.size == (STEPS + 1) * slots * 2, str(run)
        assert all(map(np.all, map(np.isfinite, (run.w, run.g, run.slots)))), str(run)


@each_run
def test_pytorch_went_by_the_slopes_of_these_functions(run: Run) -> None:
    assert run.w[0].tolist() == list(FUNCTIONS[run.function].start)
    slopes = np.array([FUNCTIONS[run.function].slope(a, b) for a, b in run.w[:STEPS].tolist()])
    assert (np.abs(slopes - run.g) <= 1e-12 * np.maximum(np.abs(run.g).max(), 1.0)).all()


@each_run
def test_one_step_from_the_state_of_pytorch_agrees_at_each_of_1000_steps(run: Run) -> None:
    optimizer = make_optimizer(run.kind, run.settings)
    # Over all steps: the new weights, and in the place of the old slots the new ones.
    w, slots = run.w[:STEPS].copy(), run.slots[:STEPS].copy()
    for t in range(1, STEPS + 1):
        w[t - 1] += update(optimizer, run.g[t - 1], tuple(slots[t - 1]), t, run.w[t - 1])
    assert_agree(w, run.w[1:])
    assert_agree(slots, run.slots[1:])


@each_smooth_run
def test_whole_path_agrees_with_pytorch(run: Run) -> None:
    optimizer = make_optimizer(run.kind, run.settings)
    path, slope = np.array(run.w[:1].repeat(STEPS + 1, axis=0)), FUNCTIONS[run.function].slope
    slots = new_slots(optimizer, 2)
    for t in range(1, STEPS + 1):
        w = path[t - 1]
        path[t] = w + update(optimizer, np.array(slope(w[0], w[1])), slots, t)
    assert_agree(path, run.w)
