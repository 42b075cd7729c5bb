"""Settings: what they take, what they refuse in words, and that a checked value is checked."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.gradients import GRADIENT_METHODS
from engine.ops import OPS
from engine.optimizers import OPTIMIZERS
from engine.setting import MAX_WHOLE, Setting, SettingError, SettingValue, complete

FLAG = Setting("flag", True, "Flag")
COUNT = Setting("count", 8, "Count", minimum=1, maximum=100)
RATE = Setting("rate", 0.5, "Rate", minimum=0.0, positive=True)
WORD = Setting("word", "a", "Word", choices=("a", "b"), choice_labels=("first", "second"))
FREE = Setting("free", "", "Free")
NAMES = Setting("names", (), "Names")

each_setting = pytest.mark.parametrize("setting", [FLAG, COUNT, RATE, WORD, FREE, NAMES], ids=lambda s: s.name)

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from((10**400, -(10**400), sys.float_info.max, int(sys.float_info.max) + 1)),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(("a", "b")),
    st.lists(st.text(max_size=2), max_size=3),
)


@pytest.mark.parametrize(
    ("setting", "given_value", "value"),
    [
        (FLAG, False, False),
        (COUNT, 3, 3),
        (COUNT, 3.0, 3),
        (COUNT, 1, 1),
        (COUNT, 100, 100),
        (RATE, 1, 1.0),
        (RATE, 1e-300, 1e-300),
        (WORD, "b", "b"),
        (FREE, "any words", "any words"),
        (NAMES, ["x", "y"], ("x", "y")),
    ],
)
def test_fitting_values_come_in_the_settings_own_type(
    setting: Setting, given_value: object, value: SettingValue
) -> None:
    found = setting.check(given_value)
    assert found == value
    assert type(found) is type(setting.default)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        (FLAG, 1, "Flag: yes or no is needed, not 1"),
        (COUNT, True, "Count: a number is needed, not True"),
        (COUNT, "3", "Count: a number is needed, not '3'"),
        (COUNT, 2.5, "Count: a whole number is needed, not 2.5"),
        (COUNT, 0, "Count must be at least 1, not 0"),
        (COUNT, 101, "Count must be at most 100, not 101"),
        (RATE, 0, "Rate must be above 0, not 0"),
        (RATE, math.nan, "Rate: a finite number is needed"),
        (RATE, math.inf, "Rate: a finite number is needed"),
        (RATE, 10**400, "Rate: a finite number is needed"),
        (WORD, "c", "Word: 'c' is not one of a, b"),
        (WORD, 1, "Word: a word is needed, not 1"),
        (FREE, 7, "Free: a word is needed, not 7"),
        (FREE, "x" * 501, "Free has at most 500 characters"),
        (NAMES, "x", "Names: a list of names is needed"),
        (NAMES, ["x", 1], "Names: a list of names is needed"),
        (NAMES, ["x", "x"], "Names: a name stands there twice"),
    ],
)
def test_other_values_are_refused_in_words(setting: Setting, value: object, words: str) -> None:
    with pytest.raises(SettingError) as caught:
        setting.check(value)
    assert str(caught.value.message) == words


@each_setting
@given(value=anything)
def test_a_value_is_either_refused_or_fit_for_good(setting: Setting, value: object) -> None:
    try:
        checked = setting.check(value)
    except SettingError:
        return
    assert type(checked) is type(setting.default)
    assert setting.check(checked) == checked
    if setting is COUNT:
        assert isinstance(checked, int)
        assert 1 <= checked <= 100


def test_complete_fills_in_defaults_and_refuses_unknown_names() -> None:
    assert complete((FLAG, COUNT), {"count": 2.0}) == {"flag": True, "count": 2}
    with pytest.raises(SettingError, match="no setting 'counts'"):
        complete((FLAG, COUNT), {"counts": 2})
    with pytest.raises(SettingError, match="Count must be"):
        complete((FLAG, COUNT), {"count": -2})


def test_a_whole_number_that_no_file_could_hold_is_refused() -> None:
    setting = Setting("stop", 1, "Stop")
    assert setting.check(MAX_WHOLE) == MAX_WHOLE
    for value in (MAX_WHOLE + 1, -MAX_WHOLE - 1, 1e18):
        with pytest.raises(SettingError, match="at most 18 digits"):
            setting.check(value)


def test_choices_have_words() -> None:
    assert WORD.label_of("b") == "second"
    assert WORD.label_of("unknown") == "unknown"


def test_every_declared_default_passes_its_own_check() -> None:
    declared = [kind.settings for kinds in (OPS, OPTIMIZERS, GRADIENT_METHODS) for kind in kinds.values()]
    for setting in (setting for settings in declared for setting in settings):
        assert setting.check(setting.default) == setting.default
        assert len(setting.choice_labels) in (0, len(setting.choices))
        assert setting.label
