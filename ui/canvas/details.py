"""What the tooltips of the canvas say about a node, a port or a wire. Made when one is asked for."""

from __future__ import annotations

from html import escape

import numpy as np

from app.translate import format_count, format_number, tr
from engine.compiler import Compilation
from engine.experiment import Experiment
from engine.graph import Edge, Graph, Node
from engine.ops.base import Shape
from engine.ops.call import Array
from engine.snapshot import Snapshot
from ui.pins import pinned_titles


def node_details(node: Node, experiment: Experiment, compilation: Compilation, snapshot: Snapshot | None) -> str:
    """Give a node's formulas, shapes, parameter count, pins and problems, as HTML."""
    lines = [f"<b>{escape(_title(node))}</b>", escape(tr(node.kind.summary))]
    forward, backward = node.build().formulas()
    lines += [f"▶ {escape(tr(forward))}"] if forward else []
    lines += [f"◀ {escape(tr(backward))}"] if backward else []
    if node.id in compilation.shapes:
        lines.append(escape(tr("gives {shape}", shape=shape_words(compilation.shapes[node.id], _rows(snapshot)))))
    if compilation.program is not None:
        own = [p for p in compilation.program.parameters if p.node == node.id]
        if own:
            parts = ", ".join(f"{p.title} [{p.shape[0]}×{p.shape[1]}]" for p in own)
            count = format_count(sum(p.size for p in own))
            lines.append(escape(tr("{count} parameters: {parts}", count=count, parts=parts)))
    pinned = pinned_titles(experiment, node, compilation.program)
    if pinned:
        lines.append(escape(tr("Pinned, so that no update changes it: {names}", names=", ".join(pinned))))
    lines += [f"▲ {escape(tr(p.words))}" for p in compilation.problems if p.node == node.id]
    return "<br>".join(lines)


def port_details(node: Node, port: str) -> str:
    """Say what a port takes; "" is the output."""
    if not port:
        return escape(tr("Output of {node}: drag to an input", node=tr(node.title)))
    found = next(p for p in node.kind.ports if p.name == port)
    if found.many:
        return escape(tr("{port}: takes any number of wires", port=tr(found.label)))
    return escape(tr("{port}: takes one wire", port=tr(found.label)))


def sum_details(node: Node, added: int, uses: int) -> str:
    """Say what adds up at an output that is used several times."""
    name = tr(node.title)
    if added < uses:
        words = tr("δ of {node} is so far the sum over {added} of its {uses} uses", node=name, added=added, uses=uses)
    else:
        words = tr("δ of {node} is the sum over its {uses} uses", node=name, uses=uses)
    return escape(words)


def edge_details(edge: Edge, graph: Graph, compilation: Compilation, snapshot: Snapshot | None) -> str:
    """Give a wire's ends, the shape of what it carries, its numbers and, once it is known, the size of δ, as HTML."""
    source, target = graph.nodes[edge.source], graph.nodes[edge.target]
    lines = [f"<b>{escape(_title(source))} → {escape(_title(target))}</b>"]
    if edge.source in compilation.shapes:
        lines.append(shape_words(compilation.shapes[edge.source], _rows(snapshot)))
    if snapshot is not None and edge.source in snapshot.program.outputs and len(snapshot.batch):
        program = snapshot.program
        values = snapshot.activation(edge.source)
        low, mean, high = (format_number(v) for v in (values.min(), values.mean(), values.max()))
        lines.append(escape(tr("min {low} · mean {mean} · max {high}", low=low, mean=mean, high=high)))
        delta: Array | None = program.adjoint(snapshot.arena, program.outputs[edge.source], snapshot.rows)
        if delta is not None and snapshot.gradient_step is not None:
            lines.append(f"‖δ‖ {format_number(float(np.linalg.norm(delta)))}")
    return "<br>".join(lines)


def shape_words(shape: Shape, rows: int | None) -> str:
    """Give "[32×8]"; the rows of a batch are n where no batch is known."""
    count = shape.rows if shape.rows is not None else rows
    return f"[{'n' if count is None else count}×{shape.columns}]"


def _rows(snapshot: Snapshot | None) -> int | None:
    return None if snapshot is None else snapshot.rows


def _title(node: Node) -> str:
    caption = tr(node.build().caption())
    return f"{node.name} · {caption}" if node.name else tr(node.kind.label)
