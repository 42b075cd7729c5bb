"""How functions are compiled: the one place that imports numba."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from engine.compiled.cache import folder

# Of no type, so that mypy says the same with and without numba.
numba: Any = import_module("numba")
extending: Any = import_module("numba.extending")
ir: Any = import_module("llvmlite.ir")
types: Any = numba.types

Function = TypeVar("Function", bound=Callable[..., Any])
Words = NDArray[np.int64]

numba.config.CACHE_DIR = str(folder())

FAST = {"contract", "reassoc", "nsz", "arcp"}
"""Sums may be reordered, so that they vectorize; NaN and ∞ stay what they are."""
EXACT = {"contract", "nsz"}

NUMBERS, WORDS = types.CPointer(types.float64), types.CPointer(types.int64)
KERNEL = types.void(NUMBERS, WORDS, types.int64, NUMBERS, types.int64, types.int64, types.int64)


class Kernel(Protocol):
    """A compiled function of (arena, words, p, numbers, rows, source, into), called by its address in memory.

    `p` is where its instruction's record begins in the words. `source` and `into` are where to read and write: from the
    first input to the output in forward, from the output's adjoint to the input's in backward, and from the first
    input's tangent to the output's in a sweep of tangents. Kernels with several inputs find them in the record.
    """

    address: int


def kernel(function: Callable[..., None]) -> Kernel:
    """Compile a kernel, or load it from numba's cache.

    Kernels are not linked into what calls them: each is compiled once, and the interpreter in a moment. What is called
    by address and what numba makes of the function are two functions; `forceinline` puts the one into the other.
    """
    return cast(Kernel, numba.cfunc(KERNEL, cache=True, fastmath=FAST, error_model="numpy", forceinline=True)(function))


def helper(function: Function) -> Function:
    """Compile a function that becomes part of the kernels that call it."""
    return _inner(function, FAST)


def exact(function: Function) -> Function:
    """Compile a helper whose roundings matter, so that nothing in it is reordered."""
    return _inner(function, EXACT)


def strict(function: Function) -> Function:
    """Compile a helper that gives the same bits wherever it becomes part of something."""
    return _inner(function, set())


def entry(function: Function) -> Function:
    """Compile a function that Python calls, without the interpreter lock."""
    return cast(Function, numba.njit(nogil=True, cache=True, fastmath=FAST, error_model="numpy")(function))


def _inner(function: Function, fastmath: set[str]) -> Function:
    """Compile without what Python or C would call it through, which takes half of the time."""
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "error_model": "numpy", "fastmath": fastmath}
    return cast(Function, numba.njit(**options)(function))
