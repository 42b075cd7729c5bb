"""The Runner: owns the run and decides when it computes. The only code that schedules.

The numpy executor runs in slices on the GUI thread, one for each frame, so that the event loop is never held for long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from PySide6.QtCore import QObject, QTimer, Signal

from app.document import Document
from app.errors import report_exception
from app.pace import Pace
from app.project import Project
from engine.compiler import Compilation, compile_graph
from engine.continuation import continue_run, load_run, save_run
from engine.datasets import Dataset, make_dataset
from engine.experiment import Experiment
from engine.message import EngineError, message
from engine.program import Program
from engine.run_state import RunState
from engine.snapshot import Snapshot
from engine.trainer import Trainer

SLICE_SECONDS = 0.008
FRAME_SECONDS = 1 / 30


def _is_only_another_seed(old: Trainer, new: Experiment) -> bool:
    """Tell whether a run that has not begun differs in its seed alone: then its weights are simply drawn anew."""
    return old.stepper.step == 0 and replace(old.experiment, seed=new.seed) == new


class Runner(QObject):
    """Runs the document's experiment and hands out one snapshot a frame.

    `frame_ready(Snapshot | None)`: None while the graph has problems. `problems_changed(Compilation)`: after every
    compilation. `message_posted(Message, bool)`: something people should know, such as why the run has stopped, and
    whether that is a problem.
    """

    frame_ready = Signal(object)
    state_changed = Signal()
    problems_changed = Signal(object)
    message_posted = Signal(object, bool)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._trainer: Trainer | None = None
        self._suspended: Trainer | None = None
        self._is_running = False
        self._pace = Pace()
        self._shown_at = 0.0
        self._shown_in = 0.0
        self._goal: int | None = None
        self._waiting: RunState | None = None
        self._is_shown = False
        self._is_new = True
        self.snapshot: Snapshot | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)
        document.loaded.connect(self._on_document_loaded)
        document.settled.connect(self._on_document_settled)
        self._compile(document.project.experiment)

    @property
    def is_running(self) -> bool:
        """Whether the run goes on by itself."""
        return self._is_running

    @property
    def place(self) -> tuple[int, int]:
        """How far the run has got, also one that waits: completed steps, and micro-steps of the next one."""
        trainer = self._trainer or self._suspended
        if trainer is not None:
            return trainer.timeline.end.step, trainer.timeline.end.micro
        return (0, 0) if self._waiting is None else (self._waiting.step, self._waiting.micro)

    @property
    def is_past(self) -> bool:
        """Whether the run stands at a step that it had gone beyond."""
        return self._trainer is not None and self._trainer.timeline.is_past

    @property
    def _is_paced(self) -> bool:
        """Whether micro-steps fall due one by one; a single long step goes as fast as it can."""
        return self._pace.rate is not None and self._goal is None

    @property
    def can_run(self) -> bool:
        """Whether there is a program to run."""
        return self._trainer is not None

    @property
    def can_go_back(self) -> bool:
        """Whether an earlier state is recorded."""
        return self._trainer is not None and self._trainer.timeline.can_go_back

    def run(self) -> None:
        """Go on by itself until paused; in the past, until its end."""
        if self._trainer is None or self._is_running:
            return
        self._is_running = True
        self._start_timer()
        self.state_changed.emit()

    def pause(self) -> None:
        """Stop: after the update where steps go by too fast to be followed, else after the present micro-step."""
        if not self._is_running:
            return
        self._is_running = False
        self._goal = None
        self._timer.stop()
        stepper = None if self._trainer is None else self._trainer.stepper
        if self._trainer is not None and stepper and stepper.micro and stepper.is_short and self._pace.is_fast:
            self._trainer.finish_step()
            self._check()
        self.state_changed.emit()
        self._show()

    def set_speed(self, micro_steps_per_second: float | None) -> None:
        """Set how fast a run goes by itself; None is as fast as it can."""
        self._pace.rate = micro_steps_per_second
        if self._is_running:
            self._start_timer()

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
        self._act(
            lambda trainer: trainer.go_to(min(max(step, trainer.timeline.history.first), trainer.timeline.end.step))
        )

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
        self._suspended = self._waiting = None
        self._act(lambda trainer: trainer.reset())

    def save_state(self) -> RunState | None:
        """Give the run as it is stored, also one that waits for its network to be mended; None where there is none."""
        trainer = self._trainer or self._suspended
        if trainer is None:
            return self._waiting
        return save_run(trainer, self._document.project.experiment.graph.nodes)

    def load_state(self, state: RunState) -> None:
        """Go on from a stored run, at once or when the network is mended.

        Raises EngineError where it does not fit; the run is then at step 0.
        """
        if self._trainer is None:
            self._waiting = state
            return
        load_run(self._trainer, state)
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
        self._waiting = None
        self._is_new = True

    def _on_document_settled(self, old: Project, new: Project) -> None:
        if new.experiment is old.experiment and not self._is_new:
            return
        before, after = old.experiment, new.experiment
        same_arena = (before.graph, before.data, before.batch_size, before.seed) == (
            after.graph,
            after.data,
            after.batch_size,
            after.seed,
        )
        if self._trainer is not None and same_arena and not self._is_new:
            self._trainer.change_pipeline(after)
            self._show()
        else:
            self._compile(after)

    def _compile(self, experiment: Experiment) -> None:
        """Compile anew; a run goes on with its weights, and one whose graph is broken waits until it is whole again."""
        dataset = make_dataset(experiment.data.kind, experiment.data.settings)
        self.dataset: Dataset = dataset
        rows = max(min(experiment.batch_size or len(dataset.train), len(dataset.train)), 1)
        self.compilation: Compilation = compile_graph(experiment.graph, dataset, rows)
        before = None if self._is_new else self._trainer or self._suspended
        self._is_new = False
        self._trainer, self._suspended = None, before
        if self.compilation.program is not None:
            self._begin(experiment, dataset, self.compilation.program)
        if self._is_running and not self.can_run:
            self.pause()
            self.message_posted.emit(message("Paused: the network has a problem, shown on its node"), True)
        self.problems_changed.emit(self.compilation)
        self._show()
        self.state_changed.emit()

    def _begin(self, experiment: Experiment, dataset: Dataset, program: Program) -> None:
        """Make the trainer; where that fails, what was trained before waits as it does for a broken graph."""
        try:
            trainer = Trainer(experiment, dataset, program)
            if self._waiting is not None:
                load_run(trainer, self._waiting)
            elif self._suspended is not None and not _is_only_another_seed(self._suspended, experiment):
                continue_run(self._suspended, trainer)
        except Exception as error:
            if self._waiting is None or not isinstance(error, EngineError):
                report_exception("preparing the network", error)
                return
            # The mended network is another one than the stored run's.
            self.message_posted.emit(error.message, True)
        self._trainer, self._suspended, self._waiting = trainer, None, None

    def _on_timer_timeout(self) -> None:
        try:
            self._tick()
        except Exception as error:
            # The next tick would fail as this one did.
            self._is_running = False
            self._timer.stop()
            report_exception("the run", error)
            self.state_changed.emit()

    def _tick(self) -> None:
        if self._is_paced:
            self._do_due_micro_steps()
        else:
            self._advance()
        # Frames of a very large network take long: at least as much time goes to the run.
        pause = max(FRAME_SECONDS, 2 * self._shown_in)
        if self._is_running and not self._is_shown and perf_counter() - self._shown_at >= pause:
            self._show(exact=not self._pace.is_fast)

    def _advance(self) -> None:
        assert self._trainer is not None
        self._is_shown, was_past = False, self.is_past
        self._trainer.advance(SLICE_SECONDS, self._goal)
        self._check()
        if self._trainer.stepper.step == self._goal or (was_past and not self.is_past):
            self.pause()

    def _do_due_micro_steps(self) -> None:
        """Do the micro-steps that are due; what does not fit into a slice is dropped rather than owed for ever."""
        self._pace.count()
        deadline = perf_counter() + SLICE_SECONDS
        while self._is_running and self._pace.take():
            assert self._trainer is not None
            self._is_shown, was_past = False, self.is_past
            self._trainer.micro_step()
            if self._trainer.stepper.micro == 0:
                self._check()
            if was_past and not self.is_past:
                self.pause()
            if perf_counter() > deadline:
                self._pace.drop()

    def _start_timer(self) -> None:
        self._pace.begin()
        self._timer.start(15 if self._is_paced else 0)

    def _check(self) -> None:
        """Pause and say why, at a stop condition or where a value is not finite: at the last finite state then."""
        if self._trainer is None:
            return
        problem, stop = self._trainer.find_non_finite(), self._trainer.take_stop()
        words = problem or stop
        if words is not None:
            self.pause()
            self.message_posted.emit(words, problem is not None)

    def _show(self, exact: bool = True) -> None:
        begun = perf_counter()
        self.snapshot = None if self._trainer is None else self._trainer.snapshot(exact)
        self._is_shown = True
        self.frame_ready.emit(self.snapshot)
        self._shown_at = perf_counter()
        self._shown_in = self._shown_at - begun
