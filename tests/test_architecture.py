"""The rules of the code base as tests: who may import whom, and what no module may do."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OWN = {"app", "engine", "ui", "resources"}
TOP_LEVEL = {
    *("app", "engine", "ui", "resources", "tests", "docs", ".ci"),
    *("run.py", "pyproject.toml", "uv.lock", ".gitignore"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
}


# ---- reading the source ----------------------------------------------------------------------------------------------


def files_of(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in files_of(*OWN)}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def place(path: Path, node: ast.stmt | ast.expr) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno}"


def imported_names(statement: ast.AST) -> list[str]:
    """Give what an import statement names, `from a import b` as `a.b`."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    if isinstance(statement, ast.ImportFrom):
        return [f"{statement.module or ''}.{alias.name}" for alias in statement.names]
    return []


def imports_of(path: Path) -> Iterator[tuple[str, str]]:
    """Give each imported name of a file, wherever it is imported, and the place."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in imported_names(node):
                yield name, place(path, node)


def library_of(name: str) -> str:
    return name.partition(".")[0]


def is_within(name: str, prefixes: Iterable[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def imports(paths: Iterable[Path], *forbidden: str) -> list[str]:
    """Give the places where one of the files imports something forbidden."""
    found = [(where, name) for path in paths for name, where in imports_of(path) if is_within(name, forbidden)]
    return [f"{where} imports {name}" for where, name in found]


def libraries_beyond(paths: Iterable[Path], *allowed: str) -> list[str]:
    """Give the places where one of the files imports a library that is neither standard nor allowed."""
    known = {*sys.stdlib_module_names, *allowed}
    found = [(where, name) for path in paths for name, where in imports_of(path) if library_of(name) not in known]
    return [f"{where} imports {name}" for where, name in found]


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Give each call in a file with the last part of the called name."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr, node


# ---- layers ----------------------------------------------------------------------------------------------------------


def test_engine_is_a_library_of_numpy_and_msgspec_without_qt() -> None:
    assert libraries_beyond(files_of("engine"), "engine", "resources", "numpy", "msgspec", "numba", "onnx") == []


def test_engine_works_without_numba_and_onnx_so_no_module_needs_them_to_be_imported() -> None:
    eager = [
        f"{place(path, node)} imports {name}"
        for path in files_of("engine")
        for node in tree_of(path).body
        for name in imported_names(node)
        if library_of(name) in {"numba", "onnx"}
    ]
    assert eager == []


def libraries_after_importing(*modules: str) -> set[str]:
    """Give what a fresh process has loaded when these modules are imported."""
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\nprint(*sys.modules)"
    command = [sys.executable, "-c", code, *modules]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return {library_of(name) for name in answer.stdout.split()}


def test_importing_all_of_engine_leaves_qt_out_of_the_process() -> None:
    modules = [name for name in MODULES if name.startswith("engine") and not is_within(name, ["engine.compiled"])]
    loaded = libraries_after_importing("engine.compiled", *modules)
    assert loaded & {"PySide6", "shiboken6", "pyqtgraph", "app", "ui"} == set()


def test_numba_is_left_out_of_the_process_until_kernels_are_loaded() -> None:
    modules = [name for name in MODULES if library_of(name) in OWN and not is_within(name, ["engine.compiled"])]
    loaded = libraries_after_importing("engine.compiled", *(m for m in modules if not m.endswith("__main__")))
    assert {"PySide6", "numpy", "ui"} <= loaded
    assert loaded & {"numba", "llvmlite"} == set()


def test_numba_is_imported_in_one_module_and_its_package_has_a_narrow_door() -> None:
    loaders = {
        name_of(path)
        for path in files_of(*OWN)
        for name, call in calls(path)
        if name == "import_module" and library_of(ast.unparse(call.args[0]).strip("'")) in {"numba", "llvmlite"}
    }
    assert loaders == {"engine.compiled.jit"}
    others = [path for path in files_of(*OWN) if ROOT / "engine" / "compiled" not in path.parents]
    used = {name for path in others for name, _ in imports_of(path) if is_within(name, ["engine.compiled"])}
    assert used <= {f"engine.compiled.{name}" for name in ("COMPILED", "LoadError", "is_available", "is_built", "load")}


def test_app_knows_qt_without_its_widgets() -> None:
    assert imports(files_of("app"), "PySide6.QtWidgets", "pyqtgraph") == []


def test_only_the_composition_root_of_app_knows_ui() -> None:
    others = [path for path in files_of("app") if path != ROOT / "app" / "__main__.py"]
    assert imports(others, "ui") == []


def test_pyqtgraph_appears_only_among_the_plots() -> None:
    others = [path for path in files_of(*OWN) if ROOT / "ui" / "plots" not in path.parents]
    assert imports(others, "pyqtgraph") == []


def test_resources_is_a_leaf() -> None:
    assert libraries_beyond(files_of("resources"), "resources") == []


def test_nothing_but_tests_imports_tests() -> None:
    assert imports(files_of(*OWN), "tests", "pytest", "hypothesis") == []


# ---- imports without tricks ------------------------------------------------------------------------------------------


def test_our_own_packages_are_imported_at_the_top_of_a_module() -> None:
    hidden = [
        f"{place(path, inner)} imports {name}"
        for path in files_of(*OWN)
        for outer in ast.walk(tree_of(path))
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.If | ast.Try)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
        for name in imported_names(inner)
        if library_of(name) in OWN
    ]
    assert hidden == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    def module_of(name: str) -> str | None:
        """Give the module that `a.b` stands for: the module of that name, or the one that holds the name."""
        holder = name.rpartition(".")[0]
        return name if name in MODULES else holder if holder in MODULES else None

    needs = {module: {module_of(name) for name, _ in imports_of(path)} for module, path in MODULES.items()}
    finished: set[str] = set()

    def follow(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, "imports in a circle: " + " → ".join([*trail[trail.index(module) :], module])
        if module not in finished:
            for needed in sorted(name for name in needs[module] if name and name != module):
                follow(needed, (*trail, module))
            finished.add(module)

    for module in sorted(needs):
        follow(module, ())


# ---- what no module does ---------------------------------------------------------------------------------------------


def test_files_stay_short_enough_to_be_read_at_one_sitting() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in files_of(*OWN, "tests")}
    assert [f"{path.relative_to(ROOT)}: {length} lines" for path, length in lengths.items() if length > 300] == []


def test_nothing_is_evaluated_as_python() -> None:
    found = [
        f"{place(path, call)} calls {name}"
        for path in files_of(*OWN)
        for name, call in calls(path)
        if name in {"eval", "exec"} and isinstance(call.func, ast.Name)
    ]
    assert found == []


def test_nothing_is_pickled() -> None:
    assert imports(files_of(*OWN), "pickle", "marshal", "shelve", "dill", "joblib") == []


def test_nothing_sleeps_or_spins_the_event_loop_by_hand() -> None:
    found = [
        f"{place(path, call)} calls {name}"
        for path in files_of(*OWN)
        for name, call in calls(path)
        if name in {"processEvents", "sleep", "msleep", "usleep", "qWait"}
    ]
    assert found == []


def test_tests_wait_for_events_and_never_for_time() -> None:
    waits = {"time.sleep", "sleep", "qtbot.wait", "QTest.qWait", "QTest.qSleep", "QThread.sleep", "QThread.msleep"}
    found = [
        f"{place(path, call)} calls {ast.unparse(call.func)}"
        for path in files_of("tests")
        for _, call in calls(path)
        if ast.unparse(call.func) in waits
    ]
    assert found == []


def test_nothing_is_printed() -> None:
    files = files_of("app", "engine", "ui")
    found = [place(path, call) for path in files for name, call in calls(path) if name == "print"]
    assert found == []


def test_translated_sentences_are_templates_and_not_put_together() -> None:
    def is_put_together(sentence: ast.expr) -> bool:
        if isinstance(sentence, ast.Call):
            return isinstance(sentence.func, ast.Attribute) and sentence.func.attr == "format"
        return isinstance(sentence, ast.JoinedStr | ast.BinOp)

    found = [
        place(path, call)
        for path in files_of(*OWN)
        for name, call in calls(path)
        if name in {"tr", "message"} and call.args and is_put_together(call.args[0])
    ]
    assert found == []


# ---- the repository --------------------------------------------------------------------------------------------------


def test_the_top_level_holds_only_what_was_agreed() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a git checkout")
    command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        pytest.skip(f"git does not answer here: {answer.stderr.strip()}")
    assert {name.partition("/")[0] for name in answer.stdout.split("\0") if name} - TOP_LEVEL == set()


@pytest.mark.parametrize("package", sorted(OWN))
def test_every_package_says_what_it_is(package: str) -> None:
    assert ast.get_docstring(tree_of(ROOT / package / "__init__.py"))
