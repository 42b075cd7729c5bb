"""Gradient clipping: a g that is too large is made smaller before the optimizer uses it. g itself stays as computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from engine.norms import gradient_norm
from engine.ops.call import Array
from engine.setting import Setting, complete


class Clipping:
    """A way to make ĝ of g. Subclasses register themselves under `name`, the one in files."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    formula: ClassVar[str] = ""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __init_subclass__(cls) -> None:
        """Register the subclass under its name."""
        CLIPPINGS[cls.name] = cls

    def clip(self, g: Array) -> None:
        """Make ĝ of `g`, a copy of the gradient of all parameters, in its place."""
        raise NotImplementedError


CLIPPINGS: dict[str, type[Clipping]] = {}


class NoClipping(Clipping):
    """ĝ = g."""

    name = "none"
    label = "none"
    summary = "The optimizer uses g as it is."

    def clip(self, g: Array) -> None:
        """Leave g as it is."""


class ClipNorm(Clipping):
    """ĝ = g · min(1, τ / ‖g‖): the direction stays (Pascanu, Mikolov & Bengio 2013)."""

    name = "norm"
    label = "by norm"
    summary = "Where g is longer than τ, it is shortened to τ; its direction stays."
    formula = "ĝ = g · min(1, τ / ‖g‖)"

    def clip(self, g: Array) -> None:
        """Scale down what is too long."""
        norm = gradient_norm(g)
        if norm > self.limit:
            g *= self.limit / norm


class ClipValue(Clipping):
    """ĝ = min(max(g, −τ), τ), number by number."""

    name = "value"
    label = "by value"
    summary = "Each number of g is cut off at τ and −τ; the direction may change."
    formula = "ĝ = min(max(g, −τ), τ)"

    def clip(self, g: Array) -> None:
        """Cut off each number."""
        np.clip(g, -self.limit, self.limit, out=g)


CLIPPING_SETTINGS = (
    Setting(
        "clipping",
        NoClipping.name,
        "Clip g",
        "Makes a large g smaller before the optimizer uses it; g itself stays as computed.",
        choices=tuple(CLIPPINGS),
        choice_labels=tuple(clipping.label for clipping in CLIPPINGS.values()),
    ),
    Setting(
        "clip_limit",
        1.0,
        "Limit τ",
        "By norm: the greatest length of g. By value: the greatest size of each of its numbers.",
        positive=True,
        maximum=1e12,
        depends_on="clipping",
    ),
)
"""What every optimizer that goes by the size of g lets people set."""


def make_clipping(values: Mapping[str, object]) -> Clipping:
    """Make the clipping that an optimizer's settings choose; what is not among them has its default."""
    given = {setting.name: values[setting.name] for setting in CLIPPING_SETTINGS if setting.name in values}
    own = complete(CLIPPING_SETTINGS, given)
    return CLIPPINGS[str(own["clipping"])](float(str(own["clip_limit"])))
