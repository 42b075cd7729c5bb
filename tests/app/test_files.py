from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.files import MAX_BYTES, MAX_COORDINATE, SavedFile, read_file, read_text, to_text, write_file
from app.project import Project, View, Watch
from engine.json_text import FileError
from tests.engine.documents import example, example_run, experiments, runs

POSITIONS = {1: (0.0, 0.0), 2: (0.0, 160.0), 3: (220.0, 0.5), 4: (440.0, -1e-3), 5: (660.0, 80.0)}
SAVED = SavedFile(Project(example(), POSITIONS), View(1.25, (330.0, 40.0), ("loss", "weights")), example_run())
TEXT = to_text(SAVED)
COORDINATES = st.floats(-MAX_COORDINATE, MAX_COORDINATE)
PLACES = st.tuples(COORDINATES, COORDINATES)
VIEWS = st.builds(
    View,
    st.floats(0.01, 100),
    st.none() | PLACES,
    st.lists(st.text(st.characters(codec="utf-8")), unique=True).map(tuple),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.bplab"


def message_of(path: Path | str) -> str:
    with pytest.raises(FileError) as caught:
        read_file(str(path))
    return str(caught.value)


# ---- there and back --------------------------------------------------------------------------------------------------


def test_a_saved_file_is_read_back_as_it_was(path: Path) -> None:
    write_file(str(path), SAVED)
    assert read_file(str(path)) == SAVED


def test_saving_what_was_read_gives_the_same_file(path: Path) -> None:
    write_file(str(path), SAVED)
    before = path.read_bytes()
    write_file(str(path), read_file(str(path)))
    assert path.read_bytes() == before


@given(st.data())
def test_whatever_can_be_built_is_read_back_as_it_was(data: st.DataObject) -> None:
    experiment = data.draw(experiments())
    positions = {id_: data.draw(PLACES) for id_ in experiment.graph.nodes if data.draw(st.booleans())}
    run = data.draw(st.none() | runs(experiment.graph))
    saved = SavedFile(Project(experiment, positions), data.draw(VIEWS), run)
    assert read_text(to_text(saved)) == saved
    assert to_text(read_text(to_text(saved))) == to_text(saved)


def test_positions_of_removed_nodes_are_not_saved() -> None:
    project = replace(SAVED.project, positions={**POSITIONS, 99: (1.0, 1.0)})
    assert to_text(replace(SAVED, project=project)) == TEXT


def test_a_byte_order_mark_and_other_line_ends_do_no_harm(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert read_file(str(path)) == SAVED


# ---- what cannot be read ---------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there(path: Path) -> None:
    assert message_of(path) == f"{path} does not exist"


def test_a_folder(tmp_path: Path) -> None:
    assert message_of(tmp_path) == f"{tmp_path} is a folder"


def test_a_path_that_no_system_has() -> None:
    assert "cannot be read: " in message_of("a\0b")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_instead_of_waited_for(path: Path) -> None:
    os.mkfifo(path)
    assert message_of(path) == f"{path} is not a file"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="whoever is root may read everything")
def test_a_file_of_somebody_else(path: Path) -> None:
    path.touch(mode=0)
    assert message_of(path) == f"{path} may not be read: permission denied"


def test_a_file_over_the_limit_is_refused(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert message_of(path) == f"{path} is larger than 64 MiB"


def test_bytes_that_are_no_text(path: Path) -> None:
    path.write_bytes(b'{"a": "\xff"}')
    assert message_of(path) == f"{path} is not a text file: byte 8 is not UTF-8"


def test_a_truncated_file_says_where_it_ends(path: Path) -> None:
    kept = TEXT[: TEXT.index(', "panels"')]
    path.write_text(kept, "utf-8")
    line, column = kept.count("\n") + 1, len(kept.splitlines()[-1]) + 1
    assert message_of(path) == f"line {line}, column {column}: the text ends in the middle"


LAYOUT_AND_VIEW: dict[str, tuple[Callable[[Any], object], str]] = {
    "a place for no node": (lambda t: t["layout"].update({"9": [0, 0]}), "$.layout.9: there is no node 9"),
    "a place for a word": (lambda t: t["layout"].update(a=[0, 0]), "$.layout.a: there is no node a"),
    "an id written oddly": (lambda t: t["layout"].update({"01": [0, 0]}), "$.layout.01: there is no node 01"),
    "three coordinates": (
        lambda t: t["layout"].update({"1": [0, 0, 0]}),
        "$.layout.1: Expected array of ",
    ),
    "a word as coordinate": (lambda t: t["layout"].update({"1": [0, "x"]}), "$.layout.1[1]: Expected float, got str"),
    "far out": (
        lambda t: t["layout"].update({"1": [0, -1.1e6]}),
        "$.layout.1: a position is at most 1e+06 from the origin",
    ),
    "the middle far out": (
        lambda t: t["view"].update(center=[1e300, 0]),
        "$.view.center: a position is at most 1e+06 from the origin",
    ),
    "no zoom": (lambda t: t["view"].update(zoom=0), "$.view.zoom: a zoom from 0.01 to 100.0 is needed, not 0.0"),
    "a panel twice": (
        lambda t: t["view"].update(panels=["loss", "loss"]),
        "$.view.panels: a panel stands here twice",
    ),
    "a watch twice": (
        lambda t: t["view"].update(watches=[{"node": 2}, {"node": 2}]),
        "$.view.watches: a watch stands here twice",
    ),
    "thirteen watches": (
        lambda t: t["view"].update(watches=[{"node": 2, "row": k} for k in range(13)]),
        "$.view.watches: there are at most 12 watches",
    ),
    "a watch of a row before the first": (
        lambda t: t["view"].update(watches=[{"node": 2, "parameter": "W", "row": -1}]),
        "$.view.watches[0].row: Expected int >= 0",
    ),
    "a watch of no node": (
        lambda t: t["view"].update(watches=[{"parameter": "W"}]),
        "$.view.watches[0]: the object missing required field node",
    ),
    "an unknown field": (lambda t: t["view"].update(tilt=3), "$.view: the object contains unknown field tilt"),
    "a unit too few": (
        lambda t: t["graph"]["nodes"][2]["settings"].update(units=0),
        "$.graph.nodes[2].settings.units: Units must be at least 1, not 0",
    ),
}


def test_watches_are_kept_but_for_those_of_nodes_that_are_gone(path: Path) -> None:
    kept = (Watch(2, "W", 1, 0), Watch(2))
    saved = replace(SAVED, view=replace(SAVED.view, watches=(*kept, Watch(99, "W"))))
    write_file(str(path), saved)
    assert read_file(str(path)).view.watches == kept
    assert '"watches"' not in TEXT, "a file without them says nothing of them"


@pytest.mark.parametrize("name", LAYOUT_AND_VIEW)
def test_refusals_say_where_and_why(name: str, path: Path) -> None:
    change, words = LAYOUT_AND_VIEW[name]
    tree = json.loads(TEXT)
    change(tree)
    path.write_text(json.dumps(tree), "utf-8")
    assert message_of(path).startswith(words)


def test_damaged_files_are_read_or_refused_in_words_and_never_anything_else(path: Path) -> None:
    content = TEXT.encode()
    dice = random.Random(1)
    refusals = []
    for trial in range(600):
        damaged = bytearray(content[: dice.randrange(len(content))] if trial % 3 == 0 else content)
        for _ in range(dice.randrange(1, 4) if trial % 3 else 0):
            damaged[dice.randrange(len(damaged))] = (
                dice.randrange(256) if trial % 3 == 1 else dice.choice(b'0129-.eE"{}[],: ')
            )
        path.write_bytes(damaged)
        try:
            read_file(str(path))
        except FileError as error:
            refusals.append(str(error))
    assert 400 < len(refusals) < 600
    assert all(0 < len(words) < 1000 for words in refusals)


# ---- saving that fails -----------------------------------------------------------------------------------------------


@contextmanager
def _files_limited_to(count: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes, as on a full disk."""
    resource = pytest.importorskip("resource", reason="only Unix can limit the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_the_old_file(path: Path) -> None:
    write_file(str(path), SAVED)
    before = path.read_bytes()
    with _files_limited_to(1000), pytest.raises(FileError, match="cannot be saved: "):
        write_file(str(path), replace(SAVED, view=View(2.0)))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_run_that_diverged_leaves_the_old_file(path: Path) -> None:
    write_file(str(path), SAVED)
    with pytest.raises(FileError, match=r"^\$\.run\.loss: a finite number is needed, not inf$"):
        write_file(str(path), replace(SAVED, run=replace(example_run(), loss=float("inf"))))
    assert read_file(str(path)) == SAVED


def test_what_could_not_be_read_again_is_not_written(path: Path) -> None:
    write_file(str(path), SAVED)
    for view in (View(zoom=1000.0), View(center=(1e7, 0.0))):
        with pytest.raises(FileError, match=r"^\$\.view\."):
            write_file(str(path), replace(SAVED, view=view))
    assert read_file(str(path)) == SAVED


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "net.bplab"
    with pytest.raises(FileError) as caught:
        write_file(str(path), SAVED)
    assert str(caught.value).startswith(f"{path} cannot be saved: ")
    assert not path.parent.exists()


def test_a_file_where_the_folder_should_be_is_left_alone(path: Path) -> None:
    write_file(str(path), SAVED)
    with pytest.raises(FileError, match="cannot be saved: "):
        write_file(str(path / "inner.bplab"), SAVED)
    with pytest.raises(FileError, match="cannot be saved: "):
        write_file(str(path.parent), SAVED)
    assert read_file(str(path)) == SAVED


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_saving_through_a_link_replaces_the_file_and_keeps_link_and_permissions(path: Path) -> None:
    write_file(str(path), SAVED)
    path.chmod(0o640)
    link = path.with_name("link.bplab")
    link.symlink_to(path)
    write_file(str(link), replace(SAVED, run=None))
    assert link.is_symlink()
    assert read_file(str(path)).run is None
    assert path.stat().st_mode & 0o777 == 0o640
