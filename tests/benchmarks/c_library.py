"""Builds the two programs in C of this folder, for one network, and calls them."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.problem import Array, Network, Problem, UnavailableError

FOLDER = Path(__file__).parent
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC")
NUMBERS = ctypes.POINTER(ctypes.c_double)
WHOLES = ctypes.POINTER(ctypes.c_int64)


def find_compiler() -> str | None:
    """Give a C compiler of this machine, or None."""
    return next((path for path in map(shutil.which, ("cc", "gcc", "clang")) if path), None)


def command_for(source: str, network: Network, target: Path, compiler: str) -> list[str]:
    """Give the command that compiles a program for a network: its batch size and the shapes of its layers are known."""
    shapes = dict.fromkeys(zip(network.sizes, network.sizes[1:], strict=False))
    listed = " ".join(f"SHAPE({inputs},{outputs})" for inputs, outputs in shapes)
    macros = [f"-DBATCH={network.batch}", f"-DSHAPES={listed}"]
    return [compiler, *FLAGS, *macros, "-c", str(FOLDER / source), "-o", str(target)]


def build(source: str, network: Network, folder: Path) -> Path:
    """Build a program and give its library. Raises UnavailableError where that cannot be done."""
    compiler = find_compiler()
    if compiler is None or sys.platform == "win32":
        raise UnavailableError("there is no C compiler (cc, gcc or clang)")
    library = folder / f"{Path(source).stem}-{network.key}.so"
    code = library.with_suffix(".o")
    # Linked with -ffast-math, a library would make 0 of all tiny numbers in the whole process that loads it.
    link = [compiler, "-shared", str(code), "-o", str(library), "-lm"]
    for command in (command_for(source, network, code, compiler), link):
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            lines = answer.stderr.replace(f"{FOLDER}/", "").strip().splitlines()
            reason = next((line for line in lines if "error" in line), f"exit code {answer.returncode}")
            raise UnavailableError(f"{Path(compiler).name} cannot build it: {reason}")
    return library


class CTraining:
    """One of the programs at work."""

    def __init__(self, source: str, problem: Problem) -> None:
        network = problem.network
        with tempfile.TemporaryDirectory() as folder:
            # A loaded library stays in the process when its file is gone.
            self._library = ctypes.CDLL(str(build(source, network, Path(folder))))
        self._library.bench_new.restype = ctypes.c_void_p
        self._library.bench_run.restype = ctypes.c_double
        # The program reads rows and order where they lie, so they are kept.
        self._weights = problem.flat_weights
        self._kept = problem.x, problem.y, problem.order
        place = self._library.bench_new(
            ctypes.c_int64(len(network.sizes) - 1),
            (ctypes.c_int64 * len(network.sizes))(*network.sizes),
            ctypes.c_int64(network.activation == "tanh"),
            ctypes.c_int64(network.loss == "softmax_cross_entropy"),
            ctypes.c_int64(network.optimizer == "adam"),
            ctypes.c_double(network.rate),
            self._weights.ctypes.data_as(NUMBERS),
            problem.x.ctypes.data_as(NUMBERS),
            problem.y.ctypes.data_as(NUMBERS),
            problem.order.ctypes.data_as(WHOLES),
            ctypes.c_int64(len(problem.order)),
        )
        if place is None:
            raise UnavailableError(f"{source} does not take this network")
        self._net = ctypes.c_void_p(place)

    def run(self, steps: int) -> float:
        """Do some steps."""
        return float(self._library.bench_run(self._net, ctypes.c_int64(steps)))

    def weights(self) -> Array:
        """Give all weights: W and b of one layer after another."""
        out = np.empty_like(self._weights)
        self._library.bench_weights(self._net, out.ctypes.data_as(NUMBERS))
        return out
