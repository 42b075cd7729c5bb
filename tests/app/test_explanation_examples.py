"""Every number that the Maths panel can show is the arena's, on every micro-step of the examples; lines are true."""

from __future__ import annotations

import numpy as np
import pytest

from app.examples import EXAMPLES, load_example
from engine.explanation import explain
from engine.explanation_parts import COMPUTED, Explanation, Focus, Line, Number, State
from engine.ops.call import Array
from engine.program import Phase
from engine.snapshot import Snapshot
from engine.trainer import Trainer
from tests.engine.explanations import check_line, lines_of, numbers_of, sides_of
from tests.engine.samples import dataset_of, trainer_of

WALKED = ("one-neuron", "two-moons", "linear-regression", "batch-norm", "valley")
"""The examples walked with several rows and weights; the others with one."""
FOCUSES = (Focus(), Focus(row=2, unit=1, source=1), Focus(row=None, unit=99, source=99, parameter="b"))


def expected_arena(snapshot: Snapshot, earlier: Snapshot | None) -> Array:
    """Give the numbers as they were when the values were computed: w of before, once the update has changed it."""
    arena = snapshot.arena.copy()
    if earlier is not None and snapshot.micro == 0:
        region = snapshot.program.region
        region(arena, 0)[:] = region(earlier.arena, 0)
    return arena


def check_matrices(found: Explanation, snapshot: Snapshot) -> None:
    for matrices in found.matrices:
        parameter = matrices.parameter
        assert np.array_equal(matrices.weights, snapshot.weights(parameter))
        assert np.array_equal(matrices.gradient, snapshot.gradient(parameter))
        assert np.array_equal(matrices.update, snapshot.update(parameter))
        assert (len(matrices.row_names), len(matrices.column_names)) == parameter.shape


def check_update(found: Explanation, snapshot: Snapshot, earlier: Snapshot | None) -> int:
    assert (found.update is None) == (not found.matrices)
    if found.update is None:
        return 0
    for slot in found.update.slots:
        before, after = slot.before, slot.after
        assert after is None or after.value == snapshot.arena[after.place]
        if before is not None:
            source = snapshot if snapshot.micro or earlier is None else earlier
            assert before.value == source.arena[before.place]
    for line in found.update.lines:
        last = line.parts[-1]
        if isinstance(last, Number) and last.place != COMPUTED:
            assert last.value == snapshot.arena[last.place]
    both = (snapshot.arena,) if earlier is None else (snapshot.arena, earlier.arena)
    return sum(check_line(line, both) for line in found.update.lines)


def check(snapshot: Snapshot, earlier: Snapshot | None, trainer: Trainer, focus: Focus) -> int:
    arena, count = expected_arena(snapshot, earlier), 0
    for node in snapshot.program.graph.nodes:
        found = explain(snapshot, trainer.stepper.dataset, node, focus, earlier)
        for work in found.works:
            assert work.forward_formula
            assert work.backward_formula
            assert bool(work.forward_lines) == work.forward.is_known
            assert bool(work.backward_lines) <= work.backward.is_known
        count += sum(check_line(line, (arena,)) for line in lines_of(found))
        check_matrices(found, snapshot)
        count += check_update(found, snapshot, earlier)
    return count


def walk(key: str, steps: int, focuses: tuple[Focus, ...]) -> dict[Phase | None, int]:
    """Go through micro-steps; tell how many equations were checked after each phase."""
    experiment = load_example(key).project.experiment
    trainer = trainer_of(experiment, dataset_of(experiment))
    counts: dict[Phase | None, int] = {}
    earlier: Snapshot | None = None
    for _ in range(steps * trainer.stepper.micro_count + 3):
        snapshot = trainer.snapshot()
        for focus in focuses:
            counts[snapshot.phase] = counts.get(snapshot.phase, 0) + check(snapshot, earlier, trainer, focus)
        earlier = snapshot
        trainer.micro_step()
    return counts


@pytest.mark.parametrize("key", WALKED)
def test_on_every_micro_step_every_shown_number_is_the_arenas(key: str) -> None:
    counts = walk(key, 2, FOCUSES)
    assert counts[Phase.LOSS] > 0
    assert counts[Phase.BACKWARD] > 0
    assert counts[Phase.UPDATE] > 0


@pytest.mark.parametrize("key", [example.key for example in EXAMPLES if example.key not in WALKED])
def test_the_same_on_all_other_examples(key: str) -> None:
    assert sum(walk(key, 1, (Focus(row=1),)).values()) > 0


@pytest.mark.parametrize("key", WALKED)
def test_after_whole_steps_the_weights_of_the_lines_are_those_before_the_update(key: str) -> None:
    experiment = load_example(key).project.experiment
    trainer = trainer_of(experiment, dataset_of(experiment))
    for _ in range(3):
        earlier = trainer.snapshot()
        trainer.finish_step()
    snapshot = trainer.snapshot()
    arena = expected_arena(snapshot, earlier)
    for node in snapshot.program.graph.nodes:
        found = explain(snapshot, trainer.stepper.dataset, node)
        assert all(work.forward.state is State.STALE for work in found.works)
        for line in lines_of(found):
            for number in numbers_of(line):
                if number.place != COMPUTED:
                    assert number.value == pytest.approx(arena[number.place], rel=1e-12, abs=1e-15)
            check_lines_only(line)


def check_lines_only(line: Line) -> None:
    sides = [side for side in sides_of(line) if side is not None]
    assert all(side == pytest.approx(sides[-1], rel=1e-8, abs=1e-9) for side in sides)
