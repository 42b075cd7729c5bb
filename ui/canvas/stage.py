"""What the canvas lights up at one moment of a step: frames, wires and chips. Pure functions of a snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from engine.gradients import GradientMethod
from engine.ops.data import Features, Target
from engine.program import Phase, Program
from engine.snapshot import Snapshot

Wire = tuple[int, int]
"""The nodes at a wire's ends."""


class Chip(Enum):
    """What a chip says about its numbers."""

    EMPTY = "empty"
    STALE = "stale"
    FRESH = "fresh"


@dataclass(frozen=True)
class Stage:
    """The lights: nodes in a frame of the phase's color, wires that carry values or δ, and the chips of each layer."""

    phase: Phase | None = None
    nodes: frozenset[int] = frozenset()
    forward: frozenset[Wire] = frozenset()
    backward: frozenset[Wire] = frozenset()
    fresh_gradients: frozenset[int] = frozenset()
    has_gradient: bool = False
    has_update: bool = False
    sums: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Nodes whose output is used several times: how many of these have handed δ back, from two on, of how many."""
    is_updated: bool = False
    """Whether the last micro-step was an update that has computed Δw."""
    is_open: bool = False
    """Whether it has changed weights."""

    def gradient_chip(self, node: int) -> Chip:
        """Tell how the chip g of a layer looks."""
        if node in self.fresh_gradients:
            return Chip.FRESH
        return Chip.STALE if self.has_gradient else Chip.EMPTY

    @property
    def update_chip(self) -> Chip:
        """Tell how the chips Δw look."""
        if self.is_updated:
            return Chip.FRESH
        return Chip.STALE if self.has_update else Chip.EMPTY


def make_stage(snapshot: Snapshot, method: GradientMethod) -> Stage:
    """Light up what the snapshot's last micro-step was about."""
    last, program = snapshot.last, snapshot.program
    # While a search tries its candidates, phase 5 has begun and no weight has changed.
    is_updated = snapshot.phase is Phase.UPDATE and snapshot.micro == 0 and snapshot.update_step == snapshot.step - 1
    known = Stage(
        has_gradient=snapshot.gradient_step is not None,
        has_update=snapshot.update_step is not None,
        is_updated=is_updated,
        is_open=is_updated and snapshot.has_changed_weights,
    )
    if last is None:
        return known
    nodes = frozenset() if last.node is None else frozenset({last.node})
    forward: frozenset[Wire] = frozenset()
    backward: frozenset[Wire] = frozenset()
    fresh: frozenset[int] = frozenset()
    sums: dict[int, tuple[int, int]] = {}
    if last.phase is Phase.SAMPLE:
        known_nodes = program.graph.nodes
        nodes = frozenset(id_ for id_ in program.outputs if issubclass(known_nodes[id_].kind, Features | Target))
    elif last.phase in (Phase.FORWARD, Phase.LOSS):
        forward = frozenset((e.source, e.target) for e in program.graph.edges if e.target in nodes)
    elif last.phase is Phase.BACKWARD:
        done = snapshot.micro - 1 - len(program.instructions)
        if method.is_reverse:
            backward, sums = _swept(program, done), _sums(program, done)
        pending = {method.node(program, number) for number in range(done, method.count(program))}
        # A pass that is about no node in particular is about all weights.
        fresh = frozenset() if None in pending else frozenset(program.layers) - pending
    elif known.has_gradient and snapshot.reuse is None:
        fresh = frozenset(program.layers)
    lights = replace(known, phase=last.phase, nodes=nodes, forward=forward, backward=backward)
    return replace(lights, fresh_gradients=fresh, sums=sums)


def _swept(program: Program, done: int) -> frozenset[Wire]:
    """Give the wires over which the first passes of the sweep have handed δ to another node."""
    return frozenset(_handed_back(program, done))


def _sums(program: Program, done: int) -> dict[int, tuple[int, int]]:
    """Give the nodes to which at least two uses have handed δ back, with how many of how many."""
    added, uses = (Counter(node for node, _ in _handed_back(program, count)) for count in (done, None))
    return {node: (count, uses[node]) for node, count in added.items() if count > 1}


def _handed_back(program: Program, passes: int | None) -> list[Wire]:
    """Give the wires over which the first passes hand δ to another node, once for each use; None: all passes."""
    return [
        (value.node, step.instruction.node)
        for step in program.backward[:passes]
        for value, target in zip(step.instruction.inputs, step.targets, strict=True)
        if target is not None
        and value.node != step.instruction.node
        and program.outputs[value.node].index == value.index
    ]
