"""The Project: the experiment and where its nodes lie. All that undo covers; a value like its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.experiment import Experiment
from engine.program import Phase

Position = tuple[float, float]
MAX_WATCHES = 12


@dataclass(frozen=True)
class Project:
    """An experiment and the position of each node's top left corner on the canvas, in scene units (px at 100 %)."""

    experiment: Experiment
    positions: Mapping[int, Position] = field(default_factory=dict)


@dataclass(frozen=True, order=True)
class Breakpoint:
    """A run pauses before this pass comes to a node: `Phase.FORWARD`, also for the loss, or `Phase.BACKWARD`."""

    node: int
    phase: Phase


@dataclass(frozen=True)
class Watch:
    """A number that is kept in sight: a weight with its g and Δw or, without a parameter's name, a layer's ‖g‖."""

    node: int
    parameter: str = ""
    row: int = 0
    column: int = 0


@dataclass(frozen=True)
class View:
    """What is saved with the file but never undone.

    The zoom (1 = 100 %), the scene point at the middle, the panels shown, what is watched, and where a run pauses.
    """

    zoom: float = 1.0
    center: Position | None = None
    panels: tuple[str, ...] = ("loss", "predictions", "gradients", "weights")
    watches: tuple[Watch, ...] = ()
    breakpoints: tuple[Breakpoint, ...] = ()
