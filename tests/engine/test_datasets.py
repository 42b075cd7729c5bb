"""What every data set promises: sizes, split, determinism, bounds, columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dataset_kind import DatasetError
from engine.datasets import DATASETS, Dataset, column_label, columns, feature_matrix, make_dataset
from engine.setting import Setting, SettingError, SettingValue

DRAWN = [key for key, kind in DATASETS.items() if any(setting.name == "rows" for setting in kind.settings)]
CLASSIFIED = [key for key, kind in DATASETS.items() if kind.task == "classification"]


def values_of(setting: Setting) -> st.SearchStrategy[SettingValue]:
    """Give every value that the declaration allows, but no more than 300 rows."""
    if isinstance(setting.default, bool):
        return st.booleans()
    assert setting.minimum is not None
    assert setting.maximum is not None
    if isinstance(setting.default, int):
        highest = 300 if setting.name == "rows" else int(setting.maximum)
        return st.integers(int(setting.minimum), highest)
    return st.floats(setting.minimum, setting.maximum)


@st.composite
def chosen_settings(draw: st.DrawFn) -> tuple[str, dict[str, SettingValue]]:
    """Choose a data set and values for its settings."""
    key = draw(st.sampled_from(sorted(DATASETS)))
    return key, {setting.name: draw(values_of(setting)) for setting in DATASETS[key].settings}


def check_promises(made: Dataset, given_values: Mapping[str, SettingValue]) -> None:
    """Check what holds for every data set, whatever its settings."""
    rows = len(made.x)
    assert rows == given_values.get("rows", rows)
    assert made.x.shape == (rows, len(made.feature_names))
    assert made.y.shape == (rows, 1)
    assert made.x.dtype == made.y.dtype == np.float64
    assert np.isfinite(made.x).all()
    assert np.isfinite(made.y).all()
    assert made.train.dtype == made.test.dtype == np.int64
    assert sorted([*made.train, *made.test]) == list(range(rows))
    assert len(made.domain) == made.x.shape[1]
    lows, highs = np.array(made.domain).T
    assert (lows < highs).all()
    assert (lows <= made.x.min(axis=0)).all()
    assert (made.x.max(axis=0) <= highs).all()
    share = given_values["test_share"]
    assert isinstance(share, float)
    groups = max(len(made.class_names), 1)
    if share == 0.0:
        assert len(made.test) == 0
    else:
        assert abs(len(made.test) - share * rows) <= max(groups, 0.5)
        assert len(np.unique(made.y[made.test]) if made.class_names else [0]) == groups
    assert len(np.unique(made.y[made.train]) if made.class_names else [0]) == groups
    assert len(made.train) > 0


@settings(max_examples=150, deadline=None)
@given(chosen_settings())
def test_every_data_set_keeps_its_promises(choice: tuple[str, dict[str, SettingValue]]) -> None:
    key, given_values = choice
    check_promises(make_dataset(key, given_values), given_values)


@pytest.mark.parametrize("key", DATASETS)
def test_both_bounds_of_every_setting_work(key: str) -> None:
    defaults = {setting.name: setting.default for setting in DATASETS[key].settings}
    for setting in DATASETS[key].settings:
        low, high = (False, True) if isinstance(setting.default, bool) else (setting.minimum, setting.maximum)
        assert low is not None
        assert high is not None
        for bound in (low, high):
            chosen = {**defaults, setting.name: setting.check(bound)}
            check_promises(make_dataset(key, chosen), chosen)


@pytest.mark.parametrize("key", DATASETS)
def test_declarations_are_worded_and_hold_for_what_is_made(key: str) -> None:
    kind, made = DATASETS[key], make_dataset(key, {})
    assert kind.key == made.key == key
    assert kind.label == made.label
    assert kind.summary.endswith(".")
    assert kind.task == made.task
    assert bool(made.class_names) == (kind.task == "classification")
    assert all(setting.label and setting.help.endswith(".") for setting in kind.settings)
    assert all(setting.check(setting.default) == setting.default for setting in kind.settings)


@pytest.mark.parametrize("key", DATASETS)
def test_arrays_cannot_be_written_to(key: str) -> None:
    made = make_dataset(key, {})
    for array in (made.x, made.y, made.train, made.test):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("key", DATASETS)
def test_the_same_settings_give_the_same_data_even_when_made_anew(key: str) -> None:
    first = make_dataset(key, {"seed": 5})
    for seed in range(100, 120):
        make_dataset("line", {"seed": seed})
    again = make_dataset(key, {"seed": 5})
    assert again is not first
    for name in ("x", "y", "train", "test"):
        assert np.array_equal(getattr(first, name), getattr(again, name))


@pytest.mark.parametrize("key", DATASETS)
def test_defaults_need_not_be_given_and_a_repeated_question_costs_nothing(key: str) -> None:
    defaults = {setting.name: setting.default for setting in DATASETS[key].settings}
    assert make_dataset(key, {}) is make_dataset(key, defaults)


@pytest.mark.parametrize("key", DATASETS)
def test_another_seed_gives_another_split_and_other_drawn_rows(key: str) -> None:
    fixed: dict[str, SettingValue] = {"standardize": False} if key == "iris" else {}
    one, other = (make_dataset(key, {**fixed, "seed": seed}) for seed in (1, 2))
    assert not np.array_equal(one.test, other.test)
    assert np.array_equal(one.x, other.x) == (key not in DRAWN)


@pytest.mark.parametrize("key", DRAWN)
def test_more_rows_keep_the_first_ones(key: str) -> None:
    few, many = make_dataset(key, {"rows": 31}), make_dataset(key, {"rows": 64})
    np.testing.assert_allclose(many.x[:31], few.x, rtol=1e-12)
    np.testing.assert_allclose(many.y[:31], few.y, rtol=1e-12)


@pytest.mark.parametrize("key", CLASSIFIED)
@pytest.mark.parametrize("share", [0.1, 0.25, 1 / 3, 0.9])
def test_the_split_shares_out_every_class_alike(key: str, share: float) -> None:
    made = make_dataset(key, {"test_share": share})
    totals, tested = (np.bincount(labels[:, 0].astype(int)) for labels in (made.y, made.y[made.test]))
    assert (np.abs(tested - share * totals) < 1.0).all()
    assert len(made.test) == round(share * len(made.x))


@pytest.mark.parametrize("key", [key for key in CLASSIFIED if key in DRAWN])
@pytest.mark.parametrize("rows", [10, 11, 13, 301])
def test_drawn_classes_differ_in_size_by_one_row_at_most(key: str, rows: int) -> None:
    most = {"blobs": {"classes": 5}, "spirals": {"arms": 3}}.get(key, {})
    made = make_dataset(key, {"rows": rows, **most})
    counts = np.bincount(made.y[:, 0].astype(int), minlength=len(made.class_names))
    assert counts.sum() == rows
    assert counts.max() - counts.min() <= 1


def test_rows_within_a_split_are_mixed() -> None:
    largest = []
    for seed in range(60):
        iris = make_dataset("iris", {"seed": seed})
        for rows in (iris.train, iris.train[::-1], iris.test):
            largest.append(np.bincount(iris.y[rows[:12], 0].astype(int)).max())
    assert np.mean(largest) < 6.2  # 5.7 on average for 12 rows in a fair order, 12 for rows sorted by class


def test_columns_of_two_inputs_and_their_formulas() -> None:
    made = make_dataset("moons", {})
    keys = columns(made)
    assert keys == ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
    assert [column_label(made, key) for key in keys] == ["x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂"]
    a, b = 0.5, -2.0
    expected = [a, b, a * a, b * b, a * b, np.sin(a), np.sin(b)]
    np.testing.assert_allclose(feature_matrix(made, np.array([[a, b], [0.0, 0.0]]), keys), [expected, [0.0] * 7])
    assert np.array_equal(feature_matrix(made, made.x, ["x2", "x1"]), made.x[:, ::-1])


def test_columns_of_one_input_and_their_formulas() -> None:
    made = make_dataset("sine", {})
    assert columns(made) == ("x", "x^2", "sin(x)")
    assert [column_label(made, key) for key in columns(made)] == ["x", "x²", "sin x"]
    np.testing.assert_allclose(feature_matrix(made, np.array([[-0.5]]), columns(made)), [[-0.5, 0.25, -np.sin(0.5)]])


def test_columns_of_many_inputs_are_the_inputs() -> None:
    iris, digits = make_dataset("iris", {}), make_dataset("digits", {})
    assert columns(iris) == iris.feature_names
    assert column_label(iris, "petal_width") == "petal width"
    assert len(columns(digits)) == 64
    assert np.array_equal(feature_matrix(digits, digits.x, columns(digits)), digits.x)
    assert np.array_equal(feature_matrix(iris, iris.x, ["petal_width", "sepal_length"]), iris.x[:, [3, 0]])


def test_no_columns_and_no_rows_are_empty_matrices() -> None:
    made = make_dataset("xor", {})
    assert feature_matrix(made, made.x, []).shape == (200, 0)
    assert feature_matrix(made, np.empty((0, 2)), ["x1", "x1*x2"]).shape == (0, 2)


def test_unknown_names_are_refused_in_words() -> None:
    with pytest.raises(DatasetError, match="there is no data set 'moon'"):
        make_dataset("moon", {})
    with pytest.raises(SettingError, match="arms"):
        make_dataset("moons", {"arms": 2})
    with pytest.raises(SettingError, match="Rows must be at least 10"):
        make_dataset("moons", {"rows": 9})
    made = make_dataset("iris", {})
    with pytest.raises(DatasetError, match=r"Iris has no column 'x1\^2'"):
        feature_matrix(made, made.x, ["x1^2"])
    with pytest.raises(DatasetError, match="Iris has no column 'x1'"):
        column_label(made, "x1")
