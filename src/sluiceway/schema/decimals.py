"""Decimals: what is accepted as one, and the one text that each value has.

The canonical text has no exponent, no plus sign, no leading zero but the one before the point,
no trailing zero after the point, and zero is ``0``. So equal values are equal bytes.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from sluiceway.schema.errors import Reason
from sluiceway.schema.refusals import ValueRefusedError

_NUMBER: Final = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?", re.ASCII)
"""A number in JSON's grammar; text is held to the same."""

TEXT_LENGTH_MAX: Final = 200
"""Most characters of a decimal as sent: room for 38 digits with a lot of needless zeros."""
_EXPONENT_LENGTH_MAX: Final = 5
"""Most characters of an exponent: more could only be a value far out of range, or zero."""


def canonical_pattern(digits: int, fraction_digits: int) -> str:
    """Give the regular expression of the canonical texts that fit a decimal type."""
    whole_digits = digits - fraction_digits
    more = f"[0-9]{{0,{whole_digits - 1}}}"
    whole = f"[1-9]{more}" if whole_digits else ""
    if not fraction_digits:
        return rf"^(?:0|-?{whole})\Z"
    fraction = rf"\.[0-9]{{0,{fraction_digits - 1}}}[1-9]"
    above_one = rf"{whole}(?:{fraction})?|" if whole else ""
    return rf"^(?:0|-?(?:{above_one}0{fraction}))\Z"


def normaliser(digits: int, fraction_digits: int) -> Callable[[str], str]:
    """Make the function that turns any accepted text into the canonical one.

    It raises ``ValueRefusedError`` for text that is no number, or does not fit exactly.
    """

    def normalise(text: str) -> str:
        match = _NUMBER.fullmatch(text) if len(text) <= TEXT_LENGTH_MAX else None
        if match is None:
            raise ValueRefusedError(Reason.MALFORMED)
        sign, whole, fraction, exponent = match.groups(default="")
        if len(exponent) > _EXPONENT_LENGTH_MAX:
            raise ValueRefusedError(Reason.OUT_OF_RANGE)
        return _plain(sign, whole + fraction, len(whole) + int(exponent or 0))

    def _plain(sign: str, figures: str, point: int) -> str:
        """Write the number whose digits are *figures*, with the point after the first *point*."""
        significant = figures.lstrip("0")
        point -= len(figures) - len(significant)
        significant = significant.rstrip("0")
        if not significant:
            return "0"
        if point > digits - fraction_digits or len(significant) - point > fraction_digits:
            raise ValueRefusedError(Reason.OUT_OF_RANGE)
        if point <= 0:
            return f"{sign}0.{'0' * -point}{significant}"
        if point >= len(significant):
            return f"{sign}{significant}{'0' * (point - len(significant))}"
        return f"{sign}{significant[:point]}.{significant[point:]}"

    return normalise


def raw_normaliser(digits: int, fraction_digits: int) -> Callable[[Any], str]:
    """Make the function that turns the raw JSON of a number or string into the canonical text.

    The raw JSON keeps every digit that was sent; a float would not.
    """
    normalise = normaliser(digits, fraction_digits)

    def normalise_raw(raw: msgspec.Raw) -> str:
        sent = bytes(raw)
        first = sent[:1]
        if first == b'"':
            return normalise(msgspec.json.decode(sent, type=str))
        if first == b"-" or first.isdigit():
            return normalise(sent.decode("ascii"))
        raise ValueRefusedError(
            Reason.NULL_NOT_ALLOWED if sent == b"null" else Reason.WRONG_TYPE,
        )

    return normalise_raw
