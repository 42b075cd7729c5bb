"""Sentences about a run: what was changed in it, and where its numbers stopped being finite."""

from __future__ import annotations

from engine.experiment import Experiment
from engine.gradients import GRADIENT_METHODS
from engine.message import Message, listed, message
from engine.micro_step import MicroStep
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.program import Phase, Program


def change_words(old: Experiment, new: Experiment, program: Program) -> Message:
    """Say what is another in the pipeline."""
    if old.pinned != new.pinned:
        titles = {(p.node, p.name): message(p.title) for p in program.parameters}
        pinned, freed = (
            [titles[key] for key in sorted(keys) if key in titles]
            for keys in (new.pinned - old.pinned, old.pinned - new.pinned)
        )
        parts = [message("pinned: {names}", names=listed(pinned))] if pinned else []
        return listed([*parts, message("freed: {names}", names=listed(freed))] if freed else parts)
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


def blame(program: Program, what: MicroStep, step: int, optimizer: Optimizer) -> Message:
    """Say that a value became non-finite in a micro-step of the step after `step` updates, and the likely cause."""
    has_rate = "learning_rate" in optimizer.values
    cause = message("The learning rate is probably too large." if has_rate else "Its steps are probably too large.")
    if what.phase is Phase.UPDATE:
        return message(
            "Step {step}, phase 5 Update: a weight, or a number that the optimizer keeps, became non-finite. {cause}",
            step=step + 1,
            cause=cause,
        )
    phase = {Phase.FORWARD: "2 Forward", Phase.LOSS: "3 Loss", Phase.BACKWARD: "4 Backward"}[what.phase]
    place = message(phase) if what.node is None else listed([message(phase), program.graph.node(what.node).words])
    return message(
        "Step {step}, phase {place}: a value became non-finite, with the weights still finite but very large. {cause}",
        step=step + 1,
        place=place,
        cause=cause,
    )
