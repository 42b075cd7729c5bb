"""What the compiled executor can do, as engine.executors has it."""

from __future__ import annotations

from engine.compiled.executor import Compiled
from engine.compiled.rules import Rule, is_missing
from engine.compiled.tape import missing
from engine.compiled.training import Training, can_run
from engine.compiler import compile_graph
from engine.datasets import make_dataset
from engine.executor import Executor
from engine.executors import ExecutorKind, PinnedNames
from engine.experiment import Choice, Experiment
from engine.graph import Graph
from engine.optimizers import Optimizer
from engine.stepper import Stepper


def _rule(executor: Executor, optimizer: Optimizer, pinned: PinnedNames) -> Rule | None:
    if is_missing(optimizer.name) or not isinstance(executor, Compiled):
        return None
    return Rule(executor, optimizer, pinned)


def _loop(stepper: Stepper) -> Training | None:
    return Training(stepper) if can_run(stepper) else None


SET_ROWS = 64
"""All values of so many rows stay near the processor, and a small set's last part has few spare lanes."""
KIND = ExecutorKind(Compiled, missing, _rule, _loop, SET_ROWS)


def warm_up() -> None:
    """Run a small network once through everything that Python calls, as numba compiles or loads that when called."""
    graph, x = Graph().add("features")
    graph, dense = graph.add("dense", {"units": 1})
    graph, target = graph.add("target")
    graph, loss = graph.add("mean_squared_error")
    graph = graph.connect(x, dense, "in").connect(dense, loss, "prediction").connect(target, loss, "target")
    experiment = Experiment(graph, Choice("xor"), Choice("backpropagation"), Choice("sgd"), 2, 1)
    dataset = make_dataset(experiment.data.kind, experiment.data.settings)
    program = compile_graph(graph, dataset, 2).program
    assert program is not None, "the graph has all that it needs"
    stepper = Stepper(experiment, dataset, program)
    executor = Compiled(program)
    stepper.executor = executor
    Training(stepper).run(1)
    executor.forward(2)
    executor.mean_losses(stepper.sampler.tables, (dataset.train, dataset.test))
    executor.backward(2)
    executor.update_buffers(2)
    executor.tangent(2, program.parameters[0], 0)
    Rule(executor, stepper.optimizer, frozenset()).apply(1)
