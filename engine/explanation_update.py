"""How the optimizer made Δw of one weight: its own formula with the numbers in it, and why, in words.

A formula's symbols are looked up among the settings, the slots and what lies in the arena; those that are nowhere stay
symbols. Numbers stand only where the rule itself, run again on copies, gives the arena's Δw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from engine.explanation_cases import clauses_that_hold, computed, first_values
from engine.explanation_marks import is_between_steps, is_step_before
from engine.explanation_parts import Line, Mark, Number, Part, Slot, State, UpdateWork
from engine.explanation_reasons import Move, reasons
from engine.message import Message
from engine.optimizers import SGD, Optimizer, Search, Update, descent_label, make_optimizer
from engine.program import Parameter, Phase
from engine.snapshot import Snapshot

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def explain_update(
    snapshot: Snapshot, earlier: Snapshot | None, parameter: Parameter, place: tuple[int, int]
) -> UpdateWork:
    """Explain the update of the weight at (row, column) of a parameter: the one just made, or the one to come."""
    row, column = place
    title = parameter.weight_title(row, column)
    known = earlier if is_step_before(earlier, snapshot) else None
    # What stood in the slots when the update was made: it may have been exchanged since.
    pipeline = (known or snapshot).pipeline
    optimizer = make_optimizer(pipeline.optimizer.kind, pipeline.optimizer.settings)
    label = optimizer.label
    if isinstance(optimizer, SGD):
        label = descent_label(snapshot.batch_rows, snapshot.train_rows)
    formulas = tuple(optimizer.formulas.split("\n"))
    offset = parameter.offset + row * parameter.shape[1] + column
    is_made = is_between_steps(snapshot) and snapshot.phase is Phase.UPDATE
    if not is_made:
        found = _slots(snapshot, None, optimizer, offset)
        return UpdateWork(label, title, formulas, Mark(State.PENDING), slots=found)
    mark = Mark(State.FRESH, snapshot.step - 1)
    if snapshot.update_step != snapshot.step - 1 or isinstance(optimizer, Search):
        return UpdateWork(label, title, formulas, mark, reasons=_words_of(snapshot))
    is_pinned = (parameter.node, parameter.name) in pipeline.pinned
    move = _move(snapshot, known, optimizer, offset, pipeline.pinned, is_pinned=is_pinned)
    found = _slots(known, snapshot, optimizer, offset)
    lines = () if is_pinned else (*_lines(optimizer, formulas, move, found), *_moved(move))
    return UpdateWork(label, title, formulas, mark, lines, found, reasons(optimizer, move))


def _words_of(snapshot: Snapshot) -> tuple[Message, ...]:
    return () if snapshot.last is None else (snapshot.last.words,)


def _at(snapshot: Snapshot, region: int, offset: int, name: str) -> Number:
    program = snapshot.program
    place = program.buffer_span + region * program.parameter_span + offset
    return Number(float(snapshot.arena[place]), name, place)


def _slots(before: Snapshot | None, after: Snapshot | None, optimizer: Optimizer, offset: int) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            name,
            None if before is None else _at(before, 3 + number, offset, name),
            None if after is None else _at(after, 3 + number, offset, name),
        )
        for number, name in enumerate(optimizer.slots)
    )


def _move(
    snapshot: Snapshot,
    earlier: Snapshot | None,
    optimizer: Optimizer,
    offset: int,
    pinned: frozenset[tuple[int, str]],
    *,
    is_pinned: bool,
) -> Move:
    """Gather the numbers of one weight's update, and find out at which t the rule gives its Δw."""
    program, g, update = snapshot.program, _at(snapshot, 1, offset, "g"), _at(snapshot, 2, offset, "Δw")
    clipped = program.region(snapshot.arena, 1).copy()
    for parameter in program.parameters:
        if (parameter.node, parameter.name) in pinned:
            program.part(clipped, parameter).fill(0.0)
    optimizer.clip(clipped)
    used = Number(float(clipped[offset]), "ĝ") if clipped[offset] != g.value else Number(g.value, "ĝ", g.place)
    after = _at(snapshot, 0, offset, "w")
    before = None if earlier is None else _at(earlier, 0, offset, "w")
    t = 0
    is_sure = False
    if earlier is not None:
        t = earlier.updates + 1
        slots = tuple(np.array([_at(earlier, 3 + k, offset, "").value]) for k in range(len(optimizer.slots)))
        trial = Update(np.array([earlier.arena[after.place]]), np.array([used.value]), slots, np.empty(1))
        with np.errstate(all="ignore"):
            optimizer.update(trial, t)
        is_sure = bool(np.isclose(trial.delta[0], update.value, rtol=1e-9, atol=0.0))
    return Move(g, used, update, before, after, t if is_sure else None, is_pinned=is_pinned)


def _lines(optimizer: Optimizer, formulas: tuple[str, ...], move: Move, slots: tuple[Slot, ...]) -> tuple[Line, ...]:
    """Give the formulas with numbers, one line a clause; of a rule with cases those that hold."""
    if move.t is None:
        return ()
    values = _settings(optimizer) | {"g": move.gradient, "ĝ": move.used, "t": Number(float(move.t), "t")}
    if move.before is not None:
        values["w"] = move.before
    if "learning_rate" in optimizer.values:
        values["ηₜ"] = Number(optimizer.rate(move.t), "ηₜ")
    after = {slot.name: slot.after for slot in slots if slot.after is not None}
    values |= {slot.name: slot.before for slot in slots if slot.before is not None}
    values |= first_values(optimizer, values)
    results = {"Δw": move.update, "ĝ": move.used, **({"ηₜ": values["ηₜ"]} if "ηₜ" in values else {}), **after}
    lines = []
    for clause, note in clauses_that_hold(formulas, values):
        left, sign, right = re.split(r" (=|←) ", clause, maxsplit=1) if re.search(r" [=←] ", clause) else ("", "", "")
        if not sign:
            continue
        found = computed(clause, optimizer, values)
        result = found.get(left, results.get(left))
        parts = filled(right, values)
        ending: tuple[Part, ...] = () if result is None else (" = ", result)
        if ending and (parts != (right,) or note is not None):
            lines.append(Line((f"{left} {sign} ", *parts, *ending), note))
        values |= found if result is None else {**found, left: result}
    return tuple(lines)


def _moved(move: Move) -> tuple[Line, ...]:
    """Give the line that adds Δw."""
    return () if move.before is None else (Line(("w ← ", move.before, " + ", move.update, " = ", move.after)),)


def _settings(optimizer: Optimizer) -> dict[str, Number]:
    """Give the settings by the symbol at the end of their labels: "Momentum μ" is μ."""
    found = {}
    for setting in optimizer.settings:
        symbol = "η" if setting.name == "learning_rate" else setting.label.split()[-1]
        is_number = isinstance(setting.default, int | float) and not isinstance(setting.default, bool)
        if is_number and (len(symbol) <= 2 or symbol[-1] in "₊₋"):
            found[symbol] = Number(optimizer.number(setting.name), symbol)
    return found


def filled(formula: str, values: Mapping[str, Number]) -> tuple[Part, ...]:
    """Put numbers for the symbols of a formula; where two come to stand side by side, with a · between them.

    Of the raised symbols only t, a count, can be a number.
    """
    if "t" in values:
        formula = formula.replace("ᵗ", f"{values['t'].value:.0f}".translate(_RAISED))
    symbols = "|".join(re.escape(symbol) for symbol in sorted(values, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w‖])(?:{symbols})(?![A-Za-zΑ-ω\d_\u0302₀-₎ₐ-ₜ‖])")
    parts: list[Part] = []
    end = 0
    for found in pattern.finditer(formula):
        between = formula[end : found.start()]
        is_product = parts and not between.strip()
        if is_product or (between.endswith(" ") and re.search(r"[)²\d]$", between.strip())):
            between = f"{between.rstrip()} · "
        elif parts and between.startswith(" √"):
            between = f" ·{between}"
        between = between.replace(") (", ") · (")
        parts += [between] if between else []
        parts.append(values[found[0]])
        end = found.end()
    rest = formula[end:]
    if rest.startswith(" (") and parts:
        rest = f" · {rest.lstrip()}"
    return (*parts, rest) if rest else tuple(parts)
