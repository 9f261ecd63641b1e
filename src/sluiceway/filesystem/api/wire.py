"""What the calls of the filesystem send and are sent."""

from typing import Annotated, Final, Literal

import msgspec
from litestar.params import QueryParameter

from sluiceway.access.principals.types import ORGANIZATION_RID
from sluiceway.filesystem.types import (
    DESCRIPTION_LENGTH_MAX,
    EVERYONE,
    Grant,
    GrantRequest,
    Resource,
    ResourceType,
)
from sluiceway.foundation.clock import iso_time
from sluiceway.foundation.rids import Rid
from sluiceway.foundation.wire import Body, Wire

TAGS: Final = ["Filesystem"]
FILE_SYSTEM_ID: Final = "local"
USAGE_ACCOUNT_RID: Final = Rid("ri.usage.main.usage-account.sluiceway")
ROLE_SET_ID: Final = "default"

PageSize = Annotated[int | None, QueryParameter(name="pageSize")]
PageToken = Annotated[str | None, QueryParameter(name="pageToken")]
# A NUL is legal JSON but no database takes it as text.
Description = Annotated[str, msgspec.Meta(max_length=DESCRIPTION_LENGTH_MAX, pattern=r"^[^\x00]*$")]


class SpaceReply(Wire, frozen=True, kw_only=True):
    """A space."""

    rid: Rid
    display_name: str
    description: str | None = None
    path: str
    file_system_id: str
    usage_account_rid: Rid
    organizations: list[Rid]
    deletion_policy_organizations: list[Rid]
    default_role_set_id: str


class ProjectReply(Wire, frozen=True, kw_only=True):
    """A project."""

    rid: Rid
    display_name: str
    description: str | None = None
    path: str
    created_by: str
    updated_by: str
    created_time: str
    updated_time: str
    trash_status: str
    space_rid: Rid
    resource_level_role_grants_allowed: bool


class FolderReply(Wire, frozen=True, kw_only=True):
    """A folder, or a project or space seen as one."""

    rid: Rid
    display_name: str
    description: str | None = None
    path: str
    type: str
    created_by: str
    updated_by: str
    created_time: str
    updated_time: str
    trash_status: str
    parent_folder_rid: Rid
    project_rid: Rid | None = None
    space_rid: Rid


class ResourceReply(Wire, frozen=True, kw_only=True):
    """A project, folder or dataset."""

    rid: Rid
    display_name: str
    description: str | None = None
    path: str
    type: str
    created_by: str
    updated_by: str
    created_time: str
    updated_time: str
    trash_status: str
    parent_folder_rid: Rid
    project_rid: Rid | None = None
    space_rid: Rid


class ResourcesReply(Wire, frozen=True, kw_only=True):
    """The resources of a batch that the caller sees, by RID."""

    data: dict[Rid, ResourceReply]


class FoundReply(Wire, frozen=True, kw_only=True):
    """What a search found, by path."""

    data: list[ResourceReply]
    is_complete: bool
    """Whether there are no more than these."""


class TrashedReply(Wire, frozen=True, kw_only=True):
    """A resource that was itself put in the trash."""

    resource: ResourceReply
    trashed_time: str
    may_restore: bool
    """Whether the caller may take it, and the trashed folders above it, out again."""
    may_delete: bool
    """Whether the caller may delete it for ever."""


class OrganizationRequirement(Wire, frozen=True, kw_only=True):
    """An organization of which one must be a member."""

    marking_id: str
    organization_rid: Rid
    is_directly_applied: bool


class AccessRequirementsReply(Wire, frozen=True, kw_only=True):
    """What a resource demands of its users beside a role."""

    organizations: list[OrganizationRequirement]
    markings: list[str]
    """Always empty: this server has no markings."""


class PrincipalWithId(Wire, frozen=True, kw_only=True, tag_field="type", tag="principalWithId"):
    """A user or group."""

    principal_id: str
    principal_type: str


class EveryoneReply(Wire, frozen=True, kw_only=True, tag_field="type", tag="everyone"):
    """All signed-in users and applications."""


class RoleReply(Wire, frozen=True, kw_only=True):
    """A role of a principal."""

    resource_role_principal: PrincipalWithId | EveryoneReply
    role_id: str


class OwnRoleReply(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The caller's role on a resource; the field is always there."""

    role_id: str | None
    """``null`` on a space on which the caller has none: every caller sees all spaces."""


class OwnRolesReply(Wire, frozen=True, kw_only=True):
    """The ids of the caller's roles, by RID."""

    data: dict[Rid, str]


class NamedPrincipal(Body, frozen=True, kw_only=True):
    """A user or group to whom a new project gives a role."""

    principal_id: str
    principal_type: Literal["USER", "GROUP"]
    type: Literal["principalWithId"] = "principalWithId"


class CreateProjectRequest(Body, frozen=True, kw_only=True):
    """What a project starts with."""

    display_name: str
    space_rid: Rid
    description: Description | None = None
    role_grants: dict[str, list[NamedPrincipal]] = msgspec.field(default_factory=dict)
    default_roles: list[str] = msgspec.field(default_factory=list)
    organization_rids: list[str] = msgspec.field(default_factory=list)
    resource_level_role_grants_allowed: bool | None = None


class ReplaceProjectRequest(Body, frozen=True, kw_only=True):
    """A project's name and description from now on."""

    display_name: str
    description: Description | None = None


class FolderRequest(Body, frozen=True, kw_only=True):
    """A folder's name, and where it lies."""

    parent_folder_rid: Rid
    display_name: str


class ReplaceResourceRequest(Body, frozen=True, kw_only=True):
    """A folder's or dataset's name from now on, and where it lies."""

    display_name: str
    parent_folder_rid: Rid | None = None


class BatchElement(Body, frozen=True, kw_only=True):
    """One resource of a batch."""

    resource_rid: Rid


class PrincipalIdOnly(Body, frozen=True, kw_only=True, tag_field="type", tag="principalIdOnly"):
    """A user or group."""

    principal_id: str


class Everyone(Body, frozen=True, kw_only=True, tag_field="type", tag="everyone"):
    """All signed-in users and applications."""


class RoleIdentifier(Body, frozen=True, kw_only=True):
    """A role of a principal, to add or to remove."""

    resource_role_principal: PrincipalIdOnly | Everyone
    role_id: str

    def request(self) -> GrantRequest:
        """Give what is asked for."""
        principal = self.resource_role_principal
        principal_id = principal.principal_id if isinstance(principal, PrincipalIdOnly) else None
        return GrantRequest(principal_id, self.role_id)


class RolesRequest(Body, frozen=True, kw_only=True):
    """Roles to add or to remove."""

    roles: list[RoleIdentifier]


def space_reply(space: Resource) -> SpaceReply:
    """Write a space for the wire."""
    return SpaceReply(
        rid=space.rid,
        display_name=space.display_name,
        description=space.description,
        path=space.path,
        file_system_id=FILE_SYSTEM_ID,
        usage_account_rid=USAGE_ACCOUNT_RID,
        organizations=[ORGANIZATION_RID],
        deletion_policy_organizations=[ORGANIZATION_RID],
        default_role_set_id=ROLE_SET_ID,
    )


def project_reply(project: Resource) -> ProjectReply:
    """Write a project for the wire."""
    return ProjectReply(
        rid=project.rid,
        display_name=project.display_name,
        description=project.description,
        path=project.path,
        created_by=project.created_by,
        updated_by=project.updated_by,
        created_time=iso_time(project.created_ms),
        updated_time=iso_time(project.updated_ms),
        trash_status=project.trash_status.value,
        space_rid=project.space_rid,
        resource_level_role_grants_allowed=project.role_grants_allowed,
    )


def folder_reply(folder: Resource) -> FolderReply:
    """Write a folder, project or space for the wire."""
    return FolderReply(
        rid=folder.rid,
        display_name=folder.display_name,
        description=folder.description,
        path=folder.path,
        type=folder.type.value,
        created_by=folder.created_by,
        updated_by=folder.updated_by,
        created_time=iso_time(folder.created_ms),
        updated_time=iso_time(folder.updated_ms),
        trash_status=folder.trash_status.value,
        parent_folder_rid=folder.parent_folder_rid,
        project_rid=folder.project_rid,
        space_rid=folder.space_rid,
    )


def resource_reply(resource: Resource) -> ResourceReply:
    """Write a resource for the wire."""
    return ResourceReply(
        rid=resource.rid,
        display_name=resource.display_name,
        description=resource.description,
        path=resource.path,
        type=resource.type.wire_type,
        created_by=resource.created_by,
        updated_by=resource.updated_by,
        created_time=iso_time(resource.created_ms),
        updated_time=iso_time(resource.updated_ms),
        trash_status=resource.trash_status.value,
        parent_folder_rid=resource.parent_folder_rid,
        project_rid=resource.project_rid,
        space_rid=resource.space_rid,
    )


def access_requirements_reply(resource: Resource) -> AccessRequirementsReply:
    """Write what a resource demands: its users are members of the server's organization."""
    organization = OrganizationRequirement(
        marking_id=ORGANIZATION_RID.rpartition(".")[2],
        organization_rid=ORGANIZATION_RID,
        is_directly_applied=resource.type is ResourceType.PROJECT,
    )
    return AccessRequirementsReply(organizations=[organization], markings=[])


def role_reply(grant: Grant) -> RoleReply:
    """Write a grant for the wire."""
    principal: PrincipalWithId | EveryoneReply = EveryoneReply()
    if grant.principal_id != EVERYONE:
        principal = PrincipalWithId(
            principal_id=grant.principal_id, principal_type=grant.principal_type.value
        )
    return RoleReply(resource_role_principal=principal, role_id=grant.role.role_id)
