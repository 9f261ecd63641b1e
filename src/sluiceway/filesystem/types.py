"""The tree of spaces, projects, folders and resources, and the roles granted on it."""

import enum
from typing import Final

import msgspec

from sluiceway.access.caller import PrincipalId
from sluiceway.access.roles import Role
from sluiceway.foundation.rids import Rid

ROOT_FOLDER_RID: Final = Rid("ri.compass.main.folder.0")
"""The parent of every space: a name only, no resource (Foundry's own id for it)."""

DEPTH_MAX: Final = 50
"""Most levels of the tree, spaces and leaves counted: every walk upwards ends after so many."""

RESOURCES_PER_BATCH_MAX: Final = 1_000
"""Most resources that one ``getBatch`` may ask for; Foundry's own bound."""

GRANTS_PER_REQUEST_MAX: Final = 1_000
"""Most roles that one request may add or remove."""

GRANTS_PER_RESOURCE_MAX: Final = 10_000
"""Most roles granted directly on one resource; share with groups long before that."""

DESCRIPTION_LENGTH_MAX: Final = 10_000
"""Longest description, in characters."""

EVERYONE: Final = "everyone"
"""Stands where a principal's id stands, and means every signed-in user and application."""


class ResourceType(enum.StrEnum):
    """What a resource is."""

    SPACE = "SPACE"
    PROJECT = "PROJECT"
    FOLDER = "FOLDER"
    FOUNDRY_DATASET = "FOUNDRY_DATASET"
    """A dataset, with streams or of files."""

    @property
    def is_folder(self) -> bool:
        """Whether other resources may lie in it."""
        return self is not ResourceType.FOUNDRY_DATASET

    @property
    def wire_type(self) -> str:
        """The type as ``Resource.type`` has it: spaces, projects and folders are all folders."""
        return "COMPASS_FOLDER" if self.is_folder else self.value


class TrashStatus(enum.StrEnum):
    """Whether a resource is in the trash, and by which deed."""

    NOT_TRASHED = "NOT_TRASHED"
    DIRECTLY_TRASHED = "DIRECTLY_TRASHED"
    """It was put there itself, and can be restored itself."""
    ANCESTOR_TRASHED = "ANCESTOR_TRASHED"
    """A folder above it was put there."""


class ResourceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a resource."""

    rid: Rid
    type: ResourceType
    parent_folder_rid: Rid
    """For spaces ``ROOT_FOLDER_RID``."""
    project_rid: Rid | None
    """The project it lies in; its own for a project, ``None`` for a space."""
    space_rid: Rid
    """The space it lies in; its own for a space."""
    display_name: str
    description: str | None = None
    role_grants_allowed: bool = True
    """For a project: whether roles may be granted on single resources below it."""
    created_by: PrincipalId
    updated_by: PrincipalId
    created_ms: int
    updated_ms: int
    trashed_ms: int | None = None
    """When it was put in the trash itself; ``None`` when it was not."""


class Resource(ResourceRecord, frozen=True, kw_only=True):
    """A resource with what follows from the folders above it."""

    path: str
    """``/<space>/<project>/…/<display name>``."""
    trash_status: TrashStatus

    @property
    def is_trashed(self) -> bool:
        """Whether it, or a folder above it, is in the trash."""
        return self.trash_status is not TrashStatus.NOT_TRASHED


class ResourceState(msgspec.Struct, frozen=True):
    """The little that the publish path must know of a resource."""

    rid: Rid
    type: ResourceType
    trash_status: TrashStatus

    @property
    def is_trashed(self) -> bool:
        """Whether it, or a folder above it, is in the trash."""
        return self.trash_status is not TrashStatus.NOT_TRASHED


class Visible(msgspec.Struct, frozen=True):
    """A resource that the caller may see, and what it may do there."""

    resource: Resource
    ancestors: tuple[Resource, ...]
    """From the folder it lies in up to the space."""
    roles: tuple[Role | None, ...]
    """The caller's role on the resource, then on each of the ancestors."""

    @property
    def role(self) -> Role | None:
        """The caller's role; ``None`` only for a space, which everyone may see."""
        return self.roles[0]

    def holds(self, role: Role) -> bool:
        """Tell whether the caller has *role* or a stronger one on the resource."""
        return self.role is not None and self.role >= role


class Descendant(msgspec.Struct, frozen=True):
    """A resource somewhere below another one."""

    rid: Rid
    type: ResourceType
    distance: int
    """How many levels below; 0 is the other one itself."""


class PrincipalType(enum.StrEnum):
    """Whom a role is granted to."""

    USER = "USER"
    GROUP = "GROUP"
    EVERYONE = "EVERYONE"


class Grant(msgspec.Struct, frozen=True):
    """A role of a principal on a resource and on all that lies below it."""

    rid: Rid
    principal_id: str
    """A user's or group's id, or ``EVERYONE``."""
    principal_type: PrincipalType
    role: Role


class GrantRequest(msgspec.Struct, frozen=True):
    """A role that somebody asks to add or remove."""

    principal_id: str | None
    """A user's or group's id, in any case of letters; ``None`` for everyone."""
    role_id: str
