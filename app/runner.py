"""The Runner: what can be done with the document's run, and the news of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.breakpoints import Breakpoints
from app.document import Document
from app.frames import Frames
from app.gradient_steps import GradientSteps
from app.known_fault import KnownFault
from app.lookout import NO_AIM, Aim, Lookout
from app.motor import Motor
from app.opening import Opening
from app.pace import Pace
from app.project import Project
from app.training import Training
from app.travel import Travel
from engine.compiler import Compilation
from engine.datasets import Dataset
from engine.fault import Fault
from engine.message import Message, message
from engine.run_state import RunState
from engine.snapshot import Snapshot
from engine.timeline import Place
from engine.trainer import Trainer


class Runner(Travel):
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
        self.has_slow_start = False
        """Whether the first step of a document plays in slow motion when it is first run."""
        self._is_running = self._was_past = self._is_new = False
        self._is_fresh = True
        self._opening: Opening | None = None
        self._words: Message | None = None
        self._known_fault = KnownFault()
        self._frames = Frames(self.frame_ready.emit, self.figures_ready.emit)
        self._pace = Pace()
        self.breakpoints = Breakpoints(document, self)
        self._lookout = Lookout(self.breakpoints)
        self.gradient = GradientSteps(lambda: self._trainer, lambda: self._is_running, self._act, self._proceed)
        self._motor = Motor(self._pace, self._check, self._show_frame, self._give_up, self)
        document.loaded.connect(self._on_document_loaded)
        document.settled.connect(self._on_document_settled)
        self.breakpoints.changed.connect(self._on_breakpoints_changed)
        self._training = Training(document.project.experiment)
        self._show()

    @property
    def snapshot(self) -> Snapshot | None:
        """The moment shown last."""
        return self._frames.shown

    @property
    def words(self) -> Message | None:
        """What is to be said of the present moment before all else: of the first step, or why the run has paused."""
        return self._words if self._opening is None else self._opening.words

    @property
    def fault(self) -> Fault | None:
        """Where a value became non-finite, while the run stands at the beginning of that step or right behind it."""
        trainer = self._trainer
        return None if trainer is None or self._is_running else self._known_fault.at(trainer.timeline.place, self.line)

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
    def line(self) -> tuple[object, int, int]:
        """On which line the run goes, also one that waits."""
        return self._training.line

    @property
    def _trainer(self) -> Trainer | None:
        return self._training.trainer

    def run(self, aim: Aim = NO_AIM) -> None:
        """Go on by itself until paused or there; in the past, without an aim, until its end."""
        trainer = self._trainer
        if trainer is None or self._is_running:
            return
        self._is_running = True
        self._words = None
        self._known_fault.forget()
        self._lookout.set_out(trainer, aim)
        if self._is_fresh and self.has_slow_start and aim == NO_AIM and trainer.timeline.end == Place(0):
            self._opening = Opening(trainer.stepper)
            self._motor.set_pace(self._opening)
        self._is_fresh = False
        self._go_on()
        self.state_changed.emit()

    def pause(self) -> None:
        """Stop: after the update where steps go by too fast to be followed, else after the present micro-step."""
        if not self._is_running:
            return
        trainer, is_fast = self._trainer, self._motor.pace.is_fast
        self._stop()
        if trainer is not None and trainer.stepper.micro and trainer.stepper.is_short and is_fast:
            trainer.finish_step()
            self._check()
        self.state_changed.emit()
        self._show()

    @property
    def speed(self) -> float | None:
        """How many micro-steps a second are asked for; None for as many as can be, and for the slow first step."""
        return None if self._opening is not None or self._lookout.aim.hurries else self._pace.rate

    def set_speed(self, micro_steps_per_second: float | None) -> None:
        """Set how fast a run goes by itself; None is as fast as it can. It ends the slow motion of the first step."""
        self._motor.interrupt()
        self._pace.rate = micro_steps_per_second
        self._pace.drop()
        self._end_opening()
        self._go_on()

    def set_executor(self, name: str) -> None:
        """Let another executor compute from here on, where it can."""
        self._motor.interrupt()
        self._training.set_executor(name)
        self._show()
        self._go_on()

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
        self._words = None
        if self._trainer is not None:
            action(self._trainer)
            self._check()
            self._show()
            self.state_changed.emit()

    def _on_breakpoints_changed(self) -> None:
        self._motor.interrupt()
        self._go_on()

    def _on_document_loaded(self) -> None:
        self.pause()
        self._is_new = self._is_fresh = True

    def _on_document_settled(self, old: Project, new: Project) -> None:
        if new.experiment is old.experiment and not self._is_new:
            return
        self._motor.interrupt()
        self._words = None
        self._known_fault.forget()
        if self._is_new:
            self._training.forget()
        elif self._training.change(old.experiment, new.experiment):
            self._show()
            self._go_on()
            return
        self._is_new = False
        self._end_opening()
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
            self._motor.go(self._trainer, self._halt(self._trainer), hurries=self._lookout.aim.hurries)

    def _stop(self) -> None:
        """Let the run stand where it is."""
        self._is_running = False
        self._motor.stop()
        self._end_opening()

    def _give_up(self) -> None:
        self._is_running = False
        self._end_opening()
        self._frames.show(self.snapshot)  # figures may be behind it
        self.state_changed.emit()

    def _halt(self, trainer: Trainer) -> Place | None:
        """Give where a run is to be looked at next."""
        return self._lookout.halt(trainer) if self._opening is None else self._opening.halt

    def _end_opening(self) -> None:
        if self._opening is not None:
            self._opening = None
            self._motor.set_pace(self._pace)

    def _check(self) -> None:
        """Pause where the run was to go, at the end of the past, at a stop, or where the last values are finite."""
        if (trainer := self._trainer) is None:
            return
        fault, stop = trainer.find_non_finite(), trainer.take_stop()
        self._known_fault.note(fault, self.line)
        has_arrived = self._is_running and not fault and not stop and self._lookout.has_arrived(trainer)
        stop = self._lookout.words(trainer) if has_arrived else stop
        if has_arrived or fault or stop or (self._was_past and not self.is_past and self._lookout.aim == NO_AIM):
            self._stop_and_show(stop)
        elif self._is_running:
            self._look_on(trainer)
        if fault is not None:
            self.message_posted.emit(fault.words, True)
        elif stop is not None:
            self.message_posted.emit(stop, False)

    def _stop_and_show(self, words: Message | None) -> None:
        if self._is_running:
            self._words = words
            self._stop()
            self.state_changed.emit()
            self._show()

    def _look_on(self, trainer: Trainer) -> None:
        """Find where a run is to be looked at next, and end the slow motion after the first step."""
        if self._opening is not None:
            self._opening.follow()
            if self._opening.is_over:
                self._end_opening()
        self._motor.halt = self._halt(trainer)

    def _show_frame(self, is_due: bool) -> None:
        """Show a moment of a run that goes on."""
        assert self._trainer is not None
        if is_due:
            # The next piece is computed while this one is drawn.
            snapshot = self._trainer.snapshot(exact=False)
            self._go_on()
            self._show_snapshot(snapshot)
        elif self._frames.is_due(self._trainer):
            self._show(exact=not self._motor.pace.is_fast)

    def _show(self, exact: bool = True) -> None:
        self._show_snapshot(None if self._trainer is None else self._trainer.snapshot(exact))

    def _show_snapshot(self, snapshot: Snapshot | None) -> None:
        self._frames.show(snapshot, is_fast=self._is_running and self._pace.rate is None)
