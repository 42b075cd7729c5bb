"""`python -m tests.benchmarks.peer KEY`: one peer in a process of its own. It answers each line with a line of JSON.

Asked `{"load": "W1.npz"}` it begins a workload and does the first steps, giving their last loss; asked
`{"seconds": 0.2}` it goes on for about so long, giving the microseconds a step. Where it cannot, it gives
`{"problem": "why"}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from time import perf_counter

from tests.benchmarks.peers import PEERS, Peer
from tests.benchmarks.problem import Problem, Training, UnavailableError, read_problem

CHECKED_STEPS = 50


def time_steps(training: Training, call: int, seconds: float) -> float:
    """Give the microseconds a step, over about so many seconds in calls of `call` steps and at least one call."""
    calls = 1
    while True:
        taken = _time_calls(training, call, calls)
        measured = taken * calls * call * 1e-6
        if measured > seconds:
            return taken
        if measured > seconds / 8:
            return _time_calls(training, call, round(calls * seconds / measured))
        calls *= 4


def _time_calls(training: Training, call: int, calls: int) -> float:
    run = training.run
    begun = perf_counter()
    for _ in range(calls):
        run(call)
    return (perf_counter() - begun) * 1e6 / (call * calls)


class Session:
    """A peer and the workload that it is at."""

    def __init__(self, peer: Peer, begin: Callable[[Problem], Training]) -> None:
        self._peer = peer
        self._begin = begin
        self._training: Training | None = None

    def answer(self, request: dict[str, object]) -> dict[str, object]:
        """Do what is asked."""
        try:
            if "load" in request:
                self._training = self._begin(read_problem(Path(str(request["load"]))))
                loss = self._training.run(CHECKED_STEPS)
                # What is compiled at the first call of its length is compiled then.
                self._training.run(self._peer.call)
                return {"loss": loss}
            assert self._training is not None
            return {"microseconds": time_steps(self._training, self._peer.call, float(str(request["seconds"])))}
        except UnavailableError as error:
            return {"problem": str(error)}
        except Exception as error:
            return {"problem": f"{type(error).__name__}: {error}".splitlines()[0]}


def main(key: str) -> None:
    """Answer until the input ends; say first whether there is this peer, and of which version."""
    peer = next(peer for peer in PEERS if peer.key == key)
    out = sys.stdout
    # What a library prints does not come between the answers.
    with redirect_stdout(sys.stderr):
        for answer in answers(peer, sys.stdin):
            out.write(json.dumps(answer) + "\n")
            out.flush()


def answers(peer: Peer, lines: Iterable[str]) -> Iterator[dict[str, object]]:
    """Give what the peer says at first, and its answer to each line."""
    try:
        begin = getattr(import_module(f"tests.benchmarks.peers.{peer.module}"), peer.function)
        version = getattr(import_module(peer.library), "__version__", "") if peer.library else ""
    except Exception as error:
        yield {"problem": str(error)}
        return
    yield {"version": version}
    session = Session(peer, begin)
    for line in lines:
        yield session.answer(json.loads(line))


if __name__ == "__main__":
    main(sys.argv[1])
