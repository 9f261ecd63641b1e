"""Roles: what a principal may do with a resource.

Foundry publishes the four names and their order (docs: security > projects and roles), not the
ids; the ids and the operations of each are ours and stand in ``docs/reference/roles.md``.
"""

import enum
from typing import Final


class Role(enum.IntEnum):
    """A role; a stronger one compares greater and holds all that the weaker ones hold."""

    DISCOVERER = 1
    VIEWER = 2
    EDITOR = 3
    OWNER = 4

    @property
    def role_id(self) -> str:
        """The id on the wire."""
        return self.name.lower()

    @property
    def display_name(self) -> str:
        """The name that people see."""
        return self.name.capitalize()

    @property
    def description(self) -> str:
        """What the role is for, in a sentence."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS: Final = {
    Role.DISCOVERER: "See that the resource exists, its name and where it lies.",
    Role.VIEWER: "See its schema and settings, and read records.",
    Role.EDITOR: "Publish records, create streams, reset, change settings, move to trash.",
    Role.OWNER: "Share with others and delete for ever.",
}


def parse_role(role_id: str) -> Role | None:
    """Give the role with this id, or ``None``."""
    return next((role for role in Role if role.role_id == role_id), None)
