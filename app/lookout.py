"""The Lookout: where a run that goes by itself pauses, beside its stop conditions, and why."""

from __future__ import annotations

from dataclasses import dataclass

from app.breakpoints import Breakpoints
from engine.graph import Node
from engine.message import Message, message
from engine.phases import Visit, next_visit, visit
from engine.program import Phase
from engine.stepper import Stepper
from engine.timeline import Place
from engine.trainer import Trainer


@dataclass(frozen=True)
class Aim:
    """What a run goes on to: a place of its line, or the next pass that comes to a node. `words` are said there."""

    place: Place | None = None
    node: int | None = None
    words: Message | None = None
    hurries: bool = False
    """Whether it goes there as fast as it can."""


NO_AIM = Aim()


class Lookout:
    """Looks ahead for one run. `set_out` begins it; `halt` gives where to look again, `arrival` what is there."""

    def __init__(self, breakpoints: Breakpoints) -> None:
        self._breakpoints = breakpoints
        self._begin = Place(0)
        self.aim = NO_AIM

    def set_out(self, trainer: Trainer, aim: Aim) -> None:
        """Begin at the present place, which itself pauses nothing."""
        self._begin, self.aim = trainer.timeline.place, aim

    def halt(self, trainer: Trainer) -> Place | None:
        """Give the next place at which the run pauses or is to be looked at again; None where it goes on for ever.

        Which nodes a step comes to is known when it has begun: before, the slots may still change.
        """
        places = (self._next_look(trainer), self.aim.place)
        return min((place for place in places if place is not None), default=None)

    def has_arrived(self, trainer: Trainer) -> bool:
        """Tell whether the run is to pause where it stands."""
        place, goal = trainer.timeline.place, self.aim.place
        return (goal is not None and place >= goal) or self._visit(trainer) is not None

    def words(self, trainer: Trainer) -> Message | None:
        """Say why it pauses here; None where that needs no words."""
        found = self._visit(trainer)
        if found is None:
            return self.aim.words
        is_marked = found in self._marked
        return _pause_words(trainer.stepper, found, is_marked)

    @property
    def _marked(self) -> frozenset[Visit]:
        return frozenset((mark.node, mark.phase) for mark in self._breakpoints.present)

    @property
    def _wanted(self) -> frozenset[Visit]:
        node = self.aim.node
        here: frozenset[Visit] = frozenset()
        if node is not None:
            here = frozenset({(node, Phase.FORWARD), (node, Phase.BACKWARD)})
        return self._marked | here

    def _next_look(self, trainer: Trainer) -> Place | None:
        """Give the next place where a wanted node comes, or may come; None where none ever does."""
        wanted, place, stepper = self._wanted, trainer.timeline.place, trainer.stepper
        if not wanted:
            return None
        if not place.micro:
            return Place(place.step, 1)
        number = next_visit(stepper, wanted, place.micro + 1)
        if number is not None:
            return Place(place.step, number)
        # In the past the slots may change from step to step.
        comes_again = trainer.timeline.is_past or next_visit(stepper, wanted, 1) is not None
        return Place(place.step + 1) if comes_again else None

    def _visit(self, trainer: Trainer) -> Visit | None:
        """Give the wanted node that the next micro-step comes to."""
        place, wanted = trainer.timeline.place, self._wanted
        if not wanted or not place.micro or place == self._begin:
            return None
        found = visit(trainer.stepper, place.micro)
        return found if found in wanted else None


def _pause_words(stepper: Stepper, found: Visit, is_marked: bool) -> Message:
    node, phase = found
    name = _name(stepper.program.graph.node(node))
    if phase is Phase.FORWARD:
        words = (
            "Paused before the loss, {node}"
            if node == stepper.program.loss.node
            else ("Paused before forward through {node}")
        )
        what = message(words, node=name)
    elif stepper.method.is_reverse:
        what = message("Paused before backward through {node}", node=name)
    else:
        what = message("Paused before {method}, {node}", method=message(stepper.method.label), node=name)
    return message("{words} (breakpoint)", words=what) if is_marked else what


def _name(node: Node) -> Message:
    """Name a node and what it is: "A · 4 tanh"."""
    return message("{name} · {what}", name=node.words, what=node.build().caption()) if node.name else node.words
