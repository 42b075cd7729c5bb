from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import records
from engine.storage import FileError, Stored, read_document, write_document
from tests.engine.documents import FLOATS, example, example_run, experiments, runs

EXAMPLE = Stored(example(), example_run(), {"1": [0.0, 1.5]}, {"zoom": 1.0})
TEXT = write_document(EXAMPLE)

Tree = Any
"""A parsed document, of which a test changes what it likes."""


def message_of(text: str) -> str:
    with pytest.raises(FileError) as caught:
        read_document(text)
    return str(caught.value)


def changed(change: Callable[[Tree], object]) -> str:
    tree = json.loads(TEXT)
    change(tree)
    return json.dumps(tree)


# ---- there and back --------------------------------------------------------------------------------------------------


def test_a_document_is_read_back_as_it_was() -> None:
    assert read_document(TEXT) == EXAMPLE


@given(st.data())
def test_whatever_can_be_built_is_read_back_as_it_was_and_written_alike(data: st.DataObject) -> None:
    experiment = data.draw(experiments())
    stored = Stored(experiment, data.draw(st.none() | runs(experiment.graph)))
    text = write_document(stored)
    assert read_document(text) == stored
    assert write_document(read_document(text)) == text


@given(st.lists(FLOATS, min_size=1))
def test_floats_come_back_to_the_bit(values: list[float]) -> None:
    tree = json.loads(TEXT)
    tree["run"]["parameters"][0].update(shape=[1, len(values)], values=values, slots={})
    run = read_document(json.dumps(tree)).run
    assert run is not None
    again = read_document(write_document(Stored(EXAMPLE.experiment, run))).run
    assert again is not None
    assert struct.pack(f"{len(values)}d", *again.parameters[0].values) == struct.pack(f"{len(values)}d", *values)


def test_the_text_can_be_read_by_people() -> None:
    lines = TEXT.splitlines()
    assert '      {"from": 1, "to": 3, "port": "in"},' in lines
    assert '      "kind": "sgd",' in lines
    assert '        "learning_rate": 0.3,' in lines
    assert max(map(len, lines)) <= 120
    assert TEXT.endswith("}\n")


def test_nodes_stand_by_id_however_they_were_added() -> None:
    graph = EXAMPLE.experiment.graph
    backwards = replace(graph, nodes={id_: graph.nodes[id_] for id_ in reversed(list(graph.nodes))})
    assert write_document(replace(EXAMPLE, experiment=replace(EXAMPLE.experiment, graph=backwards))) == TEXT


def test_what_a_document_leaves_out_has_its_default() -> None:
    def leave_out(tree: Tree) -> None:
        for section in ("layout", "view", "run"):
            del tree[section]
        for node in tree["graph"]["nodes"]:
            del node["settings"]
        del tree["graph"]["nodes"][0]["name"]
        # As written before there were schedules and clipping.
        tree["experiment"]["optimizer"]["settings"] = {"learning_rate": 0.3}

    assert read_document(changed(leave_out)) == Stored(EXAMPLE.experiment)


def test_a_run_that_diverged_is_refused_with_the_place() -> None:
    run = example_run()
    weights = replace(run.parameters[0], values=(*[0.5] * 15, math.nan))
    with pytest.raises(FileError) as caught:
        write_document(replace(EXAMPLE, run=replace(run, parameters=(weights,))))
    assert str(caught.value) == "$.run.parameters[0].values[15]: a finite number is needed, not nan"


def test_documents_of_older_versions_are_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def rename_batch(tree: Tree) -> Tree:
        experiment = dict(tree["experiment"])
        experiment["batch_size"] = experiment.pop("batch")
        return {**tree, "experiment": experiment}

    def halve_batch(tree: Tree) -> Tree:
        return {**tree, "experiment": {**tree["experiment"], "batch": tree["experiment"]["batch"] // 2}}

    def write_as_version_1(tree: Tree) -> None:
        tree["experiment"]["batch"] = tree["experiment"].pop("batch_size")
        tree["version"] = 1

    monkeypatch.setattr(records, "VERSION", 3)
    monkeypatch.setattr(records, "MIGRATIONS", {1: halve_batch, 2: rename_batch})
    assert read_document(changed(write_as_version_1)).experiment.batch_size == 16


# ---- refusals --------------------------------------------------------------------------------------------------------


def node(tree: Tree, index: int) -> Tree:
    return tree["graph"]["nodes"][index]


def edge(tree: Tree, index: int) -> Tree:
    return tree["graph"]["edges"][index]


def add_edge(tree: Tree, source: int, target: int, port: str) -> None:
    tree["graph"]["edges"].append({"from": source, "to": target, "port": port})


def parameter(tree: Tree) -> Tree:
    return tree["run"]["parameters"][0]


REFUSALS: dict[str, tuple[Callable[[Tree], object], str]] = {
    "another format": (lambda t: t.update(format="zip"), "$.format: this is not a file of Backprop Lab"),
    "no format": (lambda t: t.pop("format"), "$.format: this is not a file of Backprop Lab"),
    "newer": (
        lambda t: t.update(version=2),
        "$.version: the file was made by a newer version of Backprop Lab (format 2)",
    ),
    "version 0": (lambda t: t.update(version=0), "$.version: the version must be a whole number from 1, not 0"),
    "version true": (
        lambda t: t.update(version=True),
        "$.version: the version must be a whole number from 1, not True",
    ),
    "a section is missing": (lambda t: t.pop("graph"), "$: the object missing required field graph"),
    "an unknown section": (lambda t: t.update(extra=1), "$: the object contains unknown field extra"),
    "a wrong type": (lambda t: node(t, 1).update(id="two"), "$.graph.nodes[1].id: Expected int, got str"),
    "a fraction as id": (lambda t: node(t, 1).update(id=2.5), "$.graph.nodes[1].id: Expected int, got float"),
    "yes as id": (lambda t: node(t, 1).update(id=True), "$.graph.nodes[1].id: Expected int, got bool"),
    "id 0": (lambda t: node(t, 1).update(id=0), "$.graph.nodes[1].id: an id must be from 1 to 2147483646, not 0"),
    "an unknown op": (lambda t: node(t, 2).update(op="x"), "$.graph.nodes[2].op: there is no kind of node called 'x'"),
    "a part of ops": (
        lambda t: node(t, 2).update(op="raise"),
        "$.graph.nodes[2].op: there is no kind of node called 'raise'",
    ),
    "an unknown setting": (
        lambda t: node(t, 2)["settings"].update(colour="red"),
        "$.graph.nodes[2].settings.colour: there is no such setting here",
    ),
    "a setting out of bounds": (
        lambda t: node(t, 2)["settings"].update(units=0),
        "$.graph.nodes[2].settings.units: Units must be at least 1, not 0",
    ),
    "a setting of another type": (
        lambda t: node(t, 2)["settings"].update(bias="yes"),
        "$.graph.nodes[2].settings.bias: Bias: yes or no is needed, not 'yes'",
    ),
    "an unknown choice": (
        lambda t: node(t, 2)["settings"].update(activation="step"),
        "$.graph.nodes[2].settings.activation: Activation: 'step' is not one of ",
    ),
    "two nodes of one id": (lambda t: node(t, 1).update(id=1), "$.graph.nodes[1].id: there are two nodes 1"),
    "two nodes of one name": (
        lambda t: node(t, 3).update(name="A"),
        "$.graph.nodes[3].name: another node is called A already",
    ),
    "a long name": (
        lambda t: node(t, 3).update(name="A" * 41),
        "$.graph.nodes[3].name: the length of a name must be from 0 to 40, not 41",
    ),
    "next_id not above all": (
        lambda t: t["graph"].update(next_id=5),
        "$.graph.next_id: the next id, which is above all others, must be from 6 to 2147483647, not 5",
    ),
    "a wire from nowhere": (lambda t: edge(t, 0).update({"from": 9}), "$.graph.edges[0].from: there is no node 9"),
    "a wire to nowhere": (lambda t: edge(t, 0).update(to=9), "$.graph.edges[0].to: there is no node 9"),
    "no such port": (lambda t: edge(t, 0).update(port="out"), "$.graph.edges[0].port: A has no input 'out'"),
    "out of a loss": (
        lambda t: edge(t, 0).update({"from": 5}),
        "$.graph.edges[0].from: Binary cross-entropy has no output",
    ),
    "the same wire twice": (lambda t: add_edge(t, 1, 3, "in"), "$.graph.edges[4]: the same wire stands here twice"),
    "two wires at a single port": (
        lambda t: add_edge(t, 1, 5, "target"),
        "$.graph.edges[4]: Binary cross-entropy takes one wire at target",
    ),
    "a circle": (
        lambda t: add_edge(t, 4, 3, "in"),
        "$.graph.edges: the wires run in a circle through A, B",
    ),
    "a node that feeds itself": (
        lambda t: add_edge(t, 3, 3, "in"),
        "$.graph.edges: the wires run in a circle through A",
    ),
    "too many nodes": (
        lambda t: t["graph"].update(nodes=[{"id": i, "op": "add"} for i in range(1, 10_002)]),
        "$.graph.nodes: the number of nodes must be from 0 to 10000, not 10001",
    ),
    "too many wires": (
        lambda t: t["graph"].update(edges=[edge(t, 0)] * 100_001),
        "$.graph.edges: the number of wires must be from 0 to 100000, not 100001",
    ),
    "an unknown data set": (
        lambda t: t["experiment"]["data"].update(kind="moon"),
        "$.experiment.data.kind: 'moon' is not one of ",
    ),
    "an unknown gradient method": (
        lambda t: t["experiment"]["gradient_method"].update(kind="guess"),
        "$.experiment.gradient_method.kind: 'guess' is not one of ",
    ),
    "an unknown optimizer": (
        lambda t: t["experiment"]["optimizer"].update(kind="ada"),
        "$.experiment.optimizer.kind: 'ada' is not one of ",
    ),
    "a bad hyperparameter": (
        lambda t: t["experiment"]["optimizer"]["settings"].update(learning_rate=-1),
        "$.experiment.optimizer.settings.learning_rate: Learning rate must be at least 0",
    ),
    "a batch of none": (
        lambda t: t["experiment"].update(batch_size=0),
        "$.experiment.batch_size: the batch size must be from 1 to ",
    ),
    "a negative seed": (
        lambda t: t["experiment"].update(seed=-1),
        "$.experiment.seed: the seed must be from 0 to 4294967295, not -1",
    ),
    "another generator": (
        lambda t: t["run"].update(generator="dice"),
        "$.run.generator: the run used random numbers of the kind 'dice', unknown here",
    ),
    "a negative step": (lambda t: t["run"].update(step=-1), "$.run.step: a counter must be from 0 to "),
    "too few weights": (
        lambda t: parameter(t)["values"].pop(),
        "$.run.parameters[0].values: 16 numbers are needed, not 15",
    ),
    "too many numbers in a slot": (
        lambda t: parameter(t)["slots"]["v"].append(1.0),
        "$.run.parameters[0].slots.v: 16 numbers are needed, not 17",
    ),
    "a word among the weights": (
        lambda t: parameter(t)["values"].__setitem__(3, "x"),
        "$.run.parameters[0].values[3]: Expected float, got str",
    ),
    "an empty shape": (
        lambda t: parameter(t).update(shape=[0, 8], values=[], slots={}),
        "$.run.parameters[0].shape[0]: a length must be from 1 to ",
    ),
    "three lengths": (
        lambda t: parameter(t).update(shape=[2, 8, 1]),
        "$.run.parameters[0].shape: Expected array of length 2, got 3",
    ),
    "weights of nobody": (lambda t: parameter(t).update(node=9), "$.run.parameters[0].node: there is no node 9"),
    "the same weights twice": (
        lambda t: t["run"]["parameters"].append(parameter(t)),
        "$.run.parameters[1]: the parameter W of node 3 stands here twice",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_say_where_and_why(name: str) -> None:
    change, words = REFUSALS[name]
    assert message_of(changed(change)).startswith(words)


@pytest.mark.parametrize("tree", [None, 1, "text", [], [TEXT]])
def test_json_that_is_no_object_is_refused(tree: object) -> None:
    assert message_of(json.dumps(tree)) == "$: an object is needed"


def test_words_stay_short_whatever_is_quoted() -> None:
    for change in (
        lambda t: node(t, 2).update(op="x" * 10**5),
        lambda t: node(t, 2)["settings"].update({"x" * 10**5: 1}),
        lambda t: node(t, 2)["settings"].update(units=[1] * 10**5),
    ):
        assert len(message_of(changed(change))) < 600
