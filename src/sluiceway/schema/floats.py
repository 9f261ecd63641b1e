"""Floating-point numbers in JSON, which has no word for what is not finite."""

from math import inf, isfinite
from typing import Final

_TEXTS: Final = {inf: "Infinity", -inf: "-Infinity"}


def as_json(value: float | None) -> float | str | None:
    """Give a float, or null, as a canonical record has it: what is not finite as a text."""
    if value is None or isfinite(value):
        return value
    return _TEXTS.get(value, "NaN")
