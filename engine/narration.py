"""Sentences about a run: what was changed, what came of it, where numbers stopped being finite."""

from __future__ import annotations

from engine.comparison import ROWS, GradientChange
from engine.executors import PinnedNames
from engine.experiment import Experiment, Pipeline
from engine.gradients import GRADIENT_METHODS
from engine.message import Figure, Message, listed, message
from engine.optimizers import OPTIMIZERS, Optimizer
from engine.program import Phase, Program
from engine.step_order import MicroStep

VERY_LARGE = 1e3
"""Weights beyond this size are what a learning rate that is too large makes of them."""


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


def gradient_change_words(change: GradientChange, method: str) -> Message:
    """Say how g differs from the one before at the same weights, now that `method` has computed it."""
    before, after = map(Figure, change.norms)
    if change.what == ROWS:
        words = "Same weights, other rows: ‖g‖ {before} → {after}, cosine {cosine:.2f}: g depends on the batch"
        if change.cosine is None:
            words = "Same weights, other rows: ‖g‖ {before} → {after}: g depends on the batch"
        return message(words, before=before, after=after, cosine=change.cosine)
    label, former = message(GRADIENT_METHODS[method].label), message("the one before")
    if change.method != method:
        former = message("that of {method}", method=message(GRADIENT_METHODS[change.method].label))
    words = "{name}: its g and {former} are {distance:.1g} apart, ‖g‖ {before} → {after}, cosine {cosine:.2f}"
    if change.is_same:
        words = "{name}: g agrees with {former} to {distance:.1g}, at {passes:g} forward passes instead of {old:g}"
    elif change.cosine is None:
        words = "{name}: its g and {former} are {distance:.1g} apart, ‖g‖ {before} → {after}"
    passes = {"old": change.passes[0], "passes": change.passes[1]}
    norms = {"before": before, "after": after}
    return message(words, name=label, former=former, distance=change.largest, cosine=change.cosine, **passes, **norms)


def after_update_words(words: Message, before: float, after: float, times: int, *, draws_others: bool) -> Message:
    """Add to what is said of an update what it did to the loss of its own batch.

    `times` counts how often g was applied again since; `draws_others`: the next step has other rows.
    """
    text = "{words} · same batch {before} → {after}"
    if times:
        text = "{words} · same batch {before} where g was computed, {after} now"
    elif draws_others:
        text = "{words} · same batch {before} → {after}; the next step draws other rows"
    return message(text, words=words, before=Figure(before), after=Figure(after))


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
