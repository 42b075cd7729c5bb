"""Why a weight moved, in words that follow from the numbers: gradient, clipping, history, scaling, decay, pins."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.explanation_parts import Number
from engine.message import Message, message
from engine.optimizers import Optimizer

ALIKE = 0.01
"""Moves that differ by less than this part are said to be the same."""


@dataclass(frozen=True)
class Move:
    """What is known of the update of one weight; `t` counts the updates so far, None where that is not sure."""

    gradient: Number
    used: Number
    """The gradient as clipped."""
    update: Number
    before: Number | None
    after: Number
    t: int | None
    is_pinned: bool


def reasons(optimizer: Optimizer, move: Move) -> tuple[Message, ...]:
    """Say it, one thing a sentence."""
    if move.is_pinned:
        return (message("It is pinned, so the update leaves it out: Δw = 0."),)
    g, used, delta = move.gradient.value, move.used.value, move.update.value
    found = [_gradient_words(g)]
    if used != g:
        words = "Clipping makes {g:.4g} of it: ĝ is what the optimizer uses, g stays as computed."
        found.append(message(words, g=used))
    if delta == 0.0:
        return *found, message("Δw is 0, so this weight has not moved.")
    found.append(_direction_words(used, delta, has_history=bool(optimizer.slots)))
    if "learning_rate" in optimizer.values and move.t is not None:
        found += _size_words(optimizer, move, optimizer.rate(move.t))
    return tuple(found)


def _gradient_words(g: float) -> Message:
    if g > 0.0:
        return message("g is {g:.4g}: the loss grows with this weight, so down the gradient is a lower weight.", g=g)
    if g < 0.0:
        return message("g is {g:.4g}: the loss falls as this weight grows, so down the gradient is a higher one.", g=g)
    return message("g is 0 here: for this batch the loss does not depend on this weight.")


def _direction_words(g: float, delta: float, *, has_history: bool) -> Message:
    down = "The optimizer made it lower" if delta < 0.0 else "The optimizer made it higher"
    if g == 0.0:
        words = "{what}, though g is 0: what it keeps of earlier gradients carries it on."
    elif (delta < 0.0) == (g > 0.0):
        words = "{what}: down the gradient."
    else:
        words = "{what}, against this g: what it keeps of earlier gradients outweighs it."
        if not has_history:
            words = "{what}, against this g: weight decay outweighs it."
    return message(words, what=message(down))


def _size_words(optimizer: Optimizer, move: Move, rate: float) -> list[Message]:
    found = []
    decay = optimizer.values.get("weight_decay")
    if isinstance(decay, float) and decay and move.before is not None:
        words = "Weight decay, apart from g, takes η λ w = {part:.4g} off it."
        found.append(message(words, part=rate * decay * move.before.value))
    plain = -rate * move.used.value
    if plain == 0.0 or not math.isfinite(move.update.value / plain):
        return found
    ratio = move.update.value / plain
    if abs(ratio - 1.0) < ALIKE:
        found.append(message("It is −η g: {delta:.4g}, the plain step down the gradient.", delta=move.update.value))
    elif ratio > 0.0:
        words = "A plain −η g would be {plain:.4g}; this is {ratio:.3g} times that, {cause}."
        found.append(message(words, plain=plain, ratio=ratio, cause=_cause(optimizer)))
    return found


def _cause(optimizer: Optimizer) -> Message:
    if "sign" in optimizer.formula:
        return message("as only the sign counts")
    if "√" in optimizer.formula or "/ n" in optimizer.formula:
        return message("as it is divided by the size that g has had here")
    return message("as earlier gradients count too")
