"""Sentences about a run: what an instruction does, what was changed, where numbers stopped being finite."""

from __future__ import annotations

from engine.executors import PinnedNames
from engine.experiment import Experiment, Pipeline
from engine.gradients import GRADIENT_METHODS
from engine.message import Message, listed, message
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.program import Instruction, Phase, Program
from engine.step_order import MicroStep

VERY_LARGE = 1e3
"""Weights beyond this size are what a learning rate that is too large makes of them."""


def describe_instruction(program: Program, instruction: Instruction) -> MicroStep:
    """Say what the forward pass of one instruction is."""
    title, formula = program.graph.node(instruction.node).words, message(instruction.op.forward_formula)
    if instruction.node != program.loss.node:
        return MicroStep(
            Phase.FORWARD,
            instruction.node,
            message("Forward through {node}: {formula}", node=title, formula=formula),
        )
    words = "Loss: one number for the whole batch, {formula}"
    if instruction.output is program.penalty:
        words = "Penalty: one number for all weights, whatever the batch is, {formula}"
    elif instruction is not program.data_loss:
        words = "Loss with its penalty: {formula}"
    return MicroStep(Phase.LOSS, instruction.node, message(words, formula=formula))


def change_words(old: Experiment, new: Experiment, program: Program) -> Message | None:
    """Say what is another in the pipeline; None where it is nothing that this program has."""
    if old.pinned != new.pinned:
        return _pin_words(new.pinned - old.pinned, old.pinned - new.pinned, program)
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


def slot_words(pipeline: Pipeline) -> Message:
    """Say what is in the two slots, in short: "Backpropagation → Adam 0.03"."""
    method, optimizer = GRADIENT_METHODS[pipeline.method.kind].label, OPTIMIZERS[pipeline.optimizer.kind]
    rate = pipeline.optimizer.settings.get("learning_rate")
    words = "{method} → {optimizer}" if rate is None else "{method} → {optimizer} {rate:g}"
    return message(words, method=message(method), optimizer=message(optimizer.label), rate=rate)


def blame(program: Program, what: MicroStep, step: int, largest: float, optimizer: Optimizer | None) -> Message:
    """Say that a value became non-finite in a micro-step of the step after `step` updates, and the likely cause.

    `largest` is the size of the largest weight. `optimizer` is what has changed the weights so far; None: nothing has.
    """
    has_rate = optimizer is not None and "learning_rate" in optimizer.values
    rate = message(
        "The learning rate is probably too large." if has_rate else "The optimizer's steps are probably too large."
    )
    if what.phase is Phase.UPDATE:
        if optimizer is None:
            words = "Step {step}, phase 5 Update: a running statistic became non-finite. Its inputs are too large."
            return message(words, step=step + 1)
        words = "Step {step}, phase 5 Update: a weight, or a number that is kept beside it, became non-finite. {cause}"
        return message(words, step=step + 1, cause=rate)
    phase = {Phase.FORWARD: "2 Forward", Phase.LOSS: "3 Loss", Phase.BACKWARD: "4 Backward"}[what.phase]
    place = message(phase) if what.node is None else listed([message(phase), program.graph.node(what.node).words])
    if optimizer is not None and largest > VERY_LARGE:
        words = "Step {step}, phase {place}: a value became non-finite, with the weights finite but very large. {cause}"
        return message(words, step=step + 1, place=place, cause=rate)
    words = "Step {step}, phase {place}: a value became non-finite: its inputs are too large, or it has none at them."
    return message(words, step=step + 1, place=place)


def _pin_words(pinned: PinnedNames, freed: PinnedNames, program: Program) -> Message | None:
    titles = {(p.node, p.name): message(p.title) for p in program.parameters}
    parts = []
    for words, keys in (("pinned: {names}", pinned), ("freed: {names}", freed)):
        names = [titles[key] for key in sorted(keys) if key in titles]
        if names:
            parts.append(message(words, names=listed(names)))
    return listed(parts) if parts else None
