"""What a person has set for this program on this machine: one declaration each, kept in an ini file."""

from __future__ import annotations

import base64
import binascii
import json
import os

from PySide6.QtCore import QObject, QSettings, QStandardPaths, Signal

from engine.setting import Setting, SettingError, SettingValue

MAX_RECENT = 10

THEME = Setting(
    "theme",
    "system",
    "Theme",
    "The colors of the window; system follows what the desktop says.",
    choices=("system", "light", "dark"),
    choice_labels=("System", "Light", "Dark"),
)
SPEED = Setting(
    "speed",
    1000.0,
    "Speed",
    "Micro-steps a second while it runs; 0 stands for as fast as possible.",
    minimum=0.0,
    maximum=1e6,
)
SLOW_START = Setting(
    "slow_first_step", True, "Slow first step", "Whether the first run of a document begins in slow motion."
)
RUN_STEPS = Setting(
    "run_steps", 100, "Steps", "So many steps a run goes on for, when it is asked to.", minimum=1, maximum=10**9
)
RECENT_FILES = Setting("recent_files", (), "Recent files", "The files opened or saved last, the newest first.")
WINDOW_GEOMETRY = Setting("window_geometry", "", "Window geometry", "Where the window was, as Qt describes it.")

SETTINGS = (THEME, SPEED, SLOW_START, RUN_STEPS, RECENT_FILES, WINDOW_GEOMETRY)


def default_path() -> str:
    """Give the ini file's place: the system's folder for settings of this application."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)
    return os.path.join(folder, "settings.ini")


class UserSettings(QObject):
    """The settings of one ini file. What is missing or damaged there has its default."""

    changed = Signal(str)
    """The name of the setting that has another value now."""

    def __init__(self, path: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = QSettings(path, QSettings.Format.IniFormat, self)

    def value(self, setting: Setting) -> SettingValue:
        """Give a setting's value, which always satisfies its declaration."""
        text = self._store.value(setting.name)
        if not isinstance(text, str):
            return setting.default
        try:
            return setting.check(text if isinstance(setting.default, str) else json.loads(text))
        except (SettingError, ValueError, RecursionError):
            return setting.default

    def set_value(self, setting: Setting, value: object) -> None:
        """Set a setting and save it. Raises SettingError for a value that its declaration refuses."""
        checked = setting.check(value)
        if checked == self.value(setting):
            return
        self._store.setValue(setting.name, checked if isinstance(checked, str) else json.dumps(checked))
        self._store.sync()
        self.changed.emit(setting.name)

    @property
    def theme(self) -> str:
        """One of "system", "light" and "dark"."""
        return str(self.value(THEME))

    @theme.setter
    def theme(self, theme: str) -> None:
        self.set_value(THEME, theme)

    @property
    def speed(self) -> float | None:
        """Micro-steps a second while it runs; None for as fast as possible."""
        return float(str(self.value(SPEED))) or None

    @speed.setter
    def speed(self, micro_steps_per_second: float | None) -> None:
        self.set_value(SPEED, micro_steps_per_second or 0.0)

    @property
    def slow_start(self) -> bool:
        """Whether the first run of a document begins in slow motion."""
        return bool(self.value(SLOW_START))

    @slow_start.setter
    def slow_start(self, is_slow: bool) -> None:
        self.set_value(SLOW_START, is_slow)

    @property
    def run_steps(self) -> int:
        """How many steps were run for last."""
        return int(str(self.value(RUN_STEPS)))

    @run_steps.setter
    def run_steps(self, count: int) -> None:
        self.set_value(RUN_STEPS, count)

    @property
    def recent_files(self) -> tuple[str, ...]:
        """Full paths, the newest first."""
        paths = self.value(RECENT_FILES)
        return paths[:MAX_RECENT] if isinstance(paths, tuple) else ()

    def add_recent_file(self, path: str) -> None:
        """Put a file at the top of the recent ones."""
        path = os.path.abspath(path)
        others = [other for other in self.recent_files if other != path]
        self.set_value(RECENT_FILES, [path, *others][:MAX_RECENT])

    def remove_recent_file(self, path: str) -> None:
        """Forget a file, as one that is no longer there."""
        self.set_value(RECENT_FILES, [other for other in self.recent_files if other != os.path.abspath(path)])

    def clear_recent_files(self) -> None:
        """Forget all recent files."""
        self.set_value(RECENT_FILES, ())

    @property
    def window_geometry(self) -> bytes:
        """What `QWidget.saveGeometry` gave; empty at first."""
        return self._bytes(WINDOW_GEOMETRY)

    @window_geometry.setter
    def window_geometry(self, geometry: bytes) -> None:
        self._set_bytes(WINDOW_GEOMETRY, geometry)

    def _bytes(self, setting: Setting) -> bytes:
        try:
            return base64.b64decode(str(self.value(setting)), validate=True)
        except (binascii.Error, ValueError):
            return b""

    def _set_bytes(self, setting: Setting, content: bytes) -> None:
        self.set_value(setting, base64.b64encode(content).decode("ascii"))
