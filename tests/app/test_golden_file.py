from __future__ import annotations

from pathlib import Path

from app.files import read_file
from app.project import View
from engine.compiler import compile_graph
from engine.continuation import load_run, save_run
from engine.datasets import make_dataset
from engine.rng import GENERATOR_VERSION
from engine.run_state import SavedArray
from engine.trainer import Trainer

GOLDEN = Path(__file__).parent.parent / "data" / "golden-v1.bplab"


def test_the_golden_file_of_version_1_stays_readable() -> None:
    saved = read_file(str(GOLDEN))
    graph = saved.project.experiment.graph
    assert [graph.nodes[id_].title for id_ in graph.order()] == [
        *("Features", "Target", "A", "B", "Add", "out", "Binary cross-entropy")
    ]
    assert graph.nodes[3].settings == {
        "units": 4,
        "activation": "tanh",
        "bias": True,
        "initializer": "glorot-uniform",
        "value": 1.0,
    }
    assert graph.inputs(8, "in") == (3, 4)
    assert (graph.inputs(9, "in"), graph.inputs(7, "prediction"), graph.inputs(7, "target")) == ((8,), (9,), (2,))
    assert graph.next_id == 12
    experiment = saved.project.experiment
    assert (experiment.data.kind, experiment.data.settings["rows"]) == ("circles", 300)
    assert experiment.method.kind == "backpropagation"
    assert (experiment.optimizer.kind, experiment.optimizer.settings["learning_rate"]) == ("adam", 0.03)
    assert (experiment.batch_size, experiment.seed) == (None, 42)
    assert saved.project.positions[9] == (660.0, 40.5)
    assert saved.view == View(0.75, (330.0, 40.0), ("loss", "gradients"))
    assert saved.run is not None
    assert (saved.run.step, saved.run.micro, saved.run.updates, saved.run.epoch, saved.run.row) == (12, 3, 12, 12, 0)
    assert saved.run.loss == 0.5703482400496763
    assert saved.run.generator == GENERATOR_VERSION
    assert saved.run.parameters[-1] == SavedArray(
        9, "b", (1, 1), (0.14182405669957915,), {"m": (0.007379996994095167,), "v": (9.16530738761767e-06,)}
    )


def test_the_run_of_the_golden_file_goes_on() -> None:
    saved = read_file(str(GOLDEN))
    experiment = saved.project.experiment
    dataset = make_dataset(experiment.data.kind, experiment.data.settings)
    program = compile_graph(experiment.graph, dataset, len(dataset.train)).program
    assert program is not None
    assert saved.run is not None
    trainer = Trainer(experiment, dataset, program)
    load_run(trainer, saved.run)
    assert save_run(trainer) == saved.run
    before = trainer.evaluator.loss(trainer.stepper.state, "train")
    for _ in range(50):
        trainer.finish_step()
    assert trainer.evaluator.loss(trainer.stepper.state, "train") < before
