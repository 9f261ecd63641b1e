"""Roles on the wire, as in Foundry's ``/api/v2/admin/roles``."""

from typing import Final

from sluiceway.access.roles import Role
from sluiceway.foundation.wire import Body, Wire

ROLE_OPERATIONS: Final = {
    Role.DISCOVERER: ("compass:discover",),
    Role.VIEWER: ("compass:view", "streaming:read-resource", "streaming:read"),
    Role.EDITOR: (
        "compass:edit",
        "streaming:create",
        "streaming:write",
        "streaming:manage-resource",
    ),
    Role.OWNER: ("compass:share", "compass:delete", "streaming:delete"),
}
"""What each role holds beyond the weaker ones, in the names that Foundry's own tools use."""


class RoleWire(Wire, frozen=True):
    """A role."""

    id: str
    display_name: str
    description: str
    operations: list[str]
    can_assigns: list[str]


class RoleBatch(Wire, frozen=True):
    """Roles by their ids."""

    data: dict[str, RoleWire]


class RoleBatchElement(Body, frozen=True):
    """A role that is wanted."""

    role_id: str


def role_wire(role: Role) -> RoleWire:
    """Write a role."""
    weaker = [other for other in Role if other <= role]
    return RoleWire(
        id=role.role_id,
        display_name=role.display_name,
        description=role.description,
        operations=[operation for other in weaker for operation in ROLE_OPERATIONS[other]],
        can_assigns=[other.role_id for other in weaker],
    )
