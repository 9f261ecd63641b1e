"""``/api/v2/filesystem/projects``."""

from typing import Final

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.filesystem.api.wire import (
    TAGS,
    CreateProjectRequest,
    ProjectReply,
    ReplaceProjectRequest,
    project_reply,
)
from sluiceway.filesystem.projects import NewProject, ProjectService
from sluiceway.filesystem.types import GrantRequest
from sluiceway.foundation.rids import Rid

_PROJECTS: Final = "/api/v2/filesystem/projects"


@post(
    f"{_PROJECTS}/create",
    opt=requires(Operation.FILESYSTEM_WRITE),
    status_code=200,
    operation_id="createProject",
    tags=TAGS,
)
async def create_project(
    caller: NamedDependency[Caller],
    data: JSONBody[CreateProjectRequest],
    projects: NamedDependency[ProjectService],
) -> ProjectReply:
    """Create a project, of which the caller becomes Owner."""
    new = NewProject(
        display_name=data.display_name,
        space_rid=data.space_rid,
        description=data.description,
        grants=[
            GrantRequest(principal.principal_id, role_id)
            for role_id, principals in data.role_grants.items()
            for principal in principals
        ],
        default_role_ids=data.default_roles,
        organization_rids=data.organization_rids,
        role_grants_allowed=data.resource_level_role_grants_allowed is not False,
    )
    return project_reply(await projects.create(caller, new))


@get(
    f"{_PROJECTS}/{{project_rid:str}}",
    opt=requires(Operation.FILESYSTEM_READ),
    operation_id="getProject",
    tags=TAGS,
)
async def get_project(
    caller: NamedDependency[Caller],
    project_rid: FromPath[Rid],
    projects: NamedDependency[ProjectService],
) -> ProjectReply:
    """Get a project."""
    return project_reply(await projects.get(caller, project_rid))


@put(
    f"{_PROJECTS}/{{project_rid:str}}",
    opt=requires(Operation.FILESYSTEM_WRITE, preview=True),
    operation_id="replaceProject",
    tags=TAGS,
)
async def replace_project(
    caller: NamedDependency[Caller],
    project_rid: FromPath[Rid],
    data: JSONBody[ReplaceProjectRequest],
    projects: NamedDependency[ProjectService],
) -> ProjectReply:
    """Give a project another name and description."""
    project = await projects.replace(
        caller, project_rid, display_name=data.display_name, description=data.description
    )
    return project_reply(project)


HANDLERS: Final = (create_project, get_project, replace_project)
