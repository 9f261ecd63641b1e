"""What an answer may ask of the connection that it goes over."""

from collections.abc import Callable, Mapping
from typing import Any, Final

_ABORT: Final = "sluiceway.abort"


def extensions(abort: Callable[[], None]) -> dict[str, Any]:
    """Make the ``extensions`` of a request's scope; *abort* cuts its connection."""
    return {_ABORT: abort}


def abort(scope: Mapping[str, Any]) -> None:
    """Cut the connection of a request, with what the client has not yet taken of the answer."""
    cut = scope.get("extensions", {}).get(_ABORT)
    if cut is not None:
        cut()
