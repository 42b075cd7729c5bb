"""The Runner: what can be done with the document's run, and the news of it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QObject, Signal

from app.document import Document
from app.motor import FRAME_SECONDS, Motor
from app.project import Project
from app.training import Training
from engine.compiler import Compilation
from engine.datasets import Dataset
from engine.message import message
from engine.run_state import RunState
from engine.snapshot import Snapshot
from engine.trainer import Trainer

FIGURES_SECONDS = 0.1
"""In a fast run figures change so far apart: more often nobody can read them, and drawing them takes time."""


class Runner(QObject):
    """Runs the document's experiment and hands out one snapshot a frame.

    `frame_ready(Snapshot | None)`: None while the graph has problems. `figures_ready(Snapshot | None)`: the same for
    what is to be read, which comes less often in a fast run. `problems_changed(Compilation)`: after every compilation.
    `message_posted(Message, bool)`: something people should know, such as why the run has stopped, and whether that is
    a problem.
    """

    frame_ready = Signal(object)
    figures_ready = Signal(object)
    state_changed = Signal()
    problems_changed = Signal(object)
    message_posted = Signal(object, bool)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._is_running = False
        self._shown_at = 0.0
        self._shown_in = 0.0
        self._figures_at = 0.0
        self._goal: int | None = None
        self._was_past = False
        self._is_new = False
        self.snapshot: Snapshot | None = None
        self._motor = Motor(self._check, self._show_frame, self._give_up, self)
        document.loaded.connect(self._on_document_loaded)
        document.settled.connect(self._on_document_settled)
        self._training = Training(document.project.experiment)
        self._show()

    @property
    def dataset(self) -> Dataset:
        """The data set of the experiment."""
        return self._training.dataset

    @property
    def compilation(self) -> Compilation:
        """What came of the graph."""
        return self._training.compilation

    @property
    def is_running(self) -> bool:
        """Whether the run goes on by itself."""
        return self._is_running

    @property
    def place(self) -> tuple[int, int]:
        """How far the run has got, also one that waits: completed steps, and micro-steps of the next one."""
        return self._training.place

    @property
    def line(self) -> tuple[object, int]:
        """On which line the run goes, also one that waits."""
        return self._training.line

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

    @property
    def _is_shown(self) -> bool:
        """Whether the run stands where the last snapshot was taken."""
        shown, stepper = self.snapshot, None if self._trainer is None else self._trainer.stepper
        return shown is not None and stepper is not None and (shown.step, shown.micro) == (stepper.step, stepper.micro)

    @property
    def _trainer(self) -> Trainer | None:
        return self._training.trainer

    def run(self) -> None:
        """Go on by itself until paused; in the past, until its end."""
        if self._trainer is None or self._is_running:
            return
        self._is_running = True
        self._go_on()
        self.state_changed.emit()

    def pause(self) -> None:
        """Stop: after the update where steps go by too fast to be followed, else after the present micro-step."""
        if not self._is_running:
            return
        self._is_running = False
        self._goal = None
        self._motor.stop()
        trainer = self._trainer
        if trainer is not None and trainer.stepper.micro and trainer.stepper.is_short and self._motor.pace.is_fast:
            trainer.finish_step()
            self._check()
        self.state_changed.emit()
        self._show()

    def set_speed(self, micro_steps_per_second: float | None) -> None:
        """Set how fast a run goes by itself; None is as fast as it can."""
        self._motor.interrupt()
        self._motor.pace.rate = micro_steps_per_second
        self._go_on()

    def set_executor(self, name: str) -> None:
        """Let another executor compute from here on, where it can."""
        self._motor.interrupt()
        self._training.set_executor(name)
        self._show()
        self._go_on()

    def step(self) -> None:
        """Finish the present step, or do a whole one; a long one goes on in slices and can be paused."""
        if self._trainer is None or self._trainer.stepper.is_short:
            self._act(lambda trainer: trainer.finish_step())
        else:
            self.pause()
            self._goal = self._trainer.stepper.step + 1
            self.run()

    def micro_step(self) -> None:
        """Do the next micro-step."""
        self._act(lambda trainer: trainer.micro_step())

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

    def cancel_step(self) -> None:
        """Give up what is computed of a step, and stand at its beginning."""
        self._act(lambda trainer: trainer.previous_step() if trainer.stepper.micro else None)

    def reset(self) -> None:
        """Go back to step 0 with the seed's initial weights."""
        self._training.forget_waiting()
        self._act(lambda trainer: trainer.reset())

    def save_state(self) -> RunState | None:
        """Give the run as it is stored, also one that waits for its network to be mended; None where there is none."""
        self._motor.interrupt()
        state = self._training.save(self._document.project.experiment.graph)
        self._go_on()
        return state

    def load_state(self, state: RunState) -> None:
        """Go on from a stored run, at once or when the network is mended.

        Raises EngineError where it does not fit; the run is then at step 0.
        """
        self._motor.interrupt()
        self._training.load(state)
        if self._trainer is not None:
            self._show()
            self.state_changed.emit()

    def _act(self, action: Callable[[Trainer], None]) -> None:
        self.pause()
        if self._trainer is not None:
            action(self._trainer)
            self._check()
            self._show()
            self.state_changed.emit()

    def _on_document_loaded(self) -> None:
        self.pause()
        self._is_new = True

    def _on_document_settled(self, old: Project, new: Project) -> None:
        if new.experiment is old.experiment and not self._is_new:
            return
        self._motor.interrupt()
        if self._is_new:
            self._training.forget()
        elif self._training.change(old.experiment, new.experiment):
            self._show()
            self._go_on()
            return
        self._is_new = False
        words = self._training.prepare(new.experiment)
        if self._is_running and not self.can_run:
            self.pause()
            self.message_posted.emit(message("Paused: the network has a problem, shown on its node"), True)
        if words is not None:
            self.message_posted.emit(words, True)
        self.problems_changed.emit(self.compilation)
        self._show()
        self.state_changed.emit()
        self._go_on()

    def _go_on(self) -> None:
        """Let a run go on after an interruption."""
        if self._is_running and self._trainer is not None:
            self._was_past = self.is_past
            self._motor.go(self._trainer, self._goal)

    def _give_up(self) -> None:
        self._is_running = False
        self._goal = None
        self.state_changed.emit()

    def _check(self) -> None:
        """Pause at a goal, at the end of the past, at a stop condition, or at the last state where all is finite."""
        if self._trainer is None:
            return
        problem, stop = self._trainer.find_non_finite(), self._trainer.take_stop()
        words = problem or stop
        if words is not None or self._trainer.stepper.step == self._goal or (self._was_past and not self.is_past):
            self.pause()
        if words is not None:
            self.message_posted.emit(words, problem is not None)

    def _show_frame(self, is_due: bool) -> None:
        """Show a moment of a run that goes on."""
        assert self._trainer is not None
        if is_due:
            # The next piece is computed while this one is drawn.
            snapshot = self._trainer.snapshot(exact=False)
            self._go_on()
            self._show_snapshot(snapshot)
        # Frames of a very large network take long: at least as much time goes to the run.
        elif perf_counter() - self._shown_at >= max(FRAME_SECONDS, 2 * self._shown_in) and not self._is_shown:
            self._show(exact=not self._motor.pace.is_fast)

    def _show(self, exact: bool = True) -> None:
        self._show_snapshot(None if self._trainer is None else self._trainer.snapshot(exact))

    def _show_snapshot(self, snapshot: Snapshot | None) -> None:
        begun = perf_counter()
        self.snapshot = snapshot
        self.frame_ready.emit(snapshot)
        if not self._is_running or self._motor.pace.rate is not None or begun - self._figures_at >= FIGURES_SECONDS:
            self._figures_at = begun
            self.figures_ready.emit(snapshot)
        self._shown_at = perf_counter()
        self._shown_in = self._shown_at - begun
