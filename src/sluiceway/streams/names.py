"""Branch names."""

from typing import Final

from sluiceway.foundation.rids import is_rid, is_uuid
from sluiceway.streams.errors import InvalidBranchNameError

BRANCH_NAME_LENGTH_MAX: Final = 255
"""Most characters of a branch name."""


def check_branch_name(name: str) -> str:
    """Give *name* back if a new branch may have it.

    It is 1 to 255 printable characters, ``/`` among them, and looks neither like a resource
    identifier nor like a UUID (Foundry's ``InvalidBranchName``). Nor is it ``.`` or ``..``: HTTP
    clients take such a part out of a path before they send it.

    Raises:
        InvalidBranchNameError: It may not.
    """
    if not name.strip():
        raise InvalidBranchNameError(name, "is empty")
    if len(name) > BRANCH_NAME_LENGTH_MAX:
        raise InvalidBranchNameError(name, f"is over {BRANCH_NAME_LENGTH_MAX} characters long")
    if not name.isprintable():
        raise InvalidBranchNameError(name, "has a character that cannot be printed")
    if name in {".", ".."}:
        raise InvalidBranchNameError(name, "cannot be part of a URL")
    if is_rid(name) or is_uuid(name):
        raise InvalidBranchNameError(name, "looks like a resource identifier or a UUID")
    return name
