"""What keys do on the canvas: nudge and delete, follow wires, aim a wire, let go."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ui.canvas.editor import NUDGES, Editor
from ui.canvas.geometry import GRID
from ui.canvas.key_wiring import KeyWiring
from ui.canvas.selection import SelectableView
from ui.canvas.walking import Walking
from ui.canvas.wiring import WiringGesture

_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_ALT = Qt.KeyboardModifier.AltModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_AIMS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Backtab: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Tab: 1,
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CanvasKeys:
    """Carries out the keys that are no actions of the window."""

    def __init__(
        self, view: SelectableView, editor: Editor, gesture: WiringGesture, walking: Walking, wiring: KeyWiring
    ) -> None:
        self._view = view
        self._editor = editor
        self._gesture = gesture
        self._walking = walking
        self._wiring = wiring

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key means here; tell whether it means anything."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self._let_go()
        elif self._aims(event):
            if key in _ENTER:
                self._wiring.take()
            else:
                self._wiring.step(_AIMS[key])
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not event.modifiers() & ~_KEYPAD:
            self._editor.delete_selection()
        elif _walks(event):
            self._walking.go(key)
        elif self._nudges(event):
            step = 1.0 if event.modifiers() & _SHIFT else GRID
            dx, dy = NUDGES[key]
            self._editor.nudge(self._view.selected_nodes(), dx * step, dy * step)
        else:
            return False
        return True

    def keeps(self, event: QKeyEvent) -> bool:
        """Tell whether a key means something here before it means anything to the window."""
        ends_wire = event.key() == Qt.Key.Key_Escape and self._gesture.is_active
        return ends_wire or self._aims(event) or _walks(event) or self._nudges(event)

    def _let_go(self) -> None:
        if self._wiring.is_active:
            self._wiring.cancel()
        elif self._gesture.is_active:
            self._gesture.cancel()
        else:
            self._view.select(())

    def _aims(self, event: QKeyEvent) -> bool:
        is_plain = not event.modifiers() & ~(_KEYPAD | _SHIFT)
        return self._wiring.is_active and is_plain and (event.key() in _AIMS or event.key() in _ENTER)

    def _nudges(self, event: QKeyEvent) -> bool:
        is_plain = not event.modifiers() & ~(_KEYPAD | _SHIFT)
        return event.key() in NUDGES and is_plain and bool(self._view.selected_nodes())


def _walks(event: QKeyEvent) -> bool:
    return event.key() in NUDGES and event.modifiers() & ~_KEYPAD == _ALT
