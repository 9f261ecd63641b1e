"""What may be wrong with a call about third-party applications."""

from sluiceway.foundation.errors import ErrorCode, SluicewayError


class ApplicationNotFoundError(SluicewayError):
    """No third-party application has this client id."""

    code = ErrorCode.NOT_FOUND
    name = "ThirdPartyApplicationNotFound"

    def __init__(self, client_id: str) -> None:
        shown = client_id[:64]
        super().__init__(f"no third-party application has the client id {shown!r}", clientId=shown)


class InvalidApplicationError(SluicewayError):
    """The application that was described cannot be."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "InvalidThirdPartyApplication"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}", field=field, reason=reason)


class ApplicationHasNoSecretError(SluicewayError):
    """A public application has no secret that could be rotated."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "ThirdPartyApplicationHasNoSecret"

    def __init__(self, client_id: str) -> None:
        super().__init__(
            f"application {client_id} is a public client and has no secret", clientId=client_id
        )


class ManageApplicationsPermissionDeniedError(SluicewayError):
    """Only administrators manage third-party applications."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ManageThirdPartyApplicationsPermissionDenied"

    def __init__(self) -> None:
        super().__init__("only administrators manage third-party applications")


class TooManyApplicationsError(SluicewayError):
    """The server has as many third-party applications as it may hold."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "TooManyThirdPartyApplications"

    def __init__(self, applications_max: int) -> None:
        super().__init__(
            f"there are {applications_max} third-party applications already: delete one first",
            applicationsMax=applications_max,
        )
