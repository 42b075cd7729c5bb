"""The shape of each data set, against its formula."""

from __future__ import annotations

import numpy as np
import pytest

from engine.dataset_generators import BUMP_WIDTH, BUMPS, CIRCLE_RADII, PLANE_SLOPES, XOR_MARGIN
from engine.datasets import make_dataset


def test_xor_keeps_its_margin_and_its_rule() -> None:
    made = make_dataset("xor", {"rows": 2001})
    assert np.abs(made.x).min() >= XOR_MARGIN
    assert np.abs(made.x).max() <= 1.0
    assert np.array_equal(made.y[:, 0], made.x[:, 0] * made.x[:, 1] < 0)
    quadrants = np.unique(np.sign(made.x), axis=0, return_counts=True)[1]
    assert quadrants.tolist() == [500, 500, 500, 501]


def test_circles_without_noise_are_circles() -> None:
    made = make_dataset("circles", {"noise": 0.0})
    radii = np.array(CIRCLE_RADII)[made.y[:, 0].astype(int)]
    np.testing.assert_allclose(np.hypot(*made.x.T), radii, rtol=1e-14)


def test_moons_without_noise_are_half_circles_on_their_own_sides() -> None:
    made = make_dataset("moons", {"noise": 0.0})
    side = np.where(made.y == 0, 1.0, -1.0)
    offset = made.x + side * np.array([1 / 3, 1 / 6])
    np.testing.assert_allclose(np.hypot(*offset.T), 2 / 3, rtol=1e-14)
    assert (side[:, 0] * offset[:, 1] >= 0).all()
    assert np.abs(made.x).max() <= 1.0


@pytest.mark.parametrize("arms", [2, 3])
def test_spirals_without_noise_lie_on_their_arms(arms: int) -> None:
    made = make_dataset("spirals", {"noise": 0.0, "arms": arms, "turns": 2.0})
    radius = np.hypot(*made.x.T)
    turned = np.arctan2(made.x[:, 1], made.x[:, 0]) / (2 * np.pi) - 2.0 * radius - made.y[:, 0] / arms
    np.testing.assert_allclose(turned, np.round(turned), atol=1e-12)
    assert made.class_names == tuple(f"arm {number}" for number in range(1, arms + 1))


@pytest.mark.parametrize("classes", [2, 5])
def test_blobs_lie_around_centers_apart_from_each_other(classes: int) -> None:
    made = make_dataset("blobs", {"classes": classes, "noise": 0.1, "rows": 5000})
    centers = np.array([made.x[made.y[:, 0] == label].mean(axis=0) for label in range(classes)])
    np.testing.assert_allclose(np.hypot(*centers.T), 0.6, atol=0.02)
    apart = np.hypot(*(centers - np.roll(centers, 1, axis=0)).T)
    np.testing.assert_allclose(apart, 1.2 * np.sin(np.pi / classes), atol=0.02)


def test_targets_without_noise_lie_exactly_on_their_curves() -> None:
    line = make_dataset("line", {"noise": 0.0, "slope": -1.5, "intercept": 0.25})
    assert np.array_equal(line.y, -1.5 * line.x + 0.25)
    sine = make_dataset("sine", {"noise": 0.0, "periods": 2.0})
    assert np.array_equal(sine.y, np.sin(2.0 * np.pi * sine.x))
    plane = make_dataset("plane", {"noise": 0.0})
    np.testing.assert_allclose(plane.y[:, 0], plane.x @ np.array(PLANE_SLOPES), atol=1e-15)
    bumps = make_dataset("bumps", {"noise": 0.0})
    expected = sum(h * np.exp(-((bumps.x - [a, b]) ** 2).sum(axis=1) / (2 * BUMP_WIDTH**2)) for a, b, h in BUMPS)
    np.testing.assert_allclose(bumps.y[:, 0], expected, atol=1e-15)


@pytest.mark.parametrize("key", ["circles", "moons", "spirals", "blobs", "xor"])
def test_noise_moves_the_points_by_its_standard_deviation_and_leaves_the_classes(key: str) -> None:
    clean, noisy = (make_dataset(key, {"rows": 4000, "noise": noise}) for noise in (0.0, 0.3))
    assert (noisy.x - clean.x).std() == pytest.approx(0.3, rel=0.05)
    assert np.array_equal(noisy.y, clean.y)


@pytest.mark.parametrize("key", ["line", "sine", "plane", "bumps"])
def test_noise_moves_the_targets_by_its_standard_deviation_and_leaves_the_inputs(key: str) -> None:
    clean, noisy = (make_dataset(key, {"rows": 4000, "noise": noise}) for noise in (0.0, 0.3))
    assert (noisy.y - clean.y).std() == pytest.approx(0.3, rel=0.05)
    assert np.array_equal(noisy.x, clean.x)


def test_iris_holds_fishers_measurements() -> None:
    made = make_dataset("iris", {"standardize": False})
    assert made.feature_names == ("sepal_length", "sepal_width", "petal_length", "petal_width")
    assert made.class_names == ("setosa", "versicolor", "virginica")
    assert np.bincount(made.y[:, 0].astype(int)).tolist() == [50, 50, 50]
    assert made.x[[0, 149]].tolist() == [[5.1, 3.5, 1.4, 0.2], [5.9, 3.0, 5.1, 1.8]]
    np.testing.assert_allclose(made.x[:50].mean(axis=0), [5.006, 3.428, 1.462, 0.246])
    assert made.domain == ((4.3, 7.9), (2.0, 4.4), (1.0, 6.9), (0.1, 2.5))


def test_iris_is_standardized_by_its_training_rows() -> None:
    plain, made = (make_dataset("iris", {"standardize": on, "test_share": 0.5}) for on in (False, True))
    np.testing.assert_allclose(made.x[made.train].mean(axis=0), 0.0, atol=1e-13)
    np.testing.assert_allclose(made.x[made.train].std(axis=0), 1.0, rtol=1e-13)
    assert np.abs(made.x[made.test].mean(axis=0)).max() > 1e-3
    for feature in range(4):
        assert np.corrcoef(plain.x[:, feature], made.x[:, feature])[0, 1] == pytest.approx(1.0)


def test_digits_are_images_of_digits() -> None:
    made = make_dataset("digits", {})
    assert made.x.shape == (1797, 64)
    assert made.image_shape == (8, 8)
    assert made.class_names == tuple("0123456789")
    assert np.bincount(made.y[:, 0].astype(int)).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (made.x.min(), made.x.max()) == (0.0, 1.0)
    assert set(made.domain) == {(0.0, 1.0)}
    zero = made.x[made.y[:, 0] == 0].mean(axis=0).reshape(8, 8)
    assert zero[3:5, 3:5].mean() < 0.2 < zero[3:5, [2, 5]].mean()  # a zero is hollow
