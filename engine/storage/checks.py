"""What all sections of a document are checked for: numbers within bounds, nodes that exist, settings that fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.graph import Node
from engine.json_text import fault
from engine.message import Message, message
from engine.ops import Op
from engine.setting import Setting, SettingError, SettingValue

MAX_COUNT = 10**15
"""The most that anything is counted to."""


def check_range(value: int, low: int, high: int, place: str, what: Message) -> None:
    """Check a number at a place. Raises FileError."""
    if not low <= value <= high:
        words = message("{what} must be from {low} to {high}, not {value}", what=what, low=low, high=high, value=value)
        raise fault(place, words)


def find_kind(id_: int, nodes: Mapping[int, Node], place: str) -> type[Op]:
    """Give the kind of a node that a place names. Raises FileError where there is none."""
    if id_ not in nodes:
        raise fault(place, message("there is no node {id}", id=id_))
    return nodes[id_].kind


def read_settings(declared: Sequence[Setting], given: Mapping[str, object], place: str) -> dict[str, SettingValue]:
    """Check the settings given at a place and fill in the defaults of the others. Raises FileError."""
    known = {setting.name: setting.default for setting in declared}
    for name in given:
        if name not in known:
            raise fault(f"{place}.{name}", message("there is no such setting here"))
    for setting in declared:
        if setting.name in given:
            try:
                known[setting.name] = setting.check(given[setting.name])
            except SettingError as error:
                raise fault(f"{place}.{setting.name}", error.message) from error
    return known
