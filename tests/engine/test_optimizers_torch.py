"""The optimizers against PyTorch's, on four functions: one step from its stored state, and whole paths."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.ops.base import Array
from engine.optimizers import OPTIMIZERS, make_optimizer
from tests.engine.updates import FUNCTIONS, new_slots, update

FILE = Path(__file__).parents[1] / "data" / "torch_optimizers.json"
"""A sample of the 1,000 steps of each run; the script that made it tells how to check all of them."""
RUNS: list[dict[str, Any]] = json.loads(Path(os.environ.get("TORCH_OPTIMIZERS", FILE)).read_text("ascii"))["runs"]


def title(run: dict[str, Any]) -> str:
    return f"{run['kind']}-{run['function']}"


each_run = pytest.mark.parametrize("run", RUNS, ids=title)
# The paths of the others amplify the last bit: a division by a small root turns it into percents.
SMOOTH = [run for run in RUNS if run["kind"] in {"sgd", "momentum", "nesterov"}]
each_smooth_run = pytest.mark.parametrize("run", SMOOTH, ids=title)


def assert_agree(ours: Array, theirs: Any) -> None:
    theirs = np.array(theirs)
    assert (np.abs(ours - theirs) <= 1e-12 * np.maximum(1.0, np.abs(theirs))).all(), (ours, theirs)


def test_the_reference_covers_every_optimizer_that_pytorch_has_on_four_functions() -> None:
    assert {run["kind"] for run in RUNS} == set(OPTIMIZERS) - {"none", "lion"}
    assert len({(run["kind"], run["function"]) for run in RUNS}) == 4 * (len(OPTIMIZERS) - 2)


@each_run
def test_one_step_from_the_state_of_pytorch_agrees(run: dict[str, Any]) -> None:
    optimizer = make_optimizer(run["kind"], run["settings"])
    assert len(run["steps"]) >= 20
    assert run["steps"][-1]["t"] == 1000
    for step in run["steps"]:
        slots = tuple(np.array(slot) for slot in step["slots"])
        w = np.array(step["w"])
        assert_agree(w + update(optimizer, np.array(step["g"]), slots, step["t"], w), step["new_w"])
        for ours, theirs in zip(slots, step["new_slots"], strict=True):
            assert_agree(ours, theirs)


@each_smooth_run
def test_whole_path_agrees_with_pytorch(run: dict[str, Any]) -> None:
    optimizer = make_optimizer(run["kind"], run["settings"])
    w, slope = np.array(run["start"]), FUNCTIONS[run["function"]].slope
    slots = new_slots(optimizer, w.size)
    expected = {step["t"]: step["new_w"] for step in run["steps"]}
    for t in range(1, 1001):
        w += update(optimizer, np.array(slope(w[0], w[1])), slots, t)
        if t in expected:
            assert_agree(w, expected[t])
