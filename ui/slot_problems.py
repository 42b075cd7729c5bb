"""Why a gradient method or an optimizer has nothing to work with in a network that could run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtWidgets import QComboBox

from app.translate import sentence, tr
from engine.experiment import Experiment
from engine.gradients import GradientMethod, NoGradient, make_gradient_method
from engine.message import Message
from engine.optimizers import SGD, NoOptimizer, Optimizer, Search, descent_label, make_optimizer
from engine.program import Program
from engine.step_cost import is_called


class Slot(StrEnum):
    """The slots of the pipeline that a person fills."""

    METHOD = "method"
    OPTIMIZER = "optimizer"


@dataclass(frozen=True)
class SlotProblem:
    """What is wrong with what stands in a slot: a sentence."""

    slot: Slot
    words: str


def find_slot_problems(experiment: Experiment, train_rows: int, program: Program | None) -> tuple[SlotProblem, ...]:
    """Give what keeps the two slots from working together with a network that can run; the cause alone."""
    if program is None:
        return ()
    method = make_gradient_method(experiment.method.kind, experiment.method.settings)
    optimizer = make_optimizer(experiment.optimizer.kind, experiment.optimizer.settings)
    reason = method_problem(method, optimizer, program)
    if reason is not None:
        return (SlotProblem(Slot.METHOD, sentence(reason)),)
    texts = optimizer_problem(method, optimizer, program, optimizer_label(experiment, train_rows))
    return tuple(SlotProblem(Slot.OPTIMIZER, text) for text in texts[:1])


def method_problem(method: GradientMethod, optimizer: Optimizer, program: Program | None) -> Message | None:
    """Say why the method cannot compute the g that the optimizer needs; None where it can."""
    return None if program is None or not optimizer.needs_gradient else method.problem(program)


def optimizer_problem(
    method: GradientMethod, optimizer: Optimizer, program: Program | None, label: str
) -> tuple[str, ...]:
    """Say, in several lengths, why the optimizer has nothing to work with; nothing where it can work."""
    if isinstance(optimizer, Search):
        problem = None if program is None else optimizer.problem(program)
        return () if problem is None else (tr(problem),)
    is_given = not isinstance(method, NoGradient) if program is None else is_called(method, optimizer, program)
    if is_given or isinstance(optimizer, NoOptimizer):
        return ()
    return tr("{optimizer} needs g, and no method computes it", optimizer=label), tr(
        "{optimizer} needs g", optimizer=label
    )


def optimizer_label(experiment: Experiment, train_rows: int) -> str:
    """Give what the optimizer is called; SGD by its batches."""
    if experiment.optimizer.kind == SGD.name:
        return _descent_words(experiment, train_rows)
    optimizer = make_optimizer(experiment.optimizer.kind, experiment.optimizer.settings)
    return tr(optimizer.label)


def name_descent(box: QComboBox, experiment: Experiment, train_rows: int) -> None:
    """Give SGD, in a list of the optimizers, the name that it has with the experiment's batches."""
    box.setItemText(box.findData(SGD.name), _descent_words(experiment, train_rows))


def _descent_words(experiment: Experiment, train_rows: int) -> str:
    return tr(descent_label(experiment.batch_size or train_rows, train_rows))
