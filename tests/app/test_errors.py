from __future__ import annotations

from time import monotonic

from PySide6.QtCore import (
    QCoreApplication,
)
from pytestqt.qtbot import QtBot

from app.errors import SECONDS_BETWEEN, ErrorReporter, Limiter, report_exception
from engine.message import EngineError, message
from tests.app.failing import Heard, Painter, log_of


def test_a_guarded_function_reports_and_returns(reporter: ErrorReporter, heard: Heard, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reporter.reported) as told:
        Painter().paint()
    assert told.args == ["Something went wrong in Painter.paint: ValueError: no more ink"]
    for text in (reporter.details, log_of(reporter)):
        assert "Painter.paint" in text
        assert 'raise ValueError("no more ink")' in text
    assert [str(error) for error in heard] == ["no more ink"]


def test_a_guarded_function_takes_what_it_is_given(reporter: ErrorReporter, heard: Heard) -> None:
    Painter().paint_many(3, color="blue")
    assert [str(error) for error in heard] == ["no more ink for 3 in blue"]


def test_a_guarded_slot_takes_no_more_arguments_than_it_has(heard: Heard, qapp: QCoreApplication) -> None:
    painter = Painter()
    painter.asked.connect(painter.paint)
    painter.asked.connect(painter.paint_many)
    painter.asked.emit(5)
    assert [str(error) for error in heard] == ["no more ink", "no more ink for 5 in teal"]


def test_an_error_with_words_is_told_in_its_words(reporter: ErrorReporter, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reporter.reported) as told:
        report_exception("the journal", EngineError(message("{count} entries are missing", count=2)))
    assert told.args == ["Something went wrong in the journal: 2 entries are missing"]


def test_a_failing_paint_does_not_flood(reporter: ErrorReporter) -> None:
    told: list[str] = []
    reporter.reported.connect(told.append)
    painter = Painter()
    begun = monotonic()
    for _ in range(1000):
        painter.paint()
    assert 1 <= len(told) <= 1 + (monotonic() - begun) / SECONDS_BETWEEN
    assert log_of(reporter).count("Traceback") == len(told)


def test_what_was_held_back_is_counted_in_the_next_report(qapp: QCoreApplication) -> None:
    time = 0.0
    reporter = ErrorReporter(clock=lambda: time)
    error = ValueError("again")
    assert reporter.report("paint", error)
    assert [reporter.report("paint", error) for _ in range(57)] == [False] * 57
    time = SECONDS_BETWEEN
    assert reporter.report("paint", error)
    assert "paint (57 more times before)" in reporter.details


def test_other_places_and_other_errors_are_told_of_at_once(qapp: QCoreApplication) -> None:
    reporter = ErrorReporter(clock=lambda: 0.0)
    assert reporter.report("paint", ValueError())
    assert reporter.report("resize", ValueError())
    assert reporter.report("paint", KeyError())
    assert not reporter.report("paint", ValueError())


def test_a_limiter_lets_one_of_a_kind_through_in_a_time() -> None:
    time = 0.0
    limiter = Limiter(1.0, lambda: time)
    assert [limiter.admit("a"), limiter.admit("a"), limiter.admit("b"), limiter.admit("a")] == [0, None, 0, None]
    time = 1.0
    assert [limiter.admit("a"), limiter.admit("b"), limiter.admit("a")] == [2, 0, None]


def test_details_keep_the_last_errors_the_newest_first(qapp: QCoreApplication) -> None:
    reporter = ErrorReporter()
    for number in range(100):
        reporter.report(f"place <{number}>", ValueError())
    places = [line for line in reporter.details.splitlines() if "place <" in line]
    assert "place <99>" in places[0]
    assert "place <80>" in places[-1]


def test_a_receiver_that_fails_itself_does_no_more_harm(reporter: ErrorReporter, heard: Heard) -> None:
    def fail(words: str) -> None:
        raise RuntimeError("the status bar is broken, too")

    reporter.reported.connect(fail)
    Painter().paint()
    assert {str(error) for error in heard} == {"no more ink", "the status bar is broken, too"}
    assert "the status bar is broken, too" in log_of(reporter)
