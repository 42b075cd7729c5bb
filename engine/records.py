"""The `.bplab` format as msgspec types: which sections and fields a document has, and of which types they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from engine.json_text import fault
from engine.message import message

FORMAT = "backprop-lab"
VERSION = 1
MIGRATIONS: dict[int, Callable[[dict[str, object]], dict[str, object]]] = {}
"""By version: what makes a document of the next version of one of this version. Each keeps working for ever."""

T = TypeVar("T")


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON object with exactly these fields; those with a default may be missing."""


class NodeRecord(Record, frozen=True):
    """A node."""

    id: int
    op: str
    name: str = ""
    settings: dict[str, object] = {}


class EdgeRecord(Record, frozen=True):
    """A wire; the order of wires is the order of a many-port."""

    source: int = msgspec.field(name="from")
    target: int = msgspec.field(name="to")
    port: str


class GraphRecord(Record, frozen=True):
    """The graph; `next_id` is above all ids that were ever used."""

    nodes: list[NodeRecord]
    edges: list[EdgeRecord]
    next_id: int


class ChoiceRecord(Record, frozen=True):
    """One entry of a list of kinds."""

    kind: str
    settings: dict[str, object] = {}


class PinRecord(Record, frozen=True):
    """A parameter that no update changes."""

    node: int
    name: str


class ExperimentRecord(Record, frozen=True, omit_defaults=True):
    """The experiment but for its graph."""

    data: ChoiceRecord
    gradient_method: ChoiceRecord
    optimizer: ChoiceRecord
    batch_size: int | None
    seed: int
    pinned: list[PinRecord] = []
    stops: list[ChoiceRecord] = []


class BufferRecord(Record, frozen=True):
    """A buffer of the run."""

    node: int
    name: str
    shape: tuple[int, int]
    values: tuple[float, ...]


class ArrayRecord(BufferRecord, frozen=True):
    """A parameter of the run with the optimizer's slots."""

    slots: dict[str, tuple[float, ...]]


class RunRecord(Record, frozen=True, omit_defaults=True):
    """The state of the run."""

    generator: str
    step: int
    micro: int
    updates: int
    epoch: int
    row: int
    loss: float | None
    parameters: list[ArrayRecord]
    buffers: list[BufferRecord] = []
    gradient_calls: int = 0


class DocumentRecord(Record, frozen=True):
    """The whole document."""

    format: str
    version: int
    graph: GraphRecord
    experiment: ExperimentRecord
    layout: dict[str, object] = {}
    view: dict[str, object] = {}
    run: RunRecord | None = None


def decode(tree: object, type_: type[T], place: str) -> T:
    """Turn parsed JSON, which stands at `place`, into a type that msgspec knows. Raises FileError with the place."""
    try:
        return msgspec.convert(tree, type_)
    except msgspec.ValidationError as error:
        reason, _, within = str(error).partition(" - at `$")
        words = message("{reason}", reason=reason.replace("`", "").replace("Object ", "the object "))
        raise fault(place + within.rstrip("`"), words) from error


def migrate(tree: object) -> dict[str, object]:
    """Make a document of the present version of one of any version. Raises FileError if it is none, or a newer one."""
    if not isinstance(tree, dict):
        raise fault("$", message("an object is needed"))
    if tree.get("format") != FORMAT:
        raise fault("$.format", message("this is not a file of Backprop Lab"))
    version = tree.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        words = message("the version must be a whole number from 1, not {version}", version=repr(version))
        raise fault("$.version", words)
    if version > VERSION:
        words = message("the file was made by a newer version of Backprop Lab (format {version})", version=version)
        raise fault("$.version", words)
    for older in range(version, VERSION):
        tree = {**MIGRATIONS[older](tree), "version": older + 1}
    return tree
