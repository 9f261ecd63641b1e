"""The roles that there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluiceway.access.principals.errors import RoleNotFoundError
from sluiceway.access.principals.types import BATCH_MAX
from sluiceway.access.roles import Role, parse_role
from sluiceway.foundation.request_errors import InvalidArgumentError


@dataclass(frozen=True, slots=True)
class RoleCatalogue:
    """Finds roles; they are fixed."""

    def get(self, role_id: str) -> Role:
        """Give the role with this id.

        Raises:
            RoleNotFoundError: There is none.
        """
        role = parse_role(role_id)
        if role is None:
            raise RoleNotFoundError(role_id)
        return role

    def batch(self, role_ids: Sequence[str]) -> list[Role]:
        """Give those of the roles that exist."""
        if not 1 <= len(role_ids) <= BATCH_MAX:
            raise InvalidArgumentError(f"ask for 1 to {BATCH_MAX} roles", found=len(role_ids))
        return [role for role in Role if role.role_id in role_ids]
