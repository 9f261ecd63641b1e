"""Classes for records whose values are JSON already, one value behind the other."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec


def row_class(names: Sequence[str]) -> Callable[..., Any]:
    """Make the class of a record or struct whose fields have *names*, given in that order.

    Its attributes are ``f0``, ``f1``, …; msgspec writes it as an object with the names.

    Raises:
        ValueError: No field may have one of the names.
    """
    attributes = [f"f{position}" for position in range(len(names))]
    return msgspec.defstruct(
        "Row",
        [(attribute, Any) for attribute in attributes],
        rename=dict(zip(attributes, names, strict=True)),
        # Rows hold no reference to what holds them, so no cycle can arise.
        gc=False,
    )
