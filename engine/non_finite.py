"""Where a value is no number any more: which micro-step wrote it first, and the way back to the last finite weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.fault import Fault
from engine.narration import blame
from engine.norms import are_finite
from engine.observer import Observer
from engine.ops.call import Array
from engine.step_order import Part
from engine.stepper import Stepper
from engine.timeline import Timeline


def find_non_finite(stepper: Stepper, timeline: Timeline, observer: Observer) -> Fault | None:
    """Where a value is not finite, say where it arose first, in a run that stands at the last finite weights.

    Within a step the run stays where it is, so that the value can be looked at, and only the micro-step at which it
    arose gives a fault. Gives None where all is finite.
    """
    if stepper.micro:
        last = stepper.micro - 1
        is_new = not _is_finite_after(stepper, last) and all(_is_finite_after(stepper, k) for k in range(last))
        return _blame(stepper, last, stepper.step) if is_new else None
    if stepper.is_finite:
        return None
    begun = timeline.find_non_finite()
    with np.errstate(all="ignore"):
        for number in range(stepper.micro_count):
            stepper.micro_step()
            if not _is_finite_after(stepper, number):
                break
    fault = _blame(stepper, number, begun)
    timeline.cut(begun)
    observer.restart_watch()
    observer.recorder.record_event(begun, fault.words)
    return fault


def _blame(stepper: Stepper, number: int, step: int) -> Fault:
    is_buffer = not are_finite(stepper.program.buffer_region(stepper.arena))
    moves = stepper.step > 0 and stepper.changes_weights and not is_buffer
    largest = float(np.abs(stepper.weights).max(initial=0.0))
    what = stepper.announce(number)
    words = blame(stepper.program, what, step, largest, stepper.optimizer if moves else None)
    return Fault(step, number, what.node, words)


def _is_finite_after(stepper: Stepper, number: int) -> bool:
    """Tell whether what a micro-step of this step has written is finite."""
    return all(bool(np.isfinite(array).all()) for array in _written(stepper, number))


def _written(stepper: Stepper, number: int) -> Sequence[Array]:
    part, index = stepper.order.place(number)
    if part is Part.INSTRUCTION:
        program = stepper.program
        return (program.view(stepper.arena, program.instructions[index].output, stepper.batch.rows),)
    if part is Part.GRADIENT_PASS:
        return stepper.method.written(stepper.executor, stepper.batch, index)
    return (stepper.state, *stepper.update_phase.memory.values()) if part is Part.UPDATE else ()
