"""Where values enter the graph: the features and targets of the drawn rows."""

from __future__ import annotations

from collections.abc import Mapping

from engine.ops.base import Builder, Op, Value
from engine.setting import Setting


class Features(Op):
    """The inputs of the drawn rows."""

    name = "features"
    label = "Features"
    aliases = ("input", "data", "x")
    category = "Data"
    summary = "The inputs of the drawn rows: one column for each chosen feature."
    icon = "features"
    ports = ()
    settings = (
        Setting(
            "columns",
            (),
            "Columns",
            "Which columns of the data set enter here; none chosen means all of its own.",
        ),
    )
    forward_formula = "x = the drawn rows"

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Give the chosen columns."""
        columns = self.values["columns"]
        assert isinstance(columns, tuple)
        return build.features(columns)


class Target(Op):
    """What the network should say for the drawn rows."""

    name = "target"
    label = "Target"
    aliases = ("label", "output", "y")
    category = "Data"
    summary = "What the network should give for the drawn rows."
    icon = "target"
    ports = ()
    settings = (
        Setting(
            "encoding",
            "automatic",
            "Encoding",
            "How classes become numbers: one 0/1 column, or one column for each class. "
            "Automatic takes one column for two classes, else one for each.",
            choices=("automatic", "one-column", "one-hot"),
            choice_labels=("automatic", "one column 0/1", "one column a class"),
        ),
    )
    forward_formula = "y = the drawn rows"

    def lower(self, build: Builder, inputs: Mapping[str, tuple[Value, ...]]) -> Value:
        """Give the targets."""
        return build.target(str(self.values["encoding"]))
