"""Who may be granted a role."""

from typing import Literal, Protocol


class PrincipalDirectory(Protocol):
    """Knows the users and groups."""

    async def exists(self, principal_id: str) -> Literal["USER", "GROUP"] | None:
        """Tell what the principal is, or ``None`` when there is none of that id."""
        ...
