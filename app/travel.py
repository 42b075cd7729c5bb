"""Steps in both directions: what a person can do with a run that does not go by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.lookout import NO_AIM, Aim
from engine.fault import Fault
from engine.message import grouped, message
from engine.ops.call import Array
from engine.phases import phase_range
from engine.program import Parameter
from engine.timeline import Place
from engine.trainer import Trainer


class Travel(QObject):
    """Takes a trainer forth and back. A subclass says how: `_act` does something with it that takes no long time."""

    @property
    def is_past(self) -> bool:
        """Whether the run stands at a step that it had gone beyond."""
        return self._trainer is not None and self._trainer.timeline.is_past

    @property
    def can_resume(self) -> bool:
        """Whether the run can go on here in another way than by itself: from the past, or with the slots of now."""
        return self._trainer is not None and (self.is_past or self._trainer.has_other_slots)

    @property
    def can_run(self) -> bool:
        """Whether there is a program to run."""
        return self._trainer is not None

    @property
    def can_go_back(self) -> bool:
        """Whether an earlier state is recorded."""
        return self._trainer is not None and self._trainer.timeline.can_go_back

    def pause(self) -> None:
        """Stop what goes on by itself."""
        raise NotImplementedError

    def run(self, aim: Aim = NO_AIM) -> None:
        """Go on by itself until paused or there."""
        raise NotImplementedError

    def micro_step(self) -> None:
        """Do the next micro-step."""
        self._act(lambda trainer: trainer.micro_step())

    def step(self) -> None:
        """Finish the present step, or do a whole one; a long one goes on in slices and can be paused."""
        self._proceed(lambda trainer: Place(trainer.stepper.step + 1))

    def next_phase(self) -> None:
        """Finish the present phase, or do the next one; a long one goes on in slices and can be paused."""
        self._proceed(_end_of_phase)

    def previous_phase(self) -> None:
        """Return to the beginning of the last phase that has begun."""
        wanted: list[Place] = []
        self._act(lambda trainer: wanted.extend(_go_back_a_phase(trainer)))
        if wanted:
            self._proceed(lambda _: wanted[0])

    def previous(self) -> None:
        """Return to the beginning of this step, or of the one before."""
        self._act(lambda trainer: trainer.previous_step() if trainer.timeline.can_go_back else None)

    def previous_micro_step(self) -> None:
        """Return to before the last micro-step."""
        self._act(lambda trainer: trainer.previous_micro_step() if trainer.timeline.can_go_back else None)

    def go_to(self, step: int) -> None:
        """Stand after so many steps, or as near to it as this line goes."""
        self._act(lambda trainer: trainer.go_to(trainer.timeline.nearest(step)))

    def go_to_start(self) -> None:
        """Return to the earliest step that is kept."""
        self._act(lambda trainer: trainer.go_to(trainer.timeline.history.first))

    def go_to_end(self) -> None:
        """Return from the past."""
        self._act(lambda trainer: trainer.go_to_end())

    def go_to_line(self, number: int) -> None:
        """Go to the end of a line that was left."""
        self._act(lambda trainer: trainer.go_to_line(number))

    def branch(self) -> None:
        """Begin a line of its own at this place of the past."""
        self._act(lambda trainer: trainer.branch())

    def change_weights(self, parameter: Parameter, place: tuple[int, int], values: Array) -> Array | None:
        """Put numbers, [rows, columns], into a parameter from a row and column on, by hand; in the past on a branch.

        Gives those that were there, or None where the network has no such parameter any more.
        """
        replaced: list[Array] = []
        self._act(lambda trainer: replaced.extend(_change_weights(trainer, parameter, place, values)))
        return replaced[0] if replaced else None

    def cancel_step(self) -> None:
        """Give up what is computed of a step, and stand at its beginning."""
        self._act(lambda trainer: trainer.previous_step() if trainer.stepper.micro else None)

    def run_steps(self, count: int) -> None:
        """Go on for so many steps, of which one that has begun is the first, and pause exactly then."""
        self.pause()
        if self._trainer is not None:
            self._run_to(self._trainer.stepper.step + count)

    def run_to_step(self, step: int) -> None:
        """Go on to a step and pause there; one that lies behind is returned to."""
        self.pause()
        if self._trainer is None:
            return
        if step > self._trainer.stepper.step:
            self._run_to(step)
        else:
            self.go_to(step)

    def run_to_node(self, node: int) -> None:
        """Go on until the next micro-step is one that comes to a node, forward or backward."""
        self.pause()
        self.run(Aim(node=node))

    def go_to_fault(self, fault: Fault) -> None:
        """Do the steps again to where a value becomes non-finite, so that it can be looked at."""
        self._act(lambda trainer: trainer.go_to(fault.step))
        self._proceed(lambda trainer: Place(fault.step, fault.number + 1))

    @property
    def _trainer(self) -> Trainer | None:
        raise NotImplementedError

    def _act(self, action: Callable[[Trainer], None]) -> None:
        raise NotImplementedError

    def _run_to(self, step: int) -> None:
        self.run(Aim(Place(step), words=message("Paused: step {step} is reached", step=grouped(step))))

    def _proceed(self, where: Callable[[Trainer], Place]) -> None:
        """Go on from here to a place, at once or, where a step is long, as a run that can be paused."""
        self.pause()
        trainer = self._trainer
        if trainer is None:
            return
        place = where(trainer)
        if trainer.timeline.place >= place:
            return
        if trainer.stepper.is_short:
            self._act(lambda trainer: _walk(trainer, place))
        # At the end of another line the slots of now may make the step a long one.
        if not trainer.stepper.is_short and trainer.timeline.place < place:
            self.run(Aim(place, hurries=True))


def _change_weights(trainer: Trainer, parameter: Parameter, place: tuple[int, int], values: Array) -> list[Array]:
    # An edit of the graph may have come before.
    if parameter not in trainer.program.parameters:
        return []
    # The run may be farther than what was shown when the numbers were typed, so the others are those of the run.
    w = trainer.program.weights(trainer.stepper.arena, parameter).copy()
    part = w[place[0] : place[0] + values.shape[0], place[1] : place[1] + values.shape[1]]
    replaced = part.copy()
    part[...] = values
    trainer.change_weights(parameter, w)
    return [replaced]


def _walk(trainer: Trainer, place: Place) -> None:
    """Do micro-steps up to a place, while steps are short; within one, to the first value that is not finite."""
    while trainer.timeline.place < place:
        trainer.micro_step()
        if not trainer.stepper.is_short:
            return
        if place.micro and trainer.find_non_finite() is not None:
            return


def _end_of_phase(trainer: Trainer) -> Place:
    stepper = trainer.stepper
    end = phase_range(stepper, stepper.micro).stop
    return Place(stepper.step, end) if end < stepper.micro_count else Place(stepper.step + 1)


def _go_back_a_phase(trainer: Trainer) -> list[Place]:
    """Go to the beginning of the last phase that has begun, or only of its step: then give where to go on to."""
    if not trainer.timeline.can_go_back:
        return []
    stepper = trainer.stepper
    if not stepper.micro:
        # What was in the slots then tells how the phases lie.
        trainer.previous_step()
    begin = phase_range(stepper, (stepper.micro or stepper.micro_count) - 1).start
    if stepper.is_short or begin <= 1 + stepper.order.instructions:
        trainer.go_to(stepper.step, begin)
        return []
    if stepper.micro:
        trainer.go_to(stepper.step)
    return [Place(stepper.step, begin)]
