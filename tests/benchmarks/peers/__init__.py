"""Those who do the same steps, one file each: a function that begins the training of a Problem."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One row of the tables. `call` is how many steps it does in one call; `is_exact` says that its formulas are ours.

    `module` is a file here and `function` begins its training: (Problem) -> Training.
    """

    key: str
    label: str
    module: str
    function: str = "begin"
    call: int = 1
    is_exact: bool = True
    library: str | None = None
    """What it needs beside numpy and this repository, as it is imported."""
    needs_engine: bool = False


PEERS = (
    Peer("hand-tuned", "hand-tuned C, one core", "hand_tuned", call=1000),
    Peer("plain", "plain C, -O3 -ffast-math", "plain_c", call=1000),
    Peer("compiled-1000", "compiled, 1,000 steps a call", "compiled", call=1000, library="numba", needs_engine=True),
    Peer("compiled-1", "compiled, 1 step a call", "compiled", library="numba", needs_engine=True),
    Peer(
        "compiled-recorded",
        "compiled, recording",
        "compiled",
        "begin_recorded",
        call=1000,
        library="numba",
        needs_engine=True,
    ),
    Peer("reference", "reference", "reference", needs_engine=True),
    Peer("recorded", "reference, recording", "reference", "begin_recorded", call=1000, needs_engine=True),
    Peer("jax", "JAX, scan of 1,000", "jax_scan", call=1000, library="jax"),
    Peer("torch", "PyTorch eager, 1 thread", "torch_eager", library="torch"),
    Peer("sklearn", "scikit-learn partial_fit", "sklearn_partial_fit", is_exact=False, library="sklearn"),
)
YARDSTICK = "hand-tuned"
