"""What is read with libraries that the server does not need, and how to get them."""

from functools import cache
from importlib.util import find_spec
from typing import Final

EXTRA: Final = "sluiceway[bulk]"
"""What to install for the forms that need more than the server itself."""


@cache
def is_there(package: str) -> bool:
    """Tell whether *package* can be imported, without doing so."""
    return find_spec(package) is not None
