"""What files hold of stop conditions, pinned parameters and buffers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.experiment import Choice
from engine.run_state import SavedArray
from engine.setting import complete
from engine.stopping import STOP_CONDITIONS
from engine.storage import FileError, Stored, read_document, write_document
from tests.engine.documents import example, example_run

STOPS = (
    Choice("steps", {"count": 100}),
    Choice("loss-below", {"of": "test", "bound": -0.5}),
)
PINNED = frozenset({(4, "b"), (3, "W"), (4, "W")})
BUFFERS = (SavedArray(3, "mean", (1, 2), (0.1, -2.5)), SavedArray(4, "mean", (1, 1), (0.25,)))
EXAMPLE = Stored(
    replace(example(), stops=STOPS, pinned=PINNED), replace(example_run(), buffers=BUFFERS, gradient_calls=9)
)
TEXT = write_document(EXAMPLE)

Tree = Any
"""A parsed document, of which a test changes what it likes."""


def changed(change: Callable[[Tree], object]) -> str:
    tree = json.loads(TEXT)
    change(tree)
    return json.dumps(tree)


def test_stops_pins_and_buffers_are_read_back_as_they_were() -> None:
    assert read_document(TEXT) == EXAMPLE


def test_they_are_written_to_be_read_by_people_and_pins_in_a_fixed_order() -> None:
    tree = json.loads(TEXT)
    assert tree["version"] == 1
    assert tree["experiment"]["stops"] == [
        {"kind": "steps", "settings": {"count": 100}},
        {"kind": "loss-below", "settings": {"of": "test", "bound": -0.5}},
    ]
    assert tree["experiment"]["pinned"] == [
        {"node": 3, "name": "W"},
        {"node": 4, "name": "W"},
        {"node": 4, "name": "b"},
    ]
    assert tree["run"]["buffers"][0] == {"node": 3, "name": "mean", "shape": [1, 2], "values": [0.1, -2.5]}
    assert tree["run"]["gradient_calls"] == 9


def test_files_without_them_are_as_they_always_were() -> None:
    text = write_document(Stored(example(), example_run()))
    tree = json.loads(text)
    assert list(tree["experiment"]) == ["data", "gradient_method", "optimizer", "batch_size", "seed"]
    assert list(tree["run"]) == ["generator", "step", "micro", "updates", "epoch", "row", "loss", "parameters"]
    assert read_document(text) == Stored(example(), example_run())


def test_an_experiment_of_no_batch_size_and_a_run_of_no_loss_still_say_so() -> None:
    stored = Stored(replace(example(), batch_size=None), replace(example_run(), loss=None))
    tree = json.loads(write_document(stored))
    assert (tree["experiment"]["batch_size"], tree["run"]["loss"]) == (None, None)


def test_pins_of_nodes_that_are_gone_are_left_out() -> None:
    experiment = replace(EXAMPLE.experiment, pinned=PINNED | {(9, "W")})
    assert write_document(replace(EXAMPLE, experiment=experiment)) == TEXT


def test_settings_that_a_stop_leaves_out_have_their_defaults() -> None:
    text = changed(lambda t: t["experiment"].update(stops=[{"kind": name} for name in STOP_CONDITIONS]))
    assert read_document(text).experiment.stops == tuple(
        Choice(name, complete(condition.settings, {})) for name, condition in STOP_CONDITIONS.items()
    )


REFUSALS: dict[str, tuple[Callable[[Tree], object], str]] = {
    "an unknown stop": (
        lambda t: t["experiment"]["stops"][1].update(kind="lunch"),
        "$.experiment.stops[1].kind: 'lunch' is not one of "
        "steps, epochs, loss-below, gradient-norm, gradient-above, plateau",
    ),
    "a stop of no kind": (
        lambda t: t["experiment"]["stops"][1].pop("kind"),
        "$.experiment.stops[1]: the object missing required field kind",
    ),
    "the same kind twice": (
        lambda t: t["experiment"]["stops"].append({"kind": "steps", "settings": {"count": 7}}),
        "$.experiment.stops[2].kind: there are two stop conditions 'steps'",
    ),
    "a setting out of bounds": (
        lambda t: t["experiment"]["stops"][0]["settings"].update(count=0),
        "$.experiment.stops[0].settings.count: Steps n must be at least 1, not 0",
    ),
    "an unknown setting": (
        lambda t: t["experiment"]["stops"][0]["settings"].update(number=5),
        "$.experiment.stops[0].settings.number: there is no such setting here",
    ),
    "stops that are no list": (
        lambda t: t["experiment"].update(stops={}),
        "$.experiment.stops: Expected array, got object",
    ),
    "a pin of nobody": (
        lambda t: t["experiment"]["pinned"][2].update(node=9),
        "$.experiment.pinned[2].node: there is no node 9",
    ),
    "the same pin twice": (
        lambda t: t["experiment"]["pinned"].append({"node": 4, "name": "b"}),
        "$.experiment.pinned[3]: the parameter b of node 4 is pinned twice",
    ),
    "a pin with a long name": (
        lambda t: t["experiment"]["pinned"][0].update(name="W" * 41),
        "$.experiment.pinned[0].name: the length of a name must be from 1 to 40, not 41",
    ),
    "a pin without a name": (
        lambda t: t["experiment"]["pinned"][0].update(name=""),
        "$.experiment.pinned[0].name: the length of a name must be from 1 to 40, not 0",
    ),
    "a pin with more": (
        lambda t: t["experiment"]["pinned"][0].update(value=0.5),
        "$.experiment.pinned[0]: the object contains unknown field value",
    ),
    "a buffer of nobody": (
        lambda t: t["run"]["buffers"][1].update(node=9),
        "$.run.buffers[1].node: there is no node 9",
    ),
    "the same buffer twice": (
        lambda t: t["run"]["buffers"].append(t["run"]["buffers"][0]),
        "$.run.buffers[2]: the buffer mean of node 3 stands here twice",
    ),
    "a buffer called like a parameter": (
        lambda t: t["run"]["buffers"][0].update(name="W"),
        "$.run.buffers[0]: the buffer W of node 3 stands here twice",
    ),
    "a buffer with too few numbers": (
        lambda t: t["run"]["buffers"][0]["values"].pop(),
        "$.run.buffers[0].values: 2 numbers are needed, not 1",
    ),
    "a buffer with slots": (
        lambda t: t["run"]["buffers"][0].update(slots={}),
        "$.run.buffers[0]: the object contains unknown field slots",
    ),
    "an empty buffer": (
        lambda t: t["run"]["buffers"][0].update(shape=[1, 0], values=[]),
        "$.run.buffers[0].shape[1]: a length must be from 1 to ",
    ),
    "fewer than no gradients": (
        lambda t: t["run"].update(gradient_calls=-1),
        "$.run.gradient_calls: a counter must be from 0 to ",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_say_where_and_why(name: str) -> None:
    change, words = REFUSALS[name]
    with pytest.raises(FileError) as caught:
        read_document(changed(change))
    assert str(caught.value).startswith(words)
