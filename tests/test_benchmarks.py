"""The benchmark's own logic: tables, ratios, missing peers, and that all do the same steps. No test looks at a time."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import c_library, harness, peer, results
from tests.benchmarks.peers import PEERS, YARDSTICK, Peer, reference
from tests.benchmarks.problem import Problem, Training, UnavailableError, read_problem
from tests.benchmarks.report import Report
from tests.benchmarks.results import Cell
from tests.benchmarks.workloads import DEPTHS, MAIN, NETWORKS, STEPS, growing, problem_of, stepper_of

HAND, PLAIN, COMPILED, REFERENCE, JAX, TORCH = (
    next(p for p in PEERS if p.key == key) for key in (YARDSTICK, "plain", "compiled-1000", "reference", "jax", "torch")
)


class Counting:
    """Counts the steps that it is asked for."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def run(self, steps: int) -> float:
        self.calls.append(steps)
        return float(sum(self.calls))


def ask(who: Peer, *requests: dict[str, object]) -> list[dict[str, object]]:
    return list(peer.answers(who, map(json.dumps, requests)))


# ---- workloads -------------------------------------------------------------------------------------------------------


def test_two_hidden_layers_of_the_growth_are_w2() -> None:
    assert growing(2).sizes == NETWORKS["W2"].sizes == (2, 8, 8, 1)
    assert {growing(depth).key for depth in DEPTHS} <= NETWORKS.keys()


@pytest.mark.parametrize("key", ["W1", "W2", "W3"])
def test_a_problem_has_the_rows_and_first_weights_of_the_engines_own_steps(key: str) -> None:
    problem, stepper = problem_of(NETWORKS[key]), stepper_of(NETWORKS[key])
    own = [stepper.program.weights(stepper.arena, p).ravel() for p in stepper.program.parameters]
    np.testing.assert_array_equal(problem.flat_weights, np.concatenate(own))
    epoch = len(stepper.sampler.train) // NETWORKS[key].batch
    for step in range(epoch + 2):
        stepper.whole_step()
        np.testing.assert_array_equal(stepper.rows, problem.order[step])
    assert problem.order.shape == (STEPS, NETWORKS[key].batch)


def test_a_problem_comes_back_from_its_file(tmp_path: Path) -> None:
    problem = problem_of(NETWORKS["W3"])
    again = read_problem(problem.write(tmp_path))
    assert again.network == problem.network
    for ours, theirs in zip(problem.weights, again.weights, strict=True):
        np.testing.assert_array_equal(ours[0], theirs[0])
        np.testing.assert_array_equal(ours[1], theirs[1])
    np.testing.assert_array_equal(again.x[again.order], problem.x[problem.order])
    assert again.y.shape == (len(problem.x), 10)


# ---- C ---------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(c_library.find_compiler() is None, reason="there is no C compiler")
@pytest.mark.parametrize("source", ["hand_tuned.c", "plain.c"])
@pytest.mark.parametrize("key", ["W1", "W2", "W3", "depth4"])
def test_c_does_the_steps_of_reference(source: str, key: str) -> None:
    try:
        training = c_library.CTraining(source, problem_of(NETWORKS[key]))
    except UnavailableError as error:
        pytest.skip(str(error))
    stepper = stepper_of(NETWORKS[key])
    loss = training.run(30)
    for _ in range(30):
        stepper.whole_step()
    weights = np.concatenate([stepper.program.weights(stepper.arena, p).ravel() for p in stepper.program.parameters])
    assert loss == pytest.approx(stepper.loss, rel=1e-9)
    np.testing.assert_allclose(training.weights(), weights, rtol=1e-9, atol=1e-9)


@pytest.mark.skipif(c_library.find_compiler() is None, reason="there is no C compiler")
@pytest.mark.parametrize("source", ["hand_tuned.c", "plain.c"])
def test_tiny_numbers_stay_when_a_program_is_loaded(source: str) -> None:
    try:
        c_library.CTraining(source, problem_of(NETWORKS["W1"]))
    except UnavailableError as error:
        pytest.skip(str(error))
    assert np.array([5e-324])[0] * 1.0 > 0.0


def test_the_hand_tuned_program_is_built_for_its_network() -> None:
    command = c_library.command_for("hand_tuned.c", growing(4), Path("x.so"), "cc")
    assert "-DBATCH=32" in command
    assert "-DSHAPES=SHAPE(2,8) SHAPE(8,8) SHAPE(8,1)" in command


def test_without_a_compiler_c_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(c_library, "find_compiler", lambda: None)
    problem = problem_of(NETWORKS["W1"]).write(tmp_path)
    _, answer = ask(HAND, {"load": str(problem)})
    assert "no C compiler" in str(answer["problem"])


# ---- peers -----------------------------------------------------------------------------------------------------------


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "tests.benchmarks.peers.torch_eager", raising=False)
    assert [list(answer) for answer in ask(TORCH, {"seconds": 0.0})] == [["problem"]]
    assert "torch" in str(ask(TORCH)[0]["problem"])


def test_a_peer_answers_with_its_loss_and_with_microseconds(tmp_path: Path) -> None:
    path = problem_of(NETWORKS["W1"]).write(tmp_path)
    opening, loaded, timed = ask(REFERENCE, {"load": str(path)}, {"seconds": 0.001})
    assert "problem" not in opening
    assert loaded["loss"] == pytest.approx(harness.expected_loss("W1"), rel=1e-12)
    assert float(str(timed["microseconds"])) > 0.0


def test_recording_changes_no_step() -> None:
    problem = problem_of(NETWORKS["W1"])
    assert reference.begin_recorded(problem).run(60) == reference.begin(problem).run(60)


def test_what_fails_in_a_peer_is_a_problem_and_not_its_end() -> None:
    def begin(problem: Problem) -> Training:
        raise AssertionError(problem)

    session = peer.Session(REFERENCE, begin)
    assert "FileNotFoundError" in str(session.answer({"load": "nowhere.npz"})["problem"])
    assert "problem" in session.answer({"seconds": 0.1})


def test_steps_are_timed_in_calls_of_the_same_length() -> None:
    training = Counting()
    peer.time_steps(training, 7, 0.001)
    assert set(training.calls) == {7}


def test_a_peer_speaks_in_a_process_of_its_own(tmp_path: Path) -> None:
    process = harness.start(REFERENCE, [sys.executable])
    try:
        assert process.problem == ""
        assert "loss" in process.ask({"load": str(problem_of(NETWORKS["W1"]).write(tmp_path))})
        process.kill()
        assert "ended" in str(process.ask({"seconds": 0.1})["problem"])
    finally:
        process.close()


def test_what_a_library_writes_is_not_an_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(session: peer.Session, request: dict[str, object]) -> dict[str, object]:
        sys.stdout.write("Welcome!\n")
        return {"loss": 1.0}

    monkeypatch.setattr("sys.stdin", io.StringIO('{"seconds": 1.0}\n'))
    monkeypatch.setattr(peer.Session, "answer", answer)
    peer.main("reference")
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [{"version": ""}, {"loss": 1.0}]


# ---- results ---------------------------------------------------------------------------------------------------------

CELLS = {
    (HAND.key, "W1"): Cell([3.0, 1.0, 2.0]),
    (HAND.key, "W2"): Cell([10.0]),
    (COMPILED.key, "W1"): Cell([9.0, 5.0, 5.0]),
    (COMPILED.key, "W2"): Cell(problem="no kernels"),
    (TORCH.key, "W1"): Cell(problem="No module named 'torch'"),
    (TORCH.key, "W2"): Cell(problem="No module named 'torch'"),
}


def test_a_cell_has_the_middle_and_the_best_of_its_rounds() -> None:
    cell = CELLS[HAND.key, "W1"]
    assert (cell.median, cell.best) == (2.0, 1.0)
    assert (Cell().median, Cell().best) == (None, None)
    assert Cell([1.0], problem="its process has ended").median is None


def test_a_ratio_is_one_of_medians_and_none_where_one_is_missing() -> None:
    assert results.ratio(CELLS, COMPILED.key, "W1") == 2.5
    assert results.best_ratio(CELLS, COMPILED.key, "W1") == 5.0
    assert results.ratio(CELLS, COMPILED.key, "W2") is None
    assert results.ratio(CELLS, JAX.key, "W1") is None


def test_the_table_leaves_out_missing_peers_and_says_why_below() -> None:
    rows = results.speed_table(CELLS, [HAND, COMPILED, TORCH], ["W1", "W2"])
    assert [row[0] for row in rows[1:]] == [HAND.label, COMPILED.label]
    assert rows[1][1:] == ["2 (1)", "10 (10)"]
    assert rows[2][1:] == ["5 (5) ×2.5", "–"]
    assert results.problem_lines(CELLS, [HAND, COMPILED, TORCH]) == [
        f"{COMPILED.label} (W2): no kernels",
        f"{TORCH.label}: No module named 'torch'",
    ]


def test_growth_shows_what_one_more_layer_costs() -> None:
    depths = {depth: growing(depth).key for depth in (1, 2, 4)}
    cells = {(HAND.key, key): Cell([10.0 + 3.0 * depth]) for depth, key in depths.items()}
    (row,) = results.growth_table(cells, [HAND, TORCH], depths)[1:]
    assert row == [HAND.label, "13", "16", "22", "3", "3"]


def test_the_bar_is_judged_by_medians_where_both_were_measured() -> None:
    labels = {p.key: p.label for p in (HAND, COMPILED, TORCH)}
    rows = {row[0]: row[1:] for row in results.bar_table(CELLS, labels)[1:]}
    assert rows[f"W1: {COMPILED.label} / {HAND.label}"] == ["≤ 3", "2.5", "5", "met"]
    assert rows[f"W2: {COMPILED.label} / {HAND.label}"][-1] == "not measured"
    assert rows[f"W1: {COMPILED.label} / {TORCH.label}"][-1] == "not measured"
    assert not any("W3" in demand or JAX.label in demand for demand in rows)
    slow = {**CELLS, (COMPILED.key, "W1"): Cell([6.1])}
    assert results.bar_table(slow, labels)[1][-1] == "missed"


def test_another_loss_is_a_problem_and_so_is_none() -> None:
    exact, loose = REFERENCE, next(p for p in PEERS if not p.is_exact)
    assert results.loss_problem(exact, 0.5, 0.5) == ""
    assert "0.501" in results.loss_problem(exact, 0.501, 0.5)
    assert results.loss_problem(loose, 0.501, 0.5) == ""
    assert results.loss_problem(loose, float("nan"), 0.5)


@pytest.mark.parametrize(("value", "words"), [(None, "–"), (0.2345, "0.234"), (12.345, "12.3"), (12345.6, "12,346")])
def test_numbers_have_three_digits_and_no_exponent(value: float | None, words: str) -> None:
    assert results.number(value) == words


def test_the_file_names_machine_day_and_what_was_not_measured() -> None:
    report = Report(CELLS, [HAND, COMPILED, TORCH], [("start: window drawn", "0.9 s")], ["A processor"], "0.1", 3, 0.2)
    text = report.for_file()
    assert "- A processor" in text
    assert f"- {MAIN[0].key}: 2-4-2-1 tanh" in text
    assert "| start: window drawn | 0.9 s |" in text
    assert "No module named 'torch'" in text
    assert f"| {HAND.label} | 2 (1) | 10 (10) |" in text
    assert "5 (5) ×2.5" in report.for_terminal()
