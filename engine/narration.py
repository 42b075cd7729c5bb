"""Sentences about a run: what was changed in it, and where its numbers stopped being finite."""

from __future__ import annotations

from engine.experiment import Experiment
from engine.gradients import GRADIENT_METHODS
from engine.message import Message, listed, message
from engine.optimizers import OPTIMIZERS
from engine.program import Phase, Program
from engine.snapshot import MicroStep


def change_words(old: Experiment, new: Experiment) -> Message:
    """Say what is another in the pipeline."""
    if old.method != new.method:
        return message("gradient method: {name}", name=message(GRADIENT_METHODS[new.method.kind].label))
    if old.optimizer.kind != new.optimizer.kind:
        return message("optimizer: {name}", name=message(OPTIMIZERS[new.optimizer.kind].label))
    kind, settings, before = OPTIMIZERS[new.optimizer.kind], new.optimizer.settings, old.optimizer.settings
    changed = [
        message("{setting} {value}", setting=message(s.label), value=message(s.label_of(str(settings[s.name]))))
        for s in kind.settings
        if before.get(s.name) != settings.get(s.name)
    ]
    return message("{optimizer}: {settings}", optimizer=message(kind.label), settings=listed(changed))


def blame(program: Program, what: MicroStep, step: int) -> Message:
    """Say that a value became non-finite in a micro-step of the step after `step` updates, and the likely cause."""
    node = message("") if what.node is None else program.graph.node(what.node).words
    if what.phase is Phase.UPDATE:
        return message(
            "Step {step}, phase 5 Update: a weight, or a number that the optimizer keeps, became non-finite. "
            "The learning rate is probably too large.",
            step=step + 1,
        )
    name = {Phase.FORWARD: "2 Forward", Phase.LOSS: "3 Loss", Phase.BACKWARD: "4 Backward"}[what.phase]
    return message(
        "Step {step}, phase {phase}, {node}: a value became non-finite, with the weights still finite but very large. "
        "The learning rate is probably too large.",
        step=step + 1,
        phase=name,
        node=node,
    )
