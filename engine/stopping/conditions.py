"""The kinds of stop condition, in the order in which people choose from them: one class each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from engine.message import Message, grouped, message
from engine.setting import Setting
from engine.stopping.base import Progress, StopCondition


class Steps(StopCondition):
    """step ≥ n."""

    name = "steps"
    label = "steps"
    summary = "Stops when so many steps are completed, counted from the beginning of the run."
    settings = (Setting("count", 1000, "Steps n", "The run stops after this step.", minimum=1, maximum=10**12),)

    def holds(self, progress: Progress) -> bool | None:
        """Compare the steps."""
        return progress.step >= self.number("count")

    def due(self, step_of: Callable[[int], int]) -> float:
        """Give that step."""
        return self.number("count")

    @property
    def goes_by_sets(self) -> bool:
        """It counts."""
        return False

    def words(self, progress: Progress) -> Message:
        """Name the step."""
        return message("step {step} is reached", step=grouped(int(self.number("count"))))


class Epochs(StopCondition):
    """epoch ≥ n, in completed epochs."""

    name = "epochs"
    label = "epochs"
    summary = "Stops when every training row was used so many times, counted from the beginning of the run."
    settings = (Setting("count", 100, "Epochs n", "The run stops after this epoch.", minimum=1, maximum=10**12),)

    def holds(self, progress: Progress) -> bool | None:
        """Compare the epochs."""
        return progress.epoch >= self.number("count")

    def due(self, step_of: Callable[[int], int]) -> float:
        """Give the last step of that epoch."""
        return step_of(int(self.number("count")))

    @property
    def goes_by_sets(self) -> bool:
        """It counts."""
        return False

    def words(self, progress: Progress) -> Message:
        """Name the epoch."""
        return message("epoch {epoch} is reached", epoch=grouped(int(self.number("count"))))


class LossBelow(StopCondition):
    """L < bound."""

    name = "loss-below"
    label = "loss below a bound"
    summary = "Stops when a loss is below a bound. The losses of the whole sets are evaluated at some steps only."
    settings = (
        Setting(
            "of",
            "train",
            "Loss of",
            "Which rows the loss is of.",
            choices=("train", "test", "batch"),
            choice_labels=("training set", "test set", "this batch"),
        ),
        Setting("bound", 0.01, "Bound", "The run stops when the loss is less. An objective may be negative."),
    )

    def holds(self, progress: Progress) -> bool | None:
        """Compare the loss, where it is known."""
        loss = self._loss(progress)
        return None if loss is None else math.isfinite(loss) and loss < self.number("bound")

    @property
    def batch_bound(self) -> float:
        """The bound, where it is one for batches."""
        return self.number("bound") if self.values["of"] == "batch" else -math.inf

    @property
    def goes_by_sets(self) -> bool:
        """It does, unless it is one for batches."""
        return self.values["of"] != "batch"

    def words(self, progress: Progress) -> Message:
        """Name the loss and the bound."""
        names = {
            "train": message("the training loss"),
            "test": message("the test loss"),
            "batch": message("the loss of the batch"),
        }
        bound = self.number("bound")
        return message(
            "{name} {loss} is below {bound}",
            name=names[str(self.values["of"])],
            loss=_below(self._loss(progress), bound),
            bound=_number(bound),
        )

    def _loss(self, progress: Progress) -> float | None:
        losses = {"train": progress.train_loss, "test": progress.test_loss, "batch": progress.batch_loss}
        return losses[str(self.values["of"])]


class GradientNorm(StopCondition):
    """‖g‖ < bound, with g over all training rows."""

    name = "gradient-norm"
    label = "gradient below a bound"
    summary = (
        "Stops when ‖g‖ over all training rows is below a bound. It is evaluated at some steps only, as in a test: "
        "nothing is dropped, Batch norm goes by its running statistics, and pinned parameters do not count."
    )
    settings = (Setting("bound", 1e-3, "Bound", "The run stops when ‖g‖ is less.", positive=True),)

    def holds(self, progress: Progress) -> bool | None:
        """Compute g where the training loss is evaluated too."""
        return None if progress.train_loss is None else progress.gradient_norm() < self.number("bound")

    def words(self, progress: Progress) -> Message:
        """Name the norm and the bound."""
        bound = self.number("bound")
        return message(
            "‖g‖ over the training set, {norm}, is below {bound}",
            norm=_below(progress.gradient_norm(), bound),
            bound=_number(bound),
        )


class GradientAbove(StopCondition):
    """‖g‖ > bound, with g over all training rows."""

    name = "gradient-above"
    label = "gradient above a bound"
    summary = (
        "Stops when ‖g‖ over all training rows is above a bound, as where a run begins to diverge. It is evaluated at "
        "some steps only, as in a test: nothing is dropped, and pinned parameters do not count."
    )
    settings = (Setting("bound", 100.0, "Bound", "The run stops when ‖g‖ is more.", positive=True),)

    def holds(self, progress: Progress) -> bool | None:
        """Compute g where the training loss is evaluated too."""
        if progress.train_loss is None:
            return None
        norm = progress.gradient_norm()
        return math.isfinite(norm) and norm > self.number("bound")

    def words(self, progress: Progress) -> Message:
        """Name the norm and the bound."""
        bound = self.number("bound")
        return message(
            "‖g‖ over the training set, {norm}, is above {bound}",
            norm=_above(progress.gradient_norm(), bound),
            bound=_number(bound),
        )


class Plateau(StopCondition):
    """No L < L* − δ |L*| during N steps; L* is the training loss after the last such fall, to begin with the first one.

    So what has risen must come below L* again before it counts as fallen. Where evaluations of L lie k N steps apart,
    k such falls must lie between them: L < L* − (1 − (1 − δ)ᵏ) |L*|.
    """

    name = "plateau"
    label = "plateau"
    summary = "Stops when in N steps the training loss has not fallen by more than a share δ of itself."
    settings = (
        Setting(
            "share",
            1e-3,
            "Share δ",
            "A fall counts where it is more than this share of the loss.",
            minimum=0.0,
            maximum=1.0,
        ),
        Setting("steps", 500, "Steps N", "So many steps without such a fall stop the run.", minimum=1, maximum=10**12),
    )

    def __init__(self, settings: Mapping[str, object] | None = None) -> None:
        super().__init__(settings)
        self.reset()

    def reset(self) -> None:
        """Begin at the next loss that is evaluated."""
        self._reference = math.inf
        self._since = self._seen = 0

    def holds(self, progress: Progress) -> bool | None:
        """Follow the loss, and count the steps since its last fall."""
        loss = progress.train_loss
        if loss is None:
            return None
        if not math.isfinite(loss):
            return False
        steps, falls = self.number("steps"), max((progress.step - self._seen) // self.number("steps"), 1)
        share = 1.0 - (1.0 - self.number("share")) ** falls if falls > 1 else self.number("share")
        self._seen = progress.step
        if self._reference == math.inf or loss < self._reference - share * abs(self._reference):
            self._reference, self._since = loss, progress.step
        return progress.step - self._since >= steps

    def words(self, progress: Progress) -> Message:
        """Name the steps and the share."""
        return message(
            "in {steps} steps the training loss has not fallen by more than a share of {share}",
            steps=grouped(int(self.number("steps"))),
            share=_number(self.number("share")),
        )


def _number(value: float) -> str:
    return f"{value:.12g}"


def _below(value: float | None, bound: float) -> str:
    """Write a value that is below a bound with four digits, or as many as it takes to see that."""
    assert value is not None, "only a condition that holds has words"
    return next(text for text in _texts(value) if float(text) < bound)


def _above(value: float, bound: float) -> str:
    """Write a value that is above a bound likewise."""
    return next(text for text in _texts(value) if float(text) > bound)


def _texts(value: float) -> Iterator[str]:
    return (f"{value:.{digits}g}" for digits in range(4, 18))
