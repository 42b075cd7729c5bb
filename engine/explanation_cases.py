"""What the lines of an optimizer's rule need beyond its formula: which of its cases holds, and numbers in between.

Slots are known before and after an update; what a rule computes on the way, such as m̂, is computed here once more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from engine.explanation_parts import Number
from engine.message import Message, message
from engine.optimizers import Optimizer, Rprop

_CORRECTED = {
    "m̂ = m / (1 − β₁ᵗ)": ("m", "beta1"),
    "v̂ = v / (1 − β₂ᵗ)": ("v", "beta2"),
    "n̂ = n / (1 − β₂ᵗ)": ("n", "beta2"),
}
"""The corrections of a mean for its start at 0: (mean, setting)."""


def clauses_that_hold(formulas: Sequence[str], values: Mapping[str, Number]) -> Iterator[tuple[str, Message | None]]:
    """Give the clauses of a rule in order, of cases the one that holds, with the reason in words.

    What a case depends on is among `values` only when the clauses before it are done: each is asked for when needed.
    """
    signs = 0.0
    if "p" in values:
        signs = math.copysign(1.0, values["g"].value) * math.copysign(1.0, values["p"].value)
        signs *= bool(values["g"].value and values["p"].value)
    for clause in (clause for line in formulas for clause in line.split(",  ")):
        if clause == "p ← g, or 0 where g p < 0":
            waits = message("the sign of g has changed: this weight waits once")
            yield ("p ← 0", waits) if signs < 0.0 else ("p ← g", None)
        elif clause.endswith(" where g p > 0"):
            if signs > 0.0:
                yield clause.removesuffix(" where g p > 0"), message("g p > 0: the sign of g has stayed")
        elif clause.endswith(" where g p < 0"):
            if signs < 0.0:
                yield clause.removesuffix(" where g p < 0"), message("g p < 0: the sign of g has changed")
        elif clause.startswith("r² = ") and values["ρₜ"].value <= 5.0:
            continue
        elif clause.startswith("ρₜ > 5:"):
            if values["ρₜ"].value > 5.0:
                yield clause.partition(":  ")[2], message("as ρₜ > 5: v is known well enough")
        elif clause.startswith("else:"):
            if values["ρₜ"].value <= 5.0:
                yield clause.partition(":  ")[2], message("as ρₜ ≤ 5: v is not known well enough yet")
        else:
            yield clause, None


def first_values(optimizer: Optimizer, values: Mapping[str, Number]) -> Mapping[str, Number]:
    """Give what the rule takes in place of an empty slot: Rprop's first step."""
    if isinstance(optimizer, Rprop) and "a" in values and values["a"].value == 0.0:
        return {"a": Number(optimizer.number("first_step"), "a")}
    return {}


def computed(clause: str, optimizer: Optimizer, values: Mapping[str, Number]) -> Mapping[str, Number]:
    """Give what a clause computes that no slot holds: the left side, and what the next clauses make of it."""
    left, t = clause.partition(" ")[0], values["t"].value
    if clause in _CORRECTED:
        mean, setting = _CORRECTED[clause]
        return {left: Number(values[mean].value / (1.0 - optimizer.number(setting) ** t), left)}
    if left == "ρ∞":
        return {left: Number(2.0 / (1.0 - optimizer.number("beta2")) - 1.0, left)}
    if left == "ρₜ":
        power = optimizer.number("beta2") ** t
        return {left: Number(values["ρ∞"].value - 2.0 * t * power / (1.0 - power), left)}
    if left == "r²":
        last, seen = values["ρ∞"].value, values["ρₜ"].value
        square = (seen - 4.0) * (seen - 2.0) * last / ((last - 4.0) * (last - 2.0) * seen)
        return {left: Number(square, left), "r": Number(math.sqrt(square) if square >= 0.0 else math.nan, "r")}
    if clause in ("a ← a η₊", "a ← a η₋"):
        return {left: Number(values["a"].value * values[clause[-2:]].value, left)}
    return {}
