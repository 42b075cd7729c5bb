"""Project, view and run ↔ a `.bplab` file. Reading trusts nothing; saving replaces the old file whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Annotated, Literal

import msgspec
from PySide6.QtCore import QIODevice, QSaveFile

from app.project import MAX_WATCHES, Breakpoint, Position, Project, View, Watch
from engine.graph import Graph
from engine.json_text import FileError, fault
from engine.message import Message, message
from engine.program import Phase
from engine.records import Record, decode
from engine.run_state import RunState
from engine.storage import Stored, read_document, write_document

SUFFIX = ".bplab"
MAX_BYTES = 64 * 2**20
MAX_COORDINATE = 1e6
MIN_ZOOM, MAX_ZOOM = 0.01, 100.0
_PASSES: dict[Phase, Literal["forward", "backward"]] = {Phase.FORWARD: "forward", Phase.BACKWARD: "backward"}


class _PositionRecord(Record, frozen=True, array_like=True):
    x: float
    y: float


_Index = Annotated[int, msgspec.Meta(ge=0)]


class _WatchRecord(Record, frozen=True):
    node: int
    parameter: str = Watch.parameter
    row: _Index = Watch.row
    column: _Index = Watch.column


class _BreakpointRecord(Record, frozen=True):
    node: int
    before: Literal["forward", "backward"]


class _ViewRecord(Record, frozen=True):
    zoom: float = View.zoom
    center: _PositionRecord | None = None
    panels: tuple[str, ...] = View.panels
    # Left out where there are none, so that earlier versions, which know neither, can read the file.
    watches: tuple[_WatchRecord, ...] | msgspec.UnsetType = msgspec.UNSET
    breakpoints: tuple[_BreakpointRecord, ...] | msgspec.UnsetType = msgspec.UNSET


@dataclass(frozen=True)
class SavedFile:
    """What a file holds: what undo covers, the view, and the run if there was one."""

    project: Project
    view: View
    run: RunState | None = None


def read_file(path: str) -> SavedFile:
    """Read a file. Raises FileError, with words for people, if it cannot be opened or anything in it is wrong."""
    try:
        info = os.stat(path)
        if stat.S_ISDIR(info.st_mode):
            raise FileError(message("{path} is a folder", path=path))
        if not stat.S_ISREG(info.st_mode):
            raise FileError(message("{path} is not a file", path=path))
        too_large = FileError(message("{path} is larger than {count} MiB", path=path, count=MAX_BYTES // 2**20))
        if info.st_size > MAX_BYTES:
            raise too_large
        # It may grow in this moment, so that the limit holds for what is read, too.
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise too_large
    except (OSError, ValueError) as error:
        raise FileError(_cannot_read(path, error)) from error
    try:
        return read_text(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        words = message("{path} is not a text file: byte {place} is not UTF-8", path=path, place=error.start + 1)
        raise FileError(words) from error


class TooLargeError(FileError):
    """What is to be saved is more than a file may hold."""


def write_file(path: str, saved: SavedFile) -> None:
    """Write a file. Raises FileError, with the reason, and then leaves the old file as it was.

    Raises TooLargeError for what could not be opened again for its size.
    """
    content = to_text(saved).encode()
    if len(content) > MAX_BYTES:
        count = MAX_BYTES // 2**20
        raise TooLargeError(message("{path} would be larger than {count} MiB", path=path, count=count))
    file = QSaveFile(path)
    done = file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(content) == len(content) and file.commit()
    if not done:
        raise FileError(message("{path} cannot be saved: {reason}", path=path, reason=file.errorString()))


def read_text(text: str) -> SavedFile:
    """Read the text of a file. Raises FileError with the place and the reason."""
    stored = read_document(text)
    positions = _positions(stored.layout, stored.experiment.graph)
    return SavedFile(Project(stored.experiment, positions), _view(stored.view, stored.experiment.graph), stored.run)


def to_text(saved: SavedFile) -> str:
    """Give the text of a file.

    Raises FileError for what could not be read again, such as a run whose weights are no longer finite.
    """
    project, view = saved.project, saved.view
    nodes = project.experiment.graph.nodes
    layout = {str(id_): list(project.positions[id_]) for id_ in sorted(nodes) if id_ in project.positions}
    text = write_document(Stored(project.experiment, saved.run, layout, _view_tree(view)))
    read_text(text)
    return text


def _cannot_read(path: str, error: Exception) -> Message:
    if isinstance(error, FileNotFoundError):
        return message("{path} does not exist", path=path)
    if isinstance(error, PermissionError):
        return message("{path} may not be read: permission denied", path=path)
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return message("{path} cannot be read: {reason}", path=path, reason=reason)


def _positions(layout: Mapping[str, object], graph: Graph) -> dict[int, Position]:
    ids = {str(id_): id_ for id_ in graph.nodes}
    positions: dict[int, Position] = {}
    for name, entry in layout.items():
        place = f"$.layout.{name}"
        if name not in ids:
            raise fault(place, message("there is no node {id}", id=name))
        positions[ids[name]] = _position(decode(entry, _PositionRecord, place), place)
    return positions


def _view_tree(view: View) -> dict[str, object]:
    watches = tuple(_WatchRecord(*astuple(watch)) for watch in view.watches)
    marks = tuple(_BreakpointRecord(mark.node, _PASSES[mark.phase]) for mark in view.breakpoints)
    center = None if view.center is None else _PositionRecord(*view.center)
    record = _ViewRecord(view.zoom, center, view.panels, watches or msgspec.UNSET, marks or msgspec.UNSET)
    tree: dict[str, object] = msgspec.to_builtins(record)
    return tree


def _view(tree: Mapping[str, object], graph: Graph) -> View:
    record = decode(tree, _ViewRecord, "$.view")
    if not MIN_ZOOM <= record.zoom <= MAX_ZOOM:
        words = message(
            "a zoom from {low} to {high} is needed, not {value}", low=MIN_ZOOM, high=MAX_ZOOM, value=record.zoom
        )
        raise fault("$.view.zoom", words)
    if len(set(record.panels)) < len(record.panels):
        raise fault("$.view.panels", message("a panel stands here twice"))
    center = None if record.center is None else _position(record.center, "$.view.center")
    watches = () if isinstance(record.watches, msgspec.UnsetType) else record.watches
    breakpoints = () if isinstance(record.breakpoints, msgspec.UnsetType) else record.breakpoints
    return View(record.zoom, center, record.panels, _watches(watches, graph), _breakpoints(breakpoints, graph))


def _watches(records: tuple[_WatchRecord, ...], graph: Graph) -> tuple[Watch, ...]:
    """Give what is watched; what a node that is gone had is left out."""
    if len(records) > MAX_WATCHES:
        raise fault("$.view.watches", message("there are at most {count} watches", count=MAX_WATCHES))
    if len(set(records)) < len(records):
        raise fault("$.view.watches", message("a watch stands here twice"))
    found = (Watch(w.node, w.parameter, w.row, w.column) for w in records)
    return tuple(watch for watch in found if watch.node in graph.nodes)


def _breakpoints(records: tuple[_BreakpointRecord, ...], graph: Graph) -> tuple[Breakpoint, ...]:
    phases = {name: phase for phase, name in _PASSES.items()}
    for number, record in enumerate(records):
        if record.node not in graph.nodes:
            raise fault(f"$.view.breakpoints[{number}].node", message("there is no node {id}", id=record.node))
        if record in records[:number]:
            raise fault(f"$.view.breakpoints[{number}]", message("a breakpoint stands here twice"))
    return tuple(Breakpoint(record.node, phases[record.before]) for record in records)


def _position(record: _PositionRecord, place: str) -> Position:
    if max(abs(record.x), abs(record.y)) > MAX_COORDINATE:
        raise fault(place, message("a position is at most {limit:g} from the origin", limit=MAX_COORDINATE))
    return record.x, record.y
