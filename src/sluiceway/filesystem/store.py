"""What the filesystem needs from storage. Every call joins the transaction that is open."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from sluiceway.filesystem.types import Descendant, Grant, ResourceRecord, ResourceType
from sluiceway.foundation.rids import Rid


class ResourceStore(Protocol):
    """Keeps the tree. Names are unique in a folder among those not trashed themselves."""

    async def lock_space(self, space_rid: Rid) -> None:
        """Wait until no other transaction changes the tree of the space, and keep others out.

        Taken before what a change depends on is read.
        """
        ...

    async def add(self, record: ResourceRecord) -> None:
        """Keep a new resource.

        Raises:
            ResourceNameAlreadyExistsError: The name is taken; for a project
                ``ProjectNameAlreadyExistsError``.
        """
        ...

    async def update(self, record: ResourceRecord) -> None:
        """Keep the resource as it is now, in place of what it was.

        Raises:
            ResourceNameAlreadyExistsError: The name is taken; for a project
                ``ProjectNameAlreadyExistsError``.
        """
        ...

    async def relocate(
        self, rids: Sequence[Rid], *, project_rid: Rid | None, space_rid: Rid
    ) -> None:
        """Set the project and the space of resources that moved along with a folder."""
        ...

    async def remove(self, rids: Sequence[Rid]) -> None:
        """Forget resources for ever, with the roles granted on them."""
        ...

    async def with_ancestors(self, rids: Collection[Rid]) -> Mapping[Rid, ResourceRecord]:
        """Give those of the resources that exist and every folder above them, by RID."""
        ...

    async def child(self, parent_folder_rid: Rid, display_name: str) -> ResourceRecord | None:
        """Give the resource with this name in a folder, unless it was itself trashed."""
        ...

    async def children(
        self,
        parent_folder_rid: Rid,
        *,
        after: str | None,
        limit: int,
        granted_to: Collection[str] | None,
    ) -> list[ResourceRecord]:
        """Give resources in a folder but not those trashed themselves, by ``name_key``.

        *after* is the key of the last one already seen. With *granted_to* only those are given on
        which one of these principals has a role of its own.
        """
        ...

    async def search(
        self,
        text: str,
        *,
        below: Rid | None,
        granted_to: Collection[str] | None,
        limit: int,
        of_type: ResourceType | None = None,
    ) -> list[ResourceRecord]:
        """Give resources that have *text* in their name, whatever the case, by ``name_key``.

        With *below* only those somewhere below that one, with *granted_to* only those on which,
        or above which, one of these principals has a role, with *of_type* only those of a type. None that was itself trashed, nor
        what lies below such a one, as far as the walk from the start shows it.
        """
        ...

    async def trashed(self, *, before: tuple[int, str] | None, limit: int) -> list[ResourceRecord]:
        """Give the resources that were themselves trashed, the latest first, then by RID.

        *before* is the ``trashed_ms`` and the RID of the last one already seen.
        """
        ...

    async def descendants(self, rid: Rid) -> list[Descendant]:
        """Give the resource and all below it, trashed or not."""
        ...


class GrantStore(Protocol):
    """Keeps the roles granted."""

    async def add(self, grants: Sequence[Grant]) -> None:
        """Keep the grants; what was granted already stays."""
        ...

    async def remove(self, grants: Sequence[Grant]) -> None:
        """Forget the grants; what was not granted is passed over."""
        ...

    async def on(self, rid: Rid) -> list[Grant]:
        """Give all that is granted directly on a resource, by principal and role."""
        ...

    async def of_principals(
        self, rids: Collection[Rid], principals: Collection[str]
    ) -> list[Grant]:
        """Give what is granted to the principals on the resources or any folder above them."""
        ...

    async def page(
        self, rids: Sequence[Rid], *, after: tuple[str, int] | None, limit: int
    ) -> list[Grant]:
        """Give what is granted on any of the resources, by principal and role, each pair once.

        *after* is the last pair already seen. The ``rid`` of a grant is one of those it is from.
        """
        ...
