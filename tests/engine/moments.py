"""Moments of a run that questions are asked at: just before an update, and right after it."""

from __future__ import annotations

from engine.experiment import Experiment
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.samples import dense_graph, experiment_of, trainer_of


def around_an_update(trainer: Trainer) -> tuple[Snapshot, Snapshot]:
    """Do a step; give the moments just before its update and right after it."""
    while trainer.stepper.micro < trainer.stepper.micro_count - 1:
        trainer.micro_step()
    before = trainer.snapshot()
    trainer.micro_step()
    return before, trainer.snapshot()


def moments_of(experiment: Experiment, steps: int = 3) -> tuple[Trainer, Snapshot, Snapshot]:
    """Do some steps; give the trainer and the moments around the last one's update."""
    trainer = trainer_of(experiment)
    for _ in range(steps - 1):
        trainer.finish_step()
    return trainer, *around_an_update(trainer)


def dropping() -> Experiment:
    """Make the sample experiment with a Dropout behind the hidden layer."""
    graph = dense_graph()
    layer = next(id_ for id_, node in graph.nodes.items() if node.op == "dense")
    graph, drop = graph.add("dropout", {"rate": 0.5})
    end = next(edge for edge in graph.edges if edge.source == layer)
    graph = graph.disconnect([end]).connect(layer, drop, "in").connect(drop, end.target, end.port)
    return experiment_of(graph)
