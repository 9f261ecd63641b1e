"""What principals need from storage."""

from collections.abc import Sequence
from typing import Protocol

from sluiceway.access.caller import PrincipalId
from sluiceway.access.principals.types import Group, Member, User, UserStatus


class UserStore(Protocol):
    """Keeps users; every list is in the order of ``name_key(username)``."""

    async def add(self, user: User) -> None:
        """Keep a new user.

        Raises:
            UsernameAlreadyExistsError: Another user, deleted or not, has the name.
        """
        ...

    async def replace(self, user: User) -> None:
        """Keep *user* in place of the one with its id; the username stays."""
        ...

    async def by_id(self, user_id: str) -> User | None:
        """Give the user with this id, deleted or not."""
        ...

    async def by_ids(self, user_ids: Sequence[str]) -> list[User]:
        """Give those of the users that exist, deleted or not."""
        ...

    async def by_username(self, username: str) -> User | None:
        """Give the user with this name, in any case of letters, deleted or not."""
        ...

    async def page(self, status: UserStatus, *, after: str | None, limit: int) -> list[User]:
        """Give up to *limit* users from behind the name key *after*."""
        ...

    async def search(self, prefix: str, *, after: str | None, limit: int) -> list[User]:
        """Give active users whose id, username, names or e-mail address start with *prefix*."""
        ...

    async def any(self) -> bool:
        """Tell whether there is any user at all."""
        ...


class GroupStore(Protocol):
    """Keeps groups and their members; groups are listed in the order of ``name_key(name)``."""

    async def add(self, group: Group) -> None:
        """Keep a new group.

        Raises:
            GroupNameAlreadyExistsError: Another group has the name.
        """
        ...

    async def replace(self, group: Group) -> None:
        """Keep *group* in place of the one with its id.

        Raises:
            GroupNameAlreadyExistsError: Another group has the name.
        """
        ...

    async def delete(self, group_id: str) -> None:
        """Forget a group, its members and its memberships."""
        ...

    async def by_id(self, group_id: str) -> Group | None:
        """Give the group with this id."""
        ...

    async def by_ids(self, group_ids: Sequence[str]) -> list[Group]:
        """Give those of the groups that exist."""
        ...

    async def page(self, *, after: str | None, limit: int) -> list[Group]:
        """Give up to *limit* groups from behind the name key *after*."""
        ...

    async def search(self, text: str, *, after: str | None, limit: int) -> list[Group]:
        """Give groups whose name has *text* in it, or whose id starts with it."""
        ...

    async def add_members(self, group_id: str, members: Sequence[Member]) -> None:
        """Put principals into a group; those that are in it stay."""
        ...

    async def remove_members(self, group_id: str, principal_ids: Sequence[str]) -> None:
        """Take principals out of a group; those that are not in it do no harm."""
        ...

    async def remove_everywhere(self, principal_id: str) -> None:
        """Take a principal out of every group."""
        ...

    async def members(
        self, group_id: str, *, transitive: bool, after: str | None, limit: int
    ) -> list[Member]:
        """Give up to *limit* members in the order of their ids, from behind id *after*.

        *transitive*: also the members of the groups inside, at any depth.
        """
        ...

    async def groups_of(self, principal_id: str, *, transitive: bool = True) -> list[PrincipalId]:
        """Give the ids of the groups that a principal is in, sorted.

        *transitive*: also by way of other groups, at any depth.
        """
        ...


class SessionStore(Protocol):
    """What a changed password needs of tokens; the token store has it."""

    async def revoke_sessions(self, principal_id: PrincipalId, *, besides: str | None) -> int:
        """End the sessions of a principal but for token *besides*; gives how many."""
        ...
