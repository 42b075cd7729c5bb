"""Words and numbers for people."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QTranslator

from app.translate import CONTEXT, format_count, format_number, sentence, tr
from engine.message import Figure, message

GERMAN = {
    "Open…": "Öffnen …",
    "Step {step} of {total}": "Von {total} der {step}. Schritt",
    "{node} has no input": "{node} hat keinen Eingang",
    "Cannot run: {reason}": "Läuft nicht: {reason}",
}


class German(QTranslator):
    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        return GERMAN.get(source, source) if context == CONTEXT else source

    def isEmpty(self) -> bool:
        return False


@pytest.fixture
def german(qapp: QCoreApplication) -> Iterator[None]:
    translator = German()
    assert QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def test_without_a_translation_the_english_text_is_filled_in() -> None:
    assert tr("Step {step} of {total}", step=3, total=10) == "Step 3 of 10"
    assert tr(message("{node} has no input", node="A")) == "A has no input"


@pytest.mark.usefixtures("german")
def test_templates_are_translated_and_may_change_the_order() -> None:
    assert tr("Open…") == "Öffnen …"
    assert tr("Step {step} of {total}", step=3, total=10) == "Von 10 der 3. Schritt"
    assert tr("Not in the catalogue {n}", n=1) == "Not in the catalogue 1"


@pytest.mark.usefixtures("german")
def test_messages_inside_messages_are_translated_first() -> None:
    reason = message("{node} has no input", node="A")
    assert tr(message("Cannot run: {reason}", reason=reason)) == "Läuft nicht: A hat keinen Eingang"
    assert tr("Cannot run: {reason}", reason=reason) == "Läuft nicht: A hat keinen Eingang"


def test_braces_in_a_text_without_arguments_or_in_an_argument_stay() -> None:
    assert tr("set {1, 2}") == "set {1, 2}"
    assert tr("Opened {name}", name="{odd}.bplab") == "Opened {odd}.bplab"


def test_whole_numbers_are_grouped_wherever_they_stand_in_words_but_yes_and_no_are_not_numbers() -> None:
    space = "\N{NARROW NO-BREAK SPACE}"
    assert tr("Step {step} of {total}", step=999, total=4820) == f"Step 999 of 4{space}820"
    assert tr(message("{count} numbers", count=-1234567)) == f"-1{space}234{space}567 numbers"
    assert tr("{size:g} and {yes}", size=4820, yes=True) == "4820 and True"


def test_a_sentence_begins_with_a_capital_but_a_name_stays_as_it_is() -> None:
    assert sentence(message("there is no {name} here", name="b_A")) == "There is no b_A here"
    assert sentence(message("{name} has {size} numbers", name="b_A", size=4)) == "b_A has 4 numbers"


def test_a_missing_argument_is_an_error() -> None:
    with pytest.raises(KeyError, match="total"):
        tr("Step {step} of {total}", step=3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0458, "0.0458"),
        (12.3, "12.300"),
        (123.456, "123.46"),
        (-0.19, "-0.1900"),
        (9.99996, "10.000"),
        (1e5, "100000"),
        (999999.7, "1.0e+06"),
        (1.2e-05, "1.2e-05"),
        (0.0009996, "1.0e-03"),
        (-3.7e11, "-3.7e+11"),
        (0.0, "0.0000"),
        (-0.0, "0.0000"),
        (7, "7.0000"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers_have_fixed_digits(value: float, text: str) -> None:
    assert format_number(value) == text


def test_numbers_can_have_other_digits_and_a_plus() -> None:
    assert format_number(0.39, 2, signed=True) == "+0.39"
    assert format_number(-0.194, 2, signed=True) == "-0.19"
    assert format_number(0.0, 2, signed=True) == "0.00"
    assert format_number(math.pi, 8) == "3.14159265"
    assert format_number(math.pi * 1e-9, 8) == "3.14159e-09"


@settings(deadline=None, derandomize=True)
@given(st.floats(-1e300, 1e300), st.integers(2, 10))
def test_a_number_s_text_reads_back_close_and_ordinary_sizes_share_one_width(value: float, digits: int) -> None:
    text = format_number(value, digits)
    assert float(text) == pytest.approx(value, rel=0.051)
    assert text.isascii()
    if 0.1 <= abs(value) < 10.0**digits - 1:
        assert len(text.lstrip("-")) == digits + 2


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (999, "999"), (1284, "1 284"), (-1000000, "-1 000 000")])
def test_counts_have_thin_spaces_between_thousands(count: int, text: str) -> None:
    assert format_count(count) == text.replace(" ", "\N{NARROW NO-BREAK SPACE}")


def test_a_computed_figure_has_a_steady_width_and_a_setting_is_written_as_it_is() -> None:
    words = message("{loss} of {bound}", loss=Figure(0.0458123), bound=2.5)
    assert tr(words) == "0.0458 of 2.5"
    assert str(words) == "0.0458123 of 2.5"
