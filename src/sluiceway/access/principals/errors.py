"""What may go wrong with users, groups, roles and passwords."""

from collections.abc import Mapping

from sluiceway.foundation.errors import ErrorCode, SluicewayError


class UserNotFoundError(SluicewayError):
    """No user has this id."""

    code = ErrorCode.NOT_FOUND
    name = "UserNotFound"

    def __init__(self, user_id: str) -> None:
        super().__init__(f"no user has the id {user_id[:100]!r}", userId=user_id[:100])


class UserDeletedError(SluicewayError):
    """The user was deleted."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "UserDeleted"

    def __init__(self, user_id: str) -> None:
        super().__init__(f"user {user_id} was deleted", principalId=user_id)


class UserIsActiveError(SluicewayError):
    """A deleted user was asked for, and this one is not."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "UserIsActive"

    def __init__(self, user_id: str) -> None:
        super().__init__(f"user {user_id} is active", principalId=user_id)


class DeleteUserPermissionDeniedError(SluicewayError):
    """The caller may not delete this user: only administrators may, and none itself."""

    code = ErrorCode.PERMISSION_DENIED
    name = "DeleteUserPermissionDenied"

    def __init__(self, user_id: str) -> None:
        super().__init__("only another administrator may delete a user", userId=user_id)


class UsernameAlreadyExistsError(SluicewayError):
    """Another user, perhaps a deleted one, has this name."""

    code = ErrorCode.CONFLICT
    name = "UsernameAlreadyExists"

    def __init__(self, username: str) -> None:
        super().__init__(f"there is a user {username!r} already", username=username)


class GroupNotFoundError(SluicewayError):
    """No group has this id."""

    code = ErrorCode.NOT_FOUND
    name = "GroupNotFound"

    def __init__(self, group_id: str) -> None:
        super().__init__(f"no group has the id {group_id[:100]!r}", groupId=group_id[:100])


class GroupNameAlreadyExistsError(SluicewayError):
    """Another group has this name."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "GroupNameAlreadyExists"

    def __init__(self, group_name: str) -> None:
        super().__init__(f"there is a group {group_name!r} already", groupName=group_name)


class InvalidGroupOrganizationsError(SluicewayError):
    """A group needs an organization; leave the list out for the server's own."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidGroupOrganizations"

    def __init__(self) -> None:
        super().__init__("the list of organizations is empty")


class CreateGroupPermissionDeniedError(SluicewayError):
    """Only administrators create groups."""

    code = ErrorCode.PERMISSION_DENIED
    name = "CreateGroupPermissionDenied"

    def __init__(self) -> None:
        super().__init__("only administrators may create groups")


class ReplaceGroupPermissionDeniedError(SluicewayError):
    """Only administrators change groups."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ReplaceGroupPermissionDenied"

    def __init__(self, group_id: str) -> None:
        super().__init__("only administrators may change groups", groupId=group_id)


class DeleteGroupPermissionDeniedError(SluicewayError):
    """Only administrators delete groups."""

    code = ErrorCode.PERMISSION_DENIED
    name = "DeleteGroupPermissionDenied"

    def __init__(self, group_id: str) -> None:
        super().__init__("only administrators may delete groups", groupId=group_id)


class AddGroupMembersPermissionDeniedError(SluicewayError):
    """Only administrators put principals into groups."""

    code = ErrorCode.PERMISSION_DENIED
    name = "AddGroupMembersPermissionDenied"

    def __init__(self, group_id: str) -> None:
        super().__init__("only administrators may add members to a group", groupId=group_id)


class RemoveGroupMembersPermissionDeniedError(SluicewayError):
    """Only administrators take principals out of groups."""

    code = ErrorCode.PERMISSION_DENIED
    name = "RemoveGroupMembersPermissionDenied"

    def __init__(self, group_id: str) -> None:
        super().__init__("only administrators may remove members from a group", groupId=group_id)


class PrincipalNotFoundError(SluicewayError):
    """No user and no group has this id."""

    code = ErrorCode.NOT_FOUND
    name = "PrincipalNotFound"

    def __init__(self, principal_id: str) -> None:
        super().__init__(
            f"no user or group has the id {principal_id[:100]!r}", principalId=principal_id[:100]
        )


class RoleNotFoundError(SluicewayError):
    """No role has this id."""

    code = ErrorCode.NOT_FOUND
    name = "RoleNotFound"

    def __init__(self, role_id: str) -> None:
        super().__init__(f"no role has the id {role_id[:100]!r}", roleId=role_id[:100])


class InvalidPasswordError(SluicewayError):
    """The new password is too short or too long."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidPassword"

    def __init__(self, length_min: int, length_max: int) -> None:
        super().__init__(
            f"a password has {length_min} to {length_max} characters",
            lengthMin=length_min,
            lengthMax=length_max,
        )


class InvalidCredentialsError(SluicewayError):
    """The username or the password is wrong, or the user may not sign in; which is not told."""

    code = ErrorCode.UNAUTHORIZED
    name = "InvalidCredentials"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}

    def __init__(self) -> None:
        super().__init__("the username or the password is wrong")


class InvalidOldPasswordError(SluicewayError):
    """The old password is wrong, or missing, and the new one was not taken."""

    code = ErrorCode.PERMISSION_DENIED
    name = "InvalidOldPassword"

    def __init__(self) -> None:
        super().__init__("the old password is wrong")


class TooManyAttemptsError(SluicewayError):
    """Too many wrong passwords for this username or from this network address."""

    code = ErrorCode.CUSTOM_CLIENT
    name = "TooManySignInAttempts"
    status = 429
    retryable = True

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            f"too many wrong passwords; try again in {retry_after_seconds} seconds",
            retryAfterSeconds=retry_after_seconds,
        )
        self.headers: Mapping[str, str] = {"Retry-After": str(retry_after_seconds)}
