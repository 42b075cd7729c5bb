"""Writes docs/reference.md from the classes themselves, so that it never ages.

PYTHONPATH=. .venv/bin/python docs/reference.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.examples import EXAMPLES, load_example
from app.translate import format_count
from engine.clipping import CLIPPING_SETTINGS, CLIPPINGS
from engine.compiler import compile_graph
from engine.dataset_kind import SEED, TEST_SHARE
from engine.datasets import DATASETS, Dataset, make_dataset
from engine.gradients import GRADIENT_METHODS, GradientMethod
from engine.initializers import INITIALIZERS
from engine.ops import OPS, Op
from engine.ops.base import Port
from engine.ops.penalties import PENALTIES
from engine.optimizers import OPTIMIZERS, Optimizer, Search
from engine.program import Program
from engine.schedules import SCHEDULE_SETTINGS, SCHEDULES
from engine.setting import Setting, SettingValue
from engine.stopping import STOP_CONDITIONS
from ui.op_search import CATEGORIES

FILE = Path(__file__).with_name("reference.md")
INTRODUCTION = """\
# Reference

Everything that can be put on the canvas or chosen in the pipeline, with its settings and formulas. `docs/reference.py`
writes this page from the program itself; a test keeps it up to date.

▶ is the forward formula and ◀ the backward one; L is the loss, ⊙ the product number by number. In tables, the name in
`code` is the one in files."""
PORT_KINDS = {
    "rows": "one row for each drawn row",
    "plain": "a plain value, such as a Parameter",
    "any": "rows or a plain value",
}
SHARED = (
    ("penalties", PENALTIES),
    ("learning-rate schedules", SCHEDULE_SETTINGS),
    ("gradient clipping", CLIPPING_SETTINGS),
    ("settings of every data set", (TEST_SHARE, SEED)),
)
"""Settings that several things have in common, and the heading under which they stand once."""
COMPARED = ("one-neuron", "xor", "digits")
"""The examples whose networks the costs are given for."""
FAN_IN, FAN_OUT = 8, 4
MANY = 4
"""Of more arrays than these only the first and the last are named."""

Rows = Sequence[Sequence[str]]


# ---- Markdown --------------------------------------------------------------------------------------------------------


def _escaped(words: str) -> str:
    return words.replace("|", r"\|").replace("*", r"\*")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _block(text: str) -> str:
    return f"```text\n{text}\n```"


def _table(head: Sequence[str], rows: Rows) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _number(value: float) -> str:
    return format_count(int(value)) if value == int(value) else f"{value:.12g}"


# ---- settings --------------------------------------------------------------------------------------------------------


def _shown(setting: Setting, value: SettingValue) -> str:
    """Give a value as people see it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return _escaped(setting.label_of(value)) if setting.choices else _code(value) or "empty"
    return ", ".join(map(setting.label_of, value)) or "none"


def _allowed(setting: Setting) -> str:
    """Give what the setting takes."""
    if isinstance(setting.default, bool):
        return "yes, no"
    if isinstance(setting.default, str | tuple):
        kind = "text" if isinstance(setting.default, str) else "names"
        return _escaped(", ".join(map(setting.label_of, setting.choices))) or kind
    bounds = ["above 0"] if setting.positive else []
    if setting.minimum is not None:
        bounds.append(f"from {_number(setting.minimum)}")
    if setting.maximum is not None:
        bounds.append(f"to {_number(setting.maximum)}")
    whole = "whole number" if isinstance(setting.default, int) else "number"
    return " ".join((whole, *bounds))


def _condition(setting: Setting, settings: Sequence[Setting]) -> str:
    """Say when a setting has a meaning."""
    if not setting.depends_on:
        return ""
    other = next(s for s in settings if s.name == setting.depends_on)
    if setting.depends_value:
        return f" Only where {other.label} is {_shown(other, setting.depends_value)}."
    return f" Only where {other.label} is not {_shown(other, other.default)}."


def _settings_table(settings: Sequence[Setting]) -> str:
    rows = [
        (
            f"{setting.label} {_code(setting.name)}",
            _shown(setting, setting.default),
            _allowed(setting),
            _escaped(setting.help) + _condition(setting, settings),
        )
        for setting in settings
    ]
    return _table(("Setting", "Default", "Allowed", "What it is"), rows)


def _settings(settings: Sequence[Setting]) -> Iterator[str]:
    """Give a table of what is a thing's own, and links to what it shares with others."""
    shared = [(title, group) for title, group in SHARED if all(setting in settings for setting in group)]
    own = [setting for setting in settings if not any(setting in group for _, group in shared)]
    if own:
        yield _settings_table(own)
    if shared:
        links = ", ".join(f"[{title}](#{title.replace(' ', '-')})" for title, _ in shared)
        yield f"{'And' if own else 'Settings'}: {links}."


# ---- sections --------------------------------------------------------------------------------------------------------


def _inputs(ports: Sequence[Port]) -> str:
    words = []
    for port in ports:
        count = ", any number of wires" if port.many else ""
        may = ", may stay empty" if port.optional else ""
        words.append(f"**{port.label}** ({PORT_KINDS[port.kind]}{count}{may})")
    return f"Inputs: {'; '.join(words)}." if words else "No inputs."


def _formulas(op: type[Op]) -> str:
    lines = (("▶", op.forward_formula), ("◀", op.backward_formula))
    return _block("\n".join(f"{sign} {formula}" for sign, formula in lines if formula))


def _nodes() -> Iterator[str]:
    for category in CATEGORIES:
        yield f"### {category}"
        for op in OPS.values():
            if op.category == category:
                yield f"#### {op.label}"
                yield _escaped(op.summary)
                yield f"In files {_code(op.name)}. {_inputs(op.ports)}"
                yield _formulas(op)
                yield from _settings(op.settings)
    yield "### Penalties"
    yield "What every loss can add. They are part of L, and so of g."
    yield _settings_table(PENALTIES)
    yield "### Only inside of others"
    yield "Instructions that no node stands for alone: a loss, an Expression or a normalization is lowered to them."
    inner = [op for op in OPS.values() if not op.category]
    rows = [(_escaped(op.label), *map(_inner_code, (op.forward_formula, op.backward_formula))) for op in inner]
    yield _table(("Instruction", "▶", "◀"), rows)


def _inner_code(formula: str) -> str:
    return _code(formula.replace("|", r"\|"))


def _networks() -> Iterator[tuple[str, Program]]:
    """Give the networks that costs are compared on, with their titles."""
    for key in COMPARED:
        experiment = load_example(key).project.experiment
        dataset = make_dataset(experiment.data.kind, experiment.data.settings)
        program = compile_graph(experiment.graph, dataset, experiment.batch_size or len(dataset.train)).program
        assert program is not None, "the examples compile"
        yield next(example.title for example in EXAMPLES if example.key == key), program


def _methods() -> Iterator[str]:
    yield "They fill g, and change no weight."
    for method in GRADIENT_METHODS.values():
        yield f"### {method.label.capitalize() if method.name == 'none' else method.label}"
        yield _escaped(method.summary)
        yield f"In files {_code(method.name)}."
        yield from _settings(method.settings)
    networks = [*_networks()]
    yield "### What a gradient costs"
    yield "In forward passes through the network, with the default settings; the pass of phase 2 is not counted."
    titles = [f"{title}, {_number(program.parameter_count)} weights" for title, program in networks]
    rows = [(kind.label, *(_cost(kind, program) for _, program in networks)) for kind in GRADIENT_METHODS.values()]
    yield _table(("Gradient method", *titles), rows)


def _cost(kind: type[GradientMethod], program: Program) -> str:
    return _number(round(kind().cost(program, program.rows).forward_passes))


def _memory(optimizer: Optimizer) -> str:
    """Say what an optimizer keeps from step to step."""
    names = [*map(_code, optimizer.memory)]
    if not names:
        return "It keeps nothing from step to step."
    listed = ", ".join(names) if len(names) <= MANY else f"{names[0]} … {names[-1]}"
    return f"It keeps for each weight: {listed}."


def _optimizers() -> Iterator[str]:
    yield "They turn g into Δw and add it to the weights, in phase 5 only; they do not ask where g comes from."
    for kind in OPTIMIZERS.values():
        optimizer = kind()
        yield f"### {kind.label.capitalize() if kind.name == 'none' else kind.label}"
        yield _escaped(kind.summary)
        words = [f"In files {_code(kind.name)}.", _memory(optimizer)]
        if isinstance(optimizer, Search):
            words.append(f"It needs no g, but {optimizer.passes} forward passes a step with the default settings.")
        yield " ".join(words)
        yield _block(kind.formula)
        yield from _settings(kind.settings)
    yield "### Learning-rate schedules"
    yield "What every optimizer with a learning rate η has. x is the time since the warm-up in units of N steps."
    yield _settings_table(SCHEDULE_SETTINGS)
    rows = [(s.label, _code(s.name), _code(f"ηₜ = {s.formula}"), _escaped(s.summary)) for s in SCHEDULES.values()]
    yield _table(("Schedule", "In files", "Rate", "What it does"), rows)
    yield "### Gradient clipping"
    yield "The optimizer then uses ĝ in place of g; g itself stays as computed."
    yield _settings_table(CLIPPING_SETTINGS)
    rows = [(c.label, _code(c.name), _code(c.formula or "ĝ = g"), _escaped(c.summary)) for c in CLIPPINGS.values()]
    yield _table(("Clipping", "In files", "Formula", "What it does"), rows)


def _initializers() -> Iterator[str]:
    yield "How weights are drawn before the first step. Biases begin at 0."
    rows = []
    for name, initializer in INITIALIZERS.items():
        spread = initializer.variance(FAN_IN, FAN_OUT) ** 0.5
        kind = "all equal" if not spread else "normal" if initializer.normal else "uniform"
        rows.append((initializer.label, _code(name), kind, f"{spread:.4f}"))
    deviation = f"Standard deviation with {FAN_IN} inputs, {FAN_OUT} units"
    yield _table(("Initial weights", "In files", "Distribution", deviation), rows)


def _stops() -> Iterator[str]:
    yield "The first that begins to hold ends a run. A value that is not finite always does."
    for condition in STOP_CONDITIONS.values():
        yield f"### {condition.label.capitalize()}"
        yield _escaped(condition.summary)
        yield f"In files {_code(condition.name)}."
        yield from _settings(condition.settings)


def _columns(dataset: Dataset) -> str:
    """Say what a row of a data set holds."""
    names = dataset.feature_names
    features = ", ".join(map(_code, names)) if len(names) <= MANY else f"{_code(names[0])} … {_code(names[-1])}"
    classes = f" Classes: {', '.join(dataset.class_names)}." if dataset.class_names else ""
    return f"{len(names)} input{'s' * (len(names) > 1)}: {features}.{classes}"


def _datasets() -> Iterator[str]:
    for key, kind in DATASETS.items():
        dataset = make_dataset(key, {})
        yield f"### {kind.label}"
        yield _escaped(kind.summary)
        counts = f"{_number(len(dataset.train))} rows to train on and {_number(len(dataset.test))} to test"
        yield f"In files {_code(key)}. {kind.task.capitalize()}; {counts}. {_columns(dataset)}"
        yield from _settings(kind.settings)
    yield "### Settings of every data set"
    yield _settings_table((TEST_SHARE, SEED))


SECTIONS = (
    ("Nodes", _nodes),
    ("Gradient methods", _methods),
    ("Optimizers", _optimizers),
    ("Initial weights", _initializers),
    ("Stop conditions", _stops),
    ("Data sets", _datasets),
)


def make_text() -> str:
    """Give the whole page."""
    parts = [INTRODUCTION, "\n".join(f"- [{title}](#{title.lower().replace(' ', '-')})" for title, _ in SECTIONS)]
    for title, write in SECTIONS:
        parts += [f"## {title}", *write()]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    FILE.write_text(make_text(), "utf-8")
