"""The run of the document's network: a trainer, or what waits while there is no network to train."""

from __future__ import annotations

from dataclasses import replace

from app.errors import report_exception
from engine.compiler import Compilation, compile_graph
from engine.continuation import continue_run, load_run, save_run
from engine.datasets import Dataset, make_dataset
from engine.experiment import REFERENCE, Experiment
from engine.graph import Graph
from engine.message import EngineError, Message
from engine.program import Program
from engine.run_state import RunState
from engine.trainer import Trainer


class Training:
    """Makes the trainer of an experiment, anew for each edit that asks for it, with the weights carried over.

    `trainer` is None while the network has a problem; what was trained before waits until it is mended, and so does a
    stored run that was opened with such a network.
    """

    def __init__(self, experiment: Experiment) -> None:
        self.trainer: Trainer | None = None
        self.dataset: Dataset
        self.compilation: Compilation
        self._suspended: Trainer | None = None
        self._waiting: RunState | None = None
        self._executor = REFERENCE
        self.prepare(experiment)

    @property
    def line(self) -> tuple[object, int, int]:
        """On which line the run goes, also one that waits: a segment, a number in it, and how often it was changed."""
        trainer = self.trainer or self._suspended
        if trainer is None:
            return None, 0, 0
        return trainer.timeline, trainer.timeline.number, trainer.timeline.history.changes_by_hand

    @property
    def place(self) -> tuple[int, int]:
        """How far the run has got, also one that waits: completed steps, and micro-steps of the next one."""
        trainer = self.trainer or self._suspended
        if trainer is not None:
            return trainer.timeline.end.step, trainer.timeline.end.micro
        return (0, 0) if self._waiting is None else (self._waiting.step, self._waiting.micro)

    def forget(self) -> None:
        """Let nothing of the run so far go on."""
        self.trainer = self._suspended = self._waiting = None

    def forget_waiting(self) -> None:
        """Let nothing that waits go on."""
        self._suspended = self._waiting = None

    def set_executor(self, name: str) -> None:
        """Let another executor compute from here on, where it can."""
        self._executor = name
        if self.trainer is not None:
            self.trainer.change_executor(name)

    def prepare(self, experiment: Experiment) -> Message | None:
        """Compile an experiment and go on with it; say what people should know of that."""
        dataset = make_dataset(experiment.data.kind, experiment.data.settings)
        self.dataset = dataset
        rows = max(min(experiment.batch_size or len(dataset.train), len(dataset.train)), 1)
        self.compilation = compile_graph(experiment.graph, dataset, rows)
        if self.trainer is not None:
            self.trainer, self._suspended = None, self.trainer
        if self.compilation.program is None:
            return None
        return self._begin(experiment, dataset, self.compilation.program)

    def change(self, old: Experiment, new: Experiment) -> bool:
        """Go on with another pipeline or other stop conditions; give False where that takes another preparation."""
        parts = [(e.graph, e.data, e.batch_size, e.seed) for e in (old, new)]
        if self.trainer is None or parts[0] != parts[1]:
            return False
        self.trainer.change_pipeline(new)
        return True

    def save(self, graph: Graph) -> RunState | None:
        """Give the run as it is stored with this graph, also one that waits; None where there is none."""
        trainer = self.trainer or self._suspended
        return self._waiting if trainer is None else save_run(trainer, graph.nodes)

    def load(self, state: RunState) -> None:
        """Go on from a stored run, at once or when the network is mended.

        Raises EngineError where it does not fit; the run is then at step 0.
        """
        if self.trainer is None:
            self._waiting = state
        else:
            load_run(self.trainer, state)

    def _begin(self, experiment: Experiment, dataset: Dataset, program: Program) -> Message | None:
        """Make the trainer; where that fails, what was trained before waits as it does for a broken graph."""
        words = None
        try:
            trainer = Trainer(experiment, dataset, program)
            if self._executor != REFERENCE:
                trainer.change_executor(self._executor)
            if self._waiting is not None:
                load_run(trainer, self._waiting)
            elif self._suspended is not None and _is_only_another_seed(self._suspended, experiment):
                self._suspended.branch()
                trainer.begin_segment(self._suspended.timeline.ghosts)
            elif self._suspended is not None:
                continue_run(self._suspended, trainer)
        except Exception as error:
            if self._waiting is None or not isinstance(error, EngineError):
                report_exception("preparing the network", error)
                return None
            # The mended network is another one than the stored run's.
            words = error.message
        self.trainer, self._suspended, self._waiting = trainer, None, None
        return words


def _is_only_another_seed(old: Trainer, new: Experiment) -> bool:
    """Tell whether a run that has not begun differs in its seed alone: then its weights are simply drawn anew."""
    return old.stepper.step == 0 and replace(old.experiment, seed=new.seed) == new
