"""What a JSON sample shows of each field: which kinds of values, and what they have in common."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from sluiceway.schema.rules import DEPTH_MAX, FIELDS_MAX

NOT_FINITE: Final = frozenset({"NaN", "Infinity", "-Infinity"})

_LOCAL: Final = Annotated[dt.datetime, Meta(tz=False)]
_ZONED: Final = Annotated[dt.datetime, Meta(tz=True)]


class SampleTooComplexError(ValueError):
    """The sample has more fields or levels than a schema may have."""


@dataclass(slots=True)
class Budget:
    """The fields that may still be found before the sample is given up."""

    fields_left: int = FIELDS_MAX

    def spend(self) -> None:
        """Count one more field.

        Raises:
            SampleTooComplexError: There are more than a schema may have.
        """
        self.fields_left -= 1
        if self.fields_left < 0:
            raise SampleTooComplexError(f"more than {FIELDS_MAX} fields")


@dataclass(slots=True)
class Observation:
    """All values that were seen in one place."""

    seen: int = 0
    nulls: int = 0
    booleans: int = 0
    integers: int = 0
    floats: int = 0
    not_finite: int = 0
    """Strings that name a number that JSON cannot write, like ``"NaN"``."""
    dates: int = 0
    moments: int = 0
    local_moments: int = 0
    texts: int = 0
    """Strings that are nothing more special."""
    arrays: int = 0
    objects: int = 0
    low: int = 0
    high: int = 0
    items: "Observation | None" = None
    fields: dict[str, "Observation"] = field(default_factory=dict)

    @property
    def strings(self) -> int:
        """How many strings were seen, of whatever form."""
        return self.not_finite + self.dates + self.moments + self.local_moments + self.texts

    def add(self, value: Any, budget: Budget, level: int = 1) -> None:  # noqa: ANN401 - any JSON value
        """Take notice of *value*, and of what it contains.

        Raises:
            SampleTooComplexError: The sample is too deep or too wide.
        """
        if level > DEPTH_MAX:
            raise SampleTooComplexError(f"more than {DEPTH_MAX} levels")
        self.seen += 1
        match value:
            case None:
                self.nulls += 1
            case bool():
                self.booleans += 1
            case int():
                self._add_integer(value)
            case float():
                self.floats += 1
            case str():
                self._add_string(value)
            case list():
                self._add_array(value, budget, level)
            case dict():
                self._add_object(value, budget, level)
            case _:
                raise TypeError(f"{type(value).__name__} is not a JSON value")

    def _add_integer(self, value: int) -> None:
        self.low = min(self.low, value) if self.integers else value
        self.high = max(self.high, value) if self.integers else value
        self.integers += 1

    def _add_string(self, value: str) -> None:
        if value in NOT_FINITE:
            self.not_finite += 1
        elif _is(value, dt.date):
            self.dates += 1
        elif _is(value, _ZONED):
            self.moments += 1
        elif _is(value, _LOCAL):
            self.local_moments += 1
        else:
            self.texts += 1

    def _add_array(self, values: list[Any], budget: Budget, level: int) -> None:
        self.arrays += 1
        if values and self.items is None:
            self.items = Observation()
        for value in values:
            assert self.items is not None
            self.items.add(value, budget, level + 1)

    def _add_object(self, values: dict[str, Any], budget: Budget, level: int) -> None:
        self.objects += 1
        for name, value in values.items():
            if name not in self.fields:
                budget.spend()
                self.fields[name] = Observation()
            self.fields[name].add(value, budget, level + 1)


def _is(text: str, kind: Any) -> bool:  # noqa: ANN401 - a type
    try:
        msgspec.convert(text, kind)
    except msgspec.ValidationError:
        return False
    return True
