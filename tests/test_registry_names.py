"""No module names any one of what is registered, outside its own: what follows from a class needs no line elsewhere."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.gradients import GRADIENT_METHODS
from engine.ops import OPS
from engine.ops.layers import ACTIVATIONS
from engine.ops.penalties import PENALTIES
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES
from engine.setting import Setting
from engine.stopping import STOP_CONDITIONS

ROOT = Path(__file__).resolve().parent.parent
PALETTE = {name: op for name, op in OPS.items() if op.category}
REGISTRIES: tuple[Mapping[str, type], ...] = (PALETTE, GRADIENT_METHODS, OPTIMIZERS, SCHEDULES, STOP_CONDITIONS)

WORDS = {
    "app/examples.py": {"forward-mode": "the key of an example"},
    "engine/clipping.py": {"none": "a kind of clipping"},
    "engine/compiled/kernels_reductions.py": {"features": "what is summed over"},
    "engine/compiled/kind.py": {
        name: "a network to begin with"
        for name in ("features", "dense", "target", "mean_squared_error", "backpropagation", "sgd")
    },
    "engine/expression.py": {name: "a function of formulas" for name in ("sin", "cos", "exp", "log", "sqrt", "tanh")},
    "engine/history.py": {"step": "what keyframes and changes are sorted by"},
    "engine/initializers.py": {"constant": "an initializer"},
    "engine/ops/__init__.py": {"dropout": "a module"},
    "engine/ops/activations_smooth.py": {"tanh": "the form of GELU with a tanh"},
    "engine/ops/expression_op.py": {
        name: "a function of formulas" for name in ("sin", "cos", "exp", "log", "sqrt", "tanh")
    },
    "engine/ops/layers.py": {"tanh": "the default activation", "identity": "a layer's own: no activation"},
    "engine/ops/loss_primitives.py": {"hinge": "the label of the loss's primitive", "target": "a port"},
    "engine/ops/losses.py": {"target": "a port", "identity": "a remedy: a layer without activation"},
    "engine/ops/normalization.py": {"momentum": "a setting of Batch norm"},
    "engine/ops/reductions.py": {"features": "what is summed over"},
    "engine/storage/run.py": {"step": "a counter of the run"},
    "ui/action_table.py": {"step": "an action"},
    "ui/canvas/card.py": {"features": "a kind of card", "target": "a kind of card"},
    "ui/run_controls.py": {"step": "an action"},
    "ui/plots/fit.py": {"target": "a curve"},
    "ui/plots/history.py": {"log": "a kind of axis", "step": "the argument of a template"},
    "ui/transport.py": {"step": "an action"},
}
"""Where a text is a name in a registry, but stands for something else there; or for it, and why it has to."""

TABLES = {"engine/compiled/kernels.py", "engine/compiled/rules.py"}
"""Which kernels compute each op and each optimizer; what is not in there is left to numpy."""

EMPTY = "the empty slot"
DRAWN = "data and layers have pictures of their own on the canvas"
EXPLAINED = "has lines of its own in the Maths tab; all others have the plain ones"
CLASSES = {
    "engine/arena_places.py": {"Concat": "its columns are those of its inputs"},
    "engine/compiled/rules.py": {"Constant": "the same rate at each of many steps"},
    "engine/compiled/training.py": {"Dropout": "its masks are drawn by kernels"},
    "engine/error_curve.py": {"Backpropagation": "what finite differences check where the run has no g"},
    "engine/explanation_cases.py": {"Rprop": "begins with a first step of its own"},
    "engine/explanation_backward.py": dict.fromkeys(
        ("Add", "AddBias", "Divide", "MatMul", "Multiply", "Subtract"), EXPLAINED
    ),
    "engine/explanation_forward.py": dict.fromkeys(
        ("Add", "AddBias", "Divide", "Dropout", "MatMul", "Multiply", "Subtract"), EXPLAINED
    ),
    "engine/explanation_update.py": {"SGD": "goes by one of three names, as the batch is"},
    "engine/explanation_moment.py": {"Concat": "its columns go by the names of its inputs"},
    "engine/method_comparison.py": {"Backpropagation": "what others are compared with", "TypedGradient": "no method"},
    "engine/optimizer_comparison.py": {"NoOptimizer": EMPTY},
    "engine/step_cost.py": {"NoGradient": EMPTY},
    "engine/update_phase.py": {"NoOptimizer": EMPTY, "SGD": "goes by one of three names, as the batch is"},
    "ui/canvas/card.py": {"Features": DRAWN, "Target": DRAWN, "Dense": DRAWN},
    "ui/canvas/display.py": {"Features": DRAWN},
    "ui/canvas/scene.py": {"Dense": DRAWN},
    "ui/canvas/stage.py": {"Features": "lit in phase 1", "Target": "lit in phase 1"},
    "ui/canvas/tiles.py": {"Features": DRAWN, "Dense": DRAWN},
    "ui/edits.py": {"Features": "its columns are those of the data set"},
    "ui/files.py": {"Adam": "the default project", "Backpropagation": "the default project"},
    "ui/maths/input_gradient.py": {"Features": "a row of it may be a picture"},
    "ui/method_box.py": {"NoGradient": EMPTY},
    "ui/node_page.py": {"Features": "shows the data set", "Target": "shows the data set"},
    "ui/optimizer_box.py": {"NoOptimizer": EMPTY},
    "ui/plots/gradients.py": {"NoGradient": EMPTY},
    "ui/slot_problems.py": {"NoGradient": EMPTY, "NoOptimizer": EMPTY, "SGD": "goes by one of three names"},
}
"""Which module imports a registered class of an op, a slot or a list, and why it has to."""


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def sources() -> Iterator[tuple[str, Path]]:
    for package in ("app", "engine", "ui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path


def home_of(kind: type) -> str:
    return kind.__module__.replace(".", "/") + ".py"


def test_no_text_outside_its_module_is_the_name_of_one_of_them() -> None:
    homes: dict[str, set[str]] = {}
    for registry in REGISTRIES:
        for name, kind in registry.items():
            homes.setdefault(name, set()).add(home_of(kind))
    found: dict[str, set[str]] = {}
    for place, path in sources():
        for node in ast.walk(tree_of(path)):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and place not in TABLES and place not in homes.get(text, {place}):
                found.setdefault(place, set()).add(text)
    # What is not found any more is taken out of the list.
    assert found == {place: set(words) for place, words in WORDS.items()}


def test_no_module_imports_one_of_them_but_ops_that_are_made_of_others() -> None:
    classes = {kind.__name__: kind for registry in REGISTRIES for kind in registry.values()}
    packages = ("engine.ops", "engine.gradients", "engine.optimizers", "engine.stopping", "engine.schedules")
    found: dict[str, set[str]] = {}
    for place, path in sources():
        if place.startswith("engine/ops/") or place.endswith("__init__.py"):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(packages):
                names = {alias.name for alias in node.names if alias.name in classes}
                names = {name for name in names if home_of(classes[name]) != place}
                if names:
                    found.setdefault(place, set()).update(names)
    assert found == {place: set(names) for place, names in CLASSES.items()}


# ---- what PyTorch has said about activations and losses --------------------------------------------------------------


WITHOUT_PYTORCH: dict[str, str] = {}
"""The activations and losses that are not compared with PyTorch, and why not."""


def stored() -> dict[str, Any]:
    data = ROOT / "tests" / "data" / "torch_activations_losses.json"
    found: dict[str, Any] = json.loads(data.read_text("ascii"))
    return found


def assert_tried(name: str, settings: tuple[Setting, ...], tried: list[dict[str, object]]) -> None:
    """See that each choice is compared, and each number at its default and at another value."""
    for setting in settings:
        values = {given.get(setting.name, setting.default) for given in tried}
        if setting.choices:
            assert values == set(setting.choices), (name, setting.name)
        else:
            assert setting.default in values, (name, setting.name)
            assert len(values) > 1, (name, setting.name)


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in WITHOUT_PYTORCH])
def test_each_activation_is_compared_with_pytorch_in_each_of_its_choices(name: str) -> None:
    tried = [entry["settings"] for entry in stored()["activations"] if entry["name"] == name]
    assert tried
    assert_tried(name, PALETTE[name].settings, tried)


@pytest.mark.parametrize(
    "name", [n for n, op in PALETTE.items() if op.category == "Losses" and n not in WITHOUT_PYTORCH]
)
def test_each_loss_is_compared_with_pytorch_in_each_of_its_choices_behind_each_activation(name: str) -> None:
    # The L1 and L2 terms are those of all losses; test_penalties.py has them.
    own = tuple(setting for setting in PALETTE[name].settings if setting not in PENALTIES)
    assert PALETTE[name].settings[-len(PENALTIES) :] == PENALTIES
    for entry in stored()["activations"]:
        tried = [pair["settings"] for pair in entry["networks"] if pair["loss"] == name]
        assert tried, entry["name"]
        assert_tried(name, own, tried)


def test_activations_are_those_of_the_palette() -> None:
    assert set(ACTIVATIONS) == {name for name, op in PALETTE.items() if op.category == "Activations"}
