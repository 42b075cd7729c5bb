from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

import pytest
from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    QtMsgType,
    Signal,
    Slot,
    qInfo,
    qInstallMessageHandler,
    qWarning,
)
from pytestqt.qtbot import QtBot

from app import errors
from app.errors import ErrorReporter, install, report_exception, uninstall
from tests.app.failing import Heard, Painter, log_of

ROOT = Path(__file__).parent.parent.parent


# ---- what nobody catches ---------------------------------------------------------------------------------------------


class Receiver(QObject):
    asked = Signal()

    @Slot()
    def answer(self) -> None:
        raise LookupError("nobody caught this")


def test_what_a_slot_raises_is_reported_and_passed_on(reporter: ErrorReporter, heard: Heard, qtbot: QtBot) -> None:
    receiver = Receiver()
    receiver.asked.connect(receiver.answer)
    with qtbot.waitSignal(reporter.reported) as told:
        receiver.asked.emit()
    assert told.args == ["Something went wrong in the program: LookupError: nobody caught this"]
    assert 'raise LookupError("nobody caught this")' in log_of(reporter)
    assert [str(error) for error in heard] == ["nobody caught this"]


def test_what_a_thread_raises_is_reported_in_the_main_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    heard: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", heard.append)
    reporter = install(str(tmp_path))
    threads: list[threading.Thread] = []

    class Window(QObject):
        @Slot(str)
        def show(self, words: str) -> None:
            threads.append(threading.current_thread())

    window = Window()
    reporter.reported.connect(window.show)

    def work() -> None:
        raise LookupError("lost in the thread")

    with qtbot.waitSignal(reporter.reported) as told:
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()
    uninstall()
    assert told.args == ["Something went wrong in the thread worker: LookupError: lost in the thread"]
    assert threads == [threading.main_thread()]
    assert "lost in the thread" in log_of(reporter)
    assert [type(arguments.exc_value) for arguments in heard] == [LookupError]


def test_an_interrupt_is_no_error(reporter: ErrorReporter, heard: Heard) -> None:
    told: list[str] = []
    reporter.reported.connect(told.append)
    interrupt = KeyboardInterrupt()
    sys.excepthook(KeyboardInterrupt, interrupt, None)
    assert (told, heard) == ([], [interrupt])


def test_what_qt_says_is_logged_and_passed_on(reporter: ErrorReporter, qtlog: pytest.LogCaptureFixture) -> None:
    qInfo("the weather is fine")
    assert "INFO Qt: the weather is fine" in log_of(reporter)
    assert "the weather is fine" in [record.message for record in qtlog.records]


def test_without_another_handler_qt_still_speaks_to_the_console(
    tmp_path: Path, qapp: QCoreApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    before = qInstallMessageHandler(None)
    reporter = install(str(tmp_path))
    qWarning("a storm is coming")
    uninstall()
    qInstallMessageHandler(before)
    assert "WARNING Qt: a storm is coming" in log_of(reporter)
    assert capsys.readouterr().err == "a storm is coming\n"


# ---- installing ------------------------------------------------------------------------------------------------------


def test_everything_is_as_before_when_the_hooks_are_gone(tmp_path: Path, qapp: QCoreApplication) -> None:
    before = sys.excepthook, threading.excepthook
    reporter = install(str(tmp_path))
    assert (sys.excepthook, threading.excepthook) != before
    uninstall()
    uninstall()
    assert (sys.excepthook, threading.excepthook) == before
    qInfo("nobody listens")
    assert log_of(reporter) == ""


def test_hooks_put_over_ours_stay_when_ours_go(heard: Heard, tmp_path: Path, qapp: QCoreApplication) -> None:
    said: list[str] = []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Hear nothing."""

    def handler(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        said.append(text)

    before = qInstallMessageHandler(None)
    reporter = install(str(tmp_path))
    sys.excepthook = hook
    qInstallMessageHandler(handler)
    uninstall()
    qWarning("to the newest")
    qInstallMessageHandler(before)
    assert sys.excepthook is hook
    assert (said, log_of(reporter)) == (["to the newest"], "")


def test_installing_again_does_not_report_twice(reporter: ErrorReporter, heard: Heard, tmp_path: Path) -> None:
    again = install(str(tmp_path / "other"))
    Painter().paint()
    assert len(heard) == 1
    assert log_of(again).count("Traceback") == 1
    assert log_of(reporter) == ""


def test_the_log_file_turns_over_before_it_grows_large(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QCoreApplication
) -> None:
    monkeypatch.setattr(errors, "LOG_BYTES", 4000)
    install(str(tmp_path))
    for number in range(100):
        report_exception(f"place {number}", ValueError("x" * 300))
    uninstall()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [errors.LOG_NAME, *(f"{errors.LOG_NAME}.{n}" for n in (1, 2, 3))]
    assert all(file.stat().st_size <= 4000 for file in files)
    assert "place 99" in files[0].read_text("utf-8")


def test_where_no_log_file_can_be_made_errors_are_still_told(heard: Heard, tmp_path: Path, qtbot: QtBot) -> None:
    blocker = tmp_path / "file"
    blocker.touch()
    reporter = install(str(blocker / "log"))
    with qtbot.waitSignal(reporter.reported):
        Painter().paint()
    uninstall()
    assert reporter.log_path is None
    assert "no more ink" in reporter.details


# ---- under a test runner, and without one ----------------------------------------------------------------------------


@pytest.mark.parametrize("installed", [True, False])
def test_a_test_hears_of_every_guarded_error(installed: bool, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.captureExceptions() as caught:
        if installed:
            install(str(tmp_path))
        for _ in range(3):
            Painter().paint()
        uninstall()
    assert [str(error) for _, error, _ in caught] == ["no more ink"] * 3


def test_a_test_hears_of_guarded_errors_though_an_earlier_one_left_the_hooks_installed(
    tmp_path: Path, qtbot: QtBot
) -> None:
    earlier: Heard = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "excepthook", lambda kind, error, trace: earlier.append(error))
        install(str(tmp_path))
    with qtbot.captureExceptions() as caught:
        Painter().paint()
    uninstall()
    assert (len(caught), earlier) == (1, [])


PROGRAM = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer
from app.errors import guarded, install

app = QCoreApplication([])
install(sys.argv[1])

@guarded
def paint():
    raise ValueError("no more ink")

def answer():
    raise LookupError("nobody caught this")

for _ in range(100):
    paint()
QTimer.singleShot(0, answer)
QTimer.singleShot(0, app.quit)
sys.exit(app.exec())
"""


def test_a_program_goes_on_and_leaves_a_log(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    for text in (answer.stderr, (tmp_path / errors.LOG_NAME).read_text("utf-8")):
        assert text.count("ValueError: no more ink") == 1
        assert text.count("LookupError: nobody caught this") == 1


def test_the_log_has_a_place_of_its_own(qapp: QCoreApplication, home: Path) -> None:
    assert home in Path(errors.default_log_folder()).parents
