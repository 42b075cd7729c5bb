"""Where a value became non-finite: a button beside the message that goes there or back, and the way to the node."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.errors import guarded
from app.runner import Runner
from app.translate import format_count, tr
from engine.fault import Fault
from engine.snapshot import Snapshot
from ui.status_line import StatusLine


class FaultOffer(QObject):
    """Offers this in the status line while it is true.

    A run that came there by itself stands before the step, where all is finite: from there the value can be shown.
    Where it is shown, there is the way back before the step. `node_requested(id)`: a person wants to see the node.
    """

    node_requested = Signal(int)

    def __init__(self, runner: Runner, status: StatusLine) -> None:
        super().__init__(status)
        self._runner, self._status = runner, status
        self._fault: Fault | None = None
        runner.state_changed.connect(self._show)
        runner.frame_ready.connect(self._show)
        status.offer_taken.connect(self._on_status_offer_taken)

    def show_node(self) -> bool:
        """Ask for the node that the message is about; tells whether it is about one."""
        fault = self._fault
        if fault is None or fault.node is None or self._status.words != tr(fault.words):
            return False
        self.node_requested.emit(fault.node)
        return True

    def _show(self, _news: object = None) -> None:
        before, fault = self._fault, self._runner.fault
        if fault is None and before is None:
            return
        self._fault = fault
        if fault is None and before is not None:
            if self._status.words == tr(before.words):
                self._status.say("")
        elif fault is not None:
            words = tr(fault.words)
            if before is None:
                self._status.say(words, is_problem=True)
            if self._status.words == words:
                self._show_offer(fault, self._runner.snapshot)

    def _show_offer(self, fault: Fault, snapshot: Snapshot | None) -> None:
        step = format_count(fault.step)
        if snapshot is not None and snapshot.micro:
            self._status.show_offer(tr("Go to the Step Before"), tr("Back to step {step}: all is finite", step=step))
        elif snapshot is not None and fault.number < snapshot.micro_count - 1:
            tip = tr("On from step {step}, where all is finite, up to the first value that is not", step=step)
            self._status.show_offer(tr("Show the Value"), tip)
        else:
            # What an update gives is nowhere to be seen: it would be the next step's beginning.
            self._status.show_offer("")

    @guarded
    def _on_status_offer_taken(self) -> None:
        fault, snapshot = self._fault, self._runner.snapshot
        if fault is None or snapshot is None:
            return
        if snapshot.micro:
            self._runner.cancel_step()
        else:
            self.show_node()
            self._runner.go_to_fault(fault)
