"""The `.bplab` format: an experiment and the state of its run as JSON text, and back.

One document: `{"format": "backprop-lab", "version": 1, "graph": …, "experiment": …, "layout": …, "view": …, "run": …}`.
Layout and view are the application's; here they are only kept. Reading trusts nothing: whatever is wrong is a FileError
with the place and the reason, and what was read is as sound as what the Graph's own edits give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from engine.experiment import Experiment
from engine.json_text import FileError, parse, write
from engine.records import FORMAT, VERSION, DocumentRecord, decode, migrate
from engine.run_state import RunState
from engine.storage.experiment import experiment_record, read_experiment
from engine.storage.graph import graph_record, read_graph
from engine.storage.run import read_run, run_record

__all__ = ["FileError", "Stored", "read_document", "write_document"]


@dataclass(frozen=True)
class Stored:
    """What a file holds. Layout and view are plain JSON values that the application knows how to read."""

    experiment: Experiment
    run: RunState | None = None
    layout: Mapping[str, object] = field(default_factory=dict)
    view: Mapping[str, object] = field(default_factory=dict)


def read_document(text: str) -> Stored:
    """Read a document of this or an older version. Raises FileError with the place and the reason.

    Whether the arrays of the run fit the graph shows only when it is compiled, so the trainer checks that.
    """
    record = decode(migrate(parse(text)), DocumentRecord, "$")
    graph = read_graph(record.graph)
    return Stored(
        read_experiment(record.experiment, graph),
        None if record.run is None else read_run(record.run, graph),
        record.layout,
        record.view,
    )


def write_document(stored: Stored) -> str:
    """Write a document of this version. Raises FileError for a number that is not finite, as in a run that diverged."""
    record = DocumentRecord(
        FORMAT,
        VERSION,
        graph_record(stored.experiment.graph),
        experiment_record(stored.experiment),
        dict(stored.layout),
        dict(stored.view),
        None if stored.run is None else run_record(stored.run),
    )
    return write(msgspec.to_builtins(record))
