"""`python3 run.py bench`: measures, prints tables and writes docs/benchmarks.md.

Each peer is a process of its own, and rounds go round the peers, so that what else the machine does meets all of them.
Before anything is timed each peer has to reach the loss of `reference` after the same steps.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.benchmarks import machine, report, window_measures
from tests.benchmarks.peer import CHECKED_STEPS
from tests.benchmarks.peers import PEERS, Peer, reference
from tests.benchmarks.results import Cell, loss_problem
from tests.benchmarks.workloads import DEPTHS, MAIN, NETWORKS, growing, problem_of

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"),
    **dict.fromkeys(("VECLIB_MAXIMUM_THREADS", "NPROC"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""Every peer has one core."""


def say(words: str) -> None:
    """Write a line at once."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


class Process:
    """A peer's process. `problem` says why it does not answer, and is empty where it does."""

    def __init__(self, peer: Peer, python: str) -> None:
        self.peer = peer
        env = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [python, "-m", "tests.benchmarks.peer", peer.key],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        opening = self._read()
        self.problem = str(opening.get("problem", ""))
        self.version = str(opening.get("version", ""))

    def ask(self, request: Mapping[str, object]) -> dict[str, object]:
        """Ask for something, and wait for the answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:
            return {"problem": "its process has ended"}
        return self._read()

    def close(self) -> None:
        """End the process, if it has not ended by itself."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def kill(self) -> None:
        """End the process in the middle of what it does."""
        self._process.kill()
        self._process.wait()

    def _read(self) -> dict[str, object]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer: dict[str, object] = json.loads(line) if line else {"problem": "its process has ended"}
        return answer


def start(peer: Peer, pythons: Sequence[str]) -> Process:
    """Start a peer with the first Python that has what it needs; those after the first are asked for libraries only."""
    process = Process(peer, pythons[0])
    for python in pythons[1:] if peer.library and not peer.needs_engine else ():
        if not process.problem:
            break
        process.close()
        process = Process(peer, python)
    return process


def measure(
    processes: Sequence[Process], workloads: Sequence[str], rounds: int, seconds: float
) -> dict[tuple[str, str], Cell]:
    """Time every peer at every workload."""
    cells = {(p.peer.key, w): Cell(problem=p.problem) for w in workloads for p in processes}
    with tempfile.TemporaryDirectory() as folder:
        for workload in workloads:
            path = str(problem_of(NETWORKS[workload]).write(Path(folder)))
            expected = expected_loss(workload)
            taking_part = []
            for process in processes:
                cell = cells[process.peer.key, workload]
                if not cell.problem:
                    answer = process.ask({"load": path})
                    cell.problem = str(answer.get("problem", "")) or loss_problem(
                        process.peer, float(str(answer["loss"])), expected
                    )
                if not cell.problem:
                    taking_part.append(process)
            for _ in range(rounds):
                for process in taking_part:
                    cell = cells[process.peer.key, workload]
                    answer = process.ask({"seconds": seconds})
                    cell.problem = cell.problem or str(answer.get("problem", ""))
                    if "microseconds" in answer:
                        cell.rounds.append(float(str(answer["microseconds"])))
            say(f"   {workload}: {len(taking_part)} peers")
    return cells


def expected_loss(workload: str) -> float:
    """Give the loss that `reference` reaches in the checked steps."""
    return reference.begin(problem_of(NETWORKS[workload])).run(CHECKED_STEPS)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; without arguments, everything."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds at each workload (5)")
    parser.add_argument("--seconds", type=float, default=0.2, help="about how long a peer has in a round (0.2)")
    parser.add_argument(
        "--peers",
        nargs="+",
        choices=[p.key for p in PEERS],
        metavar="PEER",
        help=f"only these of {_listed(p.key for p in PEERS)}",
    )
    parser.add_argument(
        "--workloads", nargs="+", choices=list(NETWORKS), metavar="KEY", help=f"only these of {_listed(NETWORKS)}"
    )
    parser.add_argument("--python", action="append", default=[], help="another Python to look for libraries in")
    parser.add_argument("--no-window", action="store_true", help="leave out what needs a window")
    parser.add_argument("--output", type=Path, help="the file to write (docs/benchmarks.md where all is measured)")
    options = parser.parse_args(arguments)
    everything = not (options.peers or options.workloads or options.no_window)
    workloads = options.workloads or [*(n.key for n in MAIN), *(growing(d).key for d in DEPTHS)]
    peers = [p for p in PEERS if not options.peers or p.key in options.peers]
    busy = machine.load()
    say(f"Benchmark of {len(peers)} peers at {len(workloads)} workloads; {busy}")
    processes = [start(peer, [sys.executable, *options.python]) for peer in peers]
    try:
        cells = measure(processes, workloads, options.rounds, options.seconds)
    finally:
        for process in processes:
            process.close()
    measures = [] if options.no_window else window_measures.measure_all(say)
    versions = {p.peer.library: p.version for p in processes if p.peer.library}
    found = report.Report(cells, peers, measures, machine.describe(versions), busy, options.rounds, options.seconds)
    say("\n" + found.for_terminal())
    path = options.output or (ROOT / "docs" / "benchmarks.md" if everything else None)
    if path is not None:
        path.write_text(found.for_file(), "utf-8")
        say(f"\nWritten to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
