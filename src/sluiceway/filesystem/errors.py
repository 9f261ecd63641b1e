"""What may go wrong with spaces, projects, folders, resources and roles.

Names and parameters are those of ``foundry_sdk/v2/filesystem/errors.py``.
"""

from collections.abc import Sequence

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import Rid

_SHOWN_MAX = 1_000
"""How much of a caller's own text goes into the answer, in characters."""
_LISTED_MAX = 100
"""How many of a caller's own texts go into the answer."""


class ResourceNotFoundError(SluicewayError):
    """The resource does not exist, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND
    name = "ResourceNotFound"

    def __init__(self, rid: str) -> None:
        super().__init__(f"there is no resource {rid[:_SHOWN_MAX]}", resourceRid=rid[:_SHOWN_MAX])


class SpaceNotFoundError(SluicewayError):
    """The space does not exist."""

    code = ErrorCode.NOT_FOUND
    name = "SpaceNotFound"

    def __init__(self, rid: str) -> None:
        super().__init__(f"there is no space {rid[:_SHOWN_MAX]}", spaceRid=rid[:_SHOWN_MAX])


class ProjectNotFoundError(SluicewayError):
    """The project does not exist, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND
    name = "ProjectNotFound"

    def __init__(self, rid: str) -> None:
        super().__init__(f"there is no project {rid[:_SHOWN_MAX]}", projectRid=rid[:_SHOWN_MAX])


class FolderNotFoundError(SluicewayError):
    """The folder does not exist, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND
    name = "FolderNotFound"

    def __init__(self, rid: str) -> None:
        super().__init__(f"there is no folder {rid[:_SHOWN_MAX]}", folderRid=rid[:_SHOWN_MAX])


class PathNotFoundError(SluicewayError):
    """Nothing lies at the path, or the caller may not see it."""

    code = ErrorCode.NOT_FOUND
    name = "PathNotFound"

    def __init__(self, path: str) -> None:
        super().__init__(f"nothing lies at {path[:_SHOWN_MAX]}", path=path[:_SHOWN_MAX])


class InvalidPathError(SluicewayError):
    """The text is not a path."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidPath"

    def __init__(self, path: str) -> None:
        super().__init__("a path is names with a single / between", path=path[:_SHOWN_MAX])


class InvalidDisplayNameError(SluicewayError):
    """A resource may not have this name."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidDisplayName"

    def __init__(self, display_name: str, reason: str) -> None:
        super().__init__(reason, displayName=display_name[:_SHOWN_MAX], reason=reason)


class ResourceNameAlreadyExistsError(SluicewayError):
    """The folder has a resource of that name."""

    code = ErrorCode.CONFLICT
    name = "ResourceNameAlreadyExists"

    def __init__(self, parent_folder_rid: Rid, display_name: str) -> None:
        super().__init__(
            f"the folder already has something named {display_name!r}",
            parentFolderRid=parent_folder_rid,
            displayName=display_name,
        )


class ProjectNameAlreadyExistsError(SluicewayError):
    """The space has a project of that name."""

    code = ErrorCode.CONFLICT
    name = "ProjectNameAlreadyExists"

    def __init__(self, space_rid: Rid, display_name: str) -> None:
        super().__init__(
            f"the space already has a project named {display_name!r}",
            spaceRid=space_rid,
            displayName=display_name,
        )


class GetRootFolderNotSupportedError(SluicewayError):
    """The root folder is only the parent of the spaces, and no resource."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "GetRootFolderNotSupported"

    def __init__(self) -> None:
        super().__init__("the root folder is no resource; list the spaces instead")


class GetSpaceResourceNotSupportedError(SluicewayError):
    """A space is not given as a resource."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "GetSpaceResourceNotSupported"

    def __init__(self, rid: Rid) -> None:
        super().__init__("a space is got by the call for spaces", spaceRid=rid)


class InvalidFolderError(SluicewayError):
    """The resource is not a folder."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidFolder"

    def __init__(self, rid: Rid) -> None:
        super().__init__(f"{rid} is not a folder", resourceRid=rid)


class InvalidParentFolderError(SluicewayError):
    """The folder cannot hold the resource."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidParentFolder"

    def __init__(self, rid: Rid, reason: str) -> None:
        super().__init__(reason, parentFolderRid=rid, reason=reason)


class CircularDependencyError(SluicewayError):
    """A folder cannot move into itself or into a folder below it."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "CircularDependency"

    def __init__(self, rid: Rid, parent_folder_rid: Rid) -> None:
        super().__init__(
            "a folder cannot move into itself or below itself",
            folderRid=rid,
            parentFolderRid=parent_folder_rid,
        )


class CreateFolderOutsideProjectNotSupportedError(SluicewayError):
    """Folders lie in projects, not in spaces."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "CreateFolderOutsideProjectNotSupported"

    def __init__(self, rid: Rid) -> None:
        super().__init__("a folder lies in a project or a folder", parentFolderRid=rid)


class CreateFolderPermissionDeniedError(SluicewayError):
    """The caller sees the parent folder and may not create in it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "CreateFolderPermissionDenied"

    def __init__(self, rid: Rid) -> None:
        super().__init__("creating here needs the role Editor", parentFolderRid=rid)


class ReplaceFolderPermissionDeniedError(SluicewayError):
    """The caller sees the folder and may not rename or move it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ReplaceFolderPermissionDenied"

    def __init__(self, rid: Rid) -> None:
        super().__init__(
            "renaming needs the role Editor on the folder, moving also where it goes, and moving to"
            " another project the role Owner on the folder",
            folderRid=rid,
        )


class ReplaceResourcePermissionDeniedError(SluicewayError):
    """The caller sees the folder or dataset and may not rename or move it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ReplaceResourcePermissionDenied"

    def __init__(self, rid: Rid) -> None:
        super().__init__(
            "renaming needs the role Editor, moving also where it goes, and moving to another"
            " project the role Owner on what is moved",
            resourceRid=rid,
        )


class ReplaceResourceNotSupportedError(SluicewayError):
    """Projects are renamed with a call of their own, spaces not at all."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "ReplaceResourceNotSupported"

    def __init__(self, rid: Rid) -> None:
        super().__init__("only folders and datasets are renamed by this call", resourceRid=rid)


class CreateProjectPermissionDeniedError(SluicewayError):
    """The caller may not create projects in the space."""

    code = ErrorCode.PERMISSION_DENIED
    name = "CreateProjectPermissionDenied"

    def __init__(self, space_rid: Rid) -> None:
        super().__init__(
            "creating a project here needs the role Editor on the space", spaceRid=space_rid
        )


class ReplaceProjectPermissionDeniedError(SluicewayError):
    """The caller sees the project and may not change it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ReplaceProjectPermissionDenied"

    def __init__(self, rid: Rid) -> None:
        super().__init__("changing a project needs the role Owner", projectRid=rid)


class OrganizationsNotFoundError(SluicewayError):
    """This server has one organization, and the request names others."""

    code = ErrorCode.NOT_FOUND
    name = "OrganizationsNotFound"

    def __init__(self, rids: Sequence[str]) -> None:
        shown = [rid[:_SHOWN_MAX] for rid in rids[:_LISTED_MAX]]
        super().__init__("there is no such organization", organizationRids=shown)


class DeleteResourcePermissionDeniedError(SluicewayError):
    """The caller sees the resource and may not put it in the trash."""

    code = ErrorCode.PERMISSION_DENIED
    name = "DeleteResourcePermissionDenied"

    def __init__(self, rid: Rid) -> None:
        super().__init__(
            "putting in the trash needs the role Editor, for a project Owner", resourceRid=rid
        )


class RestoreResourcePermissionDeniedError(SluicewayError):
    """The caller sees the resource and may not take it out of the trash."""

    code = ErrorCode.PERMISSION_DENIED
    name = "RestoreResourcePermissionDenied"

    def __init__(self, rid: Rid) -> None:
        super().__init__(
            "restoring needs the role Editor, for a project Owner, also on the trashed folders above",
            resourceRid=rid,
        )


class PermanentlyDeleteResourcePermissionDeniedError(SluicewayError):
    """The caller sees the resource and may not delete it for ever."""

    code = ErrorCode.PERMISSION_DENIED
    name = "PermanentlyDeleteResourcePermissionDenied"

    def __init__(self, rid: Rid) -> None:
        super().__init__("deleting for ever needs the role Owner", resourceRid=rid)


class TrashingSpaceNotSupportedError(SluicewayError):
    """A space cannot be put in the trash."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "TrashingSpaceNotSupported"

    def __init__(self, rid: Rid) -> None:
        super().__init__("a space cannot be put in the trash", resourceRid=rid)


class ResourceNotDirectlyTrashedError(SluicewayError):
    """A folder above the resource is in the trash; that one must be restored."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "ResourceNotDirectlyTrashed"

    def __init__(self, rid: Rid) -> None:
        super().__init__("a folder above is in the trash: restore that one", resourceRid=rid)


class ResourceNotTrashedError(SluicewayError):
    """Only what was itself put in the trash is deleted for ever."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "ResourceNotTrashed"

    def __init__(self, rid: Rid) -> None:
        super().__init__("put it in the trash before deleting it for ever", resourceRid=rid)


class AddResourceRolesPermissionDeniedError(SluicewayError):
    """The caller may not grant these roles here."""

    code = ErrorCode.PERMISSION_DENIED
    name = "AddResourceRolesPermissionDenied"

    def __init__(self, rid: Rid, reason: str) -> None:
        super().__init__(reason, resourceRid=rid, reason=reason)


class RemoveResourceRolesPermissionDeniedError(SluicewayError):
    """The caller may not take these roles away here."""

    code = ErrorCode.PERMISSION_DENIED
    name = "RemoveResourceRolesPermissionDenied"

    def __init__(self, rid: Rid, reason: str) -> None:
        super().__init__(reason, resourceRid=rid, reason=reason)


class GetAccessRequirementsPermissionDeniedError(SluicewayError):
    """The caller sees that the resource exists but not who may use it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "GetAccessRequirementsPermissionDenied"

    def __init__(self, rid: Rid) -> None:
        super().__init__("this needs the role Viewer", resourceRid=rid)


class InvalidRoleIdsError(SluicewayError):
    """There is no role of one of these ids."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidRoleIds"

    def __init__(self, requested: Sequence[str]) -> None:
        super().__init__(
            "the roles are owner, editor, viewer and discoverer",
            requestedRoleIds=[role_id[:_SHOWN_MAX] for role_id in requested[:_LISTED_MAX]],
        )
