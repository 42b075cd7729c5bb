"""What enters a program, for all rows of a data set: made once for all who load rows of it, however they load them."""

from __future__ import annotations

from functools import cached_property
from weakref import WeakValueDictionary

import numpy as np

from engine.datasets import Dataset, feature_matrix
from engine.ops.call import Array
from engine.program import DataInput, Program


def data_table(dataset: Dataset, entry: DataInput, x: Array, y: Array) -> Array:
    """Give a data input's values for raw inputs `x` and targets `y` as [columns, rows]."""
    if entry.columns is not None:
        return np.ascontiguousarray(feature_matrix(dataset, x, entry.columns).T)
    if entry.encoding == "one-hot":
        return np.ascontiguousarray((y == np.arange(len(dataset.class_names))).T.astype(np.float64))
    return np.ascontiguousarray(y.T)


class DataTables:
    """The data inputs of a program for all rows: `by_column` is [columns, all rows] for each of them."""

    def __init__(self, by_column: tuple[Array, ...]) -> None:
        self.by_column = by_column

    @cached_property
    def by_row(self) -> Array:
        """All data inputs side by side, [all rows, columns]; made when it is first asked for."""
        return np.concatenate(self.by_column).T.copy() if self.by_column else np.zeros((1, 0))


_TABLES: WeakValueDictionary[tuple[Dataset, tuple[object, ...]], DataTables] = WeakValueDictionary()
"""As long as somebody has them, as those of a large data set should not lie in memory twice."""


def tables_of(dataset: Dataset, program: Program) -> DataTables:
    """Give what enters a program, for all rows of a data set."""
    key = (dataset, tuple((entry.columns, entry.encoding) for entry in program.data))
    found = _TABLES.get(key)
    if found is None:
        found = DataTables(tuple(data_table(dataset, entry, dataset.x, dataset.y) for entry in program.data))
        _TABLES[key] = found
    return found
