"""A setting declared once: forms, files, checks and help all derive from the declaration."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from engine.message import EngineError, message

SettingValue = bool | int | float | str | tuple[str, ...]

MAX_TEXT = 500
"""The most characters of a text."""
MAX_WHOLE = 10**18 - 1
"""The largest whole number, as in files: 18 digits."""


class SettingError(EngineError):
    """A setting's value is of the wrong type or out of its bounds."""


@dataclass(frozen=True)
class Setting:
    """A named value with its default, bounds and words.

    The default's type is the setting's type: bool, int, float, str (one of `choices`; where `choices` is empty, any
    text) or a tuple of str (any number of `choices`; where `choices` is empty, any words). `minimum` and `maximum` are
    inclusive, except that with `positive` the value must be above 0. `choice_labels` are the words for `choices`, in
    the same order.

    `depends_on` names another setting: this one has a meaning, and is shown, only while that one has the value
    `depends_value`; where that is empty, while it is not at its default.
    """

    name: str
    default: SettingValue
    label: str
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    choice_labels: tuple[str, ...] = ()
    positive: bool = False
    depends_on: str = ""
    depends_value: str = ""

    def label_of(self, choice: str) -> str:
        """Give the words shown for one of the choices."""
        return dict(zip(self.choices, self.choice_labels, strict=False)).get(choice, choice)

    def check(self, value: object) -> SettingValue:
        """Give the value in the setting's own type, or raise SettingError with words."""
        if isinstance(self.default, bool):
            if not isinstance(value, bool):
                raise SettingError(
                    message("{label}: yes or no is needed, not {value}", label=self.label, value=repr(value))
                )
            return value
        if isinstance(self.default, int | float):
            return self._check_number(value)
        if isinstance(self.default, tuple):
            if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
                raise SettingError(message("{label}: a list of names is needed", label=self.label))
            if len(set(value)) != len(value):
                raise SettingError(message("{label}: a name stands there twice", label=self.label))
            return tuple(self._check_choice(item) for item in value)
        if not isinstance(value, str):
            raise SettingError(message("{label}: a word is needed, not {value}", label=self.label, value=repr(value)))
        if len(value) > MAX_TEXT:
            raise SettingError(message("{label} has at most {count} characters", label=self.label, count=MAX_TEXT))
        return self._check_choice(value)

    def _check_choice(self, value: str) -> str:
        if self.choices and value not in self.choices:
            raise SettingError(
                message(
                    "{label}: {value} is not one of {choices}",
                    label=self.label,
                    value=repr(value),
                    choices=", ".join(self.choices),
                )
            )
        return value

    def _check_number(self, value: object) -> int | float:
        whole = isinstance(self.default, int)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SettingError(message("{label}: a number is needed, not {value}", label=self.label, value=repr(value)))
        # Not math.isfinite, which fails for whole numbers beyond the floats.
        if not -sys.float_info.max <= value <= sys.float_info.max:
            raise SettingError(message("{label}: a finite number is needed", label=self.label))
        if whole and value != int(value):
            raise SettingError(message("{label}: a whole number is needed, not {value}", label=self.label, value=value))
        if whole and abs(value) > MAX_WHOLE:
            raise SettingError(message("{label}: a whole number of at most 18 digits is needed", label=self.label))
        if self.positive and value <= 0:
            raise SettingError(message("{label} must be above 0, not {value}", label=self.label, value=value))
        if self.minimum is not None and value < self.minimum:
            raise SettingError(
                message(
                    "{label} must be at least {bound}, not {value}", label=self.label, bound=self.minimum, value=value
                )
            )
        if self.maximum is not None and value > self.maximum:
            raise SettingError(
                message(
                    "{label} must be at most {bound}, not {value}", label=self.label, bound=self.maximum, value=value
                )
            )
        return int(value) if whole else float(value)


class Configured:
    """Something with settings that its class declares, such as an op or an optimizer; `values` are all, checked.

    Raises SettingError for an unknown name or a value that its setting refuses.
    """

    settings: ClassVar[tuple[Setting, ...]] = ()

    def __init__(self, given: Mapping[str, object] | None = None) -> None:
        self.values: Mapping[str, SettingValue] = complete(self.settings, given or {})
        self._numbers = {name: float(value) for name, value in self.values.items() if isinstance(value, int | float)}

    def number(self, name: str) -> float:
        """Give the value of a numeric setting."""
        return self._numbers[name]


def complete(settings: Sequence[Setting], given: Mapping[str, object]) -> dict[str, SettingValue]:
    """Check the given values and fill in the defaults of the others.

    Raises SettingError for an unknown name or a value that its setting refuses.
    """
    known = {setting.name: setting for setting in settings}
    for name in given:
        if name not in known:
            raise SettingError(message("there is no setting {name} here", name=repr(name)))
    return {name: s.check(given[name]) if name in given else s.default for name, s in known.items()}
