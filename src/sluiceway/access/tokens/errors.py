"""What may go wrong with the tokens of users."""

from sluiceway.foundation.errors import ErrorCode, SluicewayError


class TokenNotFoundError(SluicewayError):
    """No token has this id, or it is another user's."""

    code = ErrorCode.NOT_FOUND
    name = "TokenNotFound"

    def __init__(self, token_id: str) -> None:
        super().__init__(
            f"you have no token with the id {token_id[:100]!r}", tokenId=token_id[:100]
        )


class TokenCreationPermissionDeniedError(SluicewayError):
    """Only someone who signed in creates personal tokens: no token begets tokens."""

    code = ErrorCode.PERMISSION_DENIED
    name = "TokenCreationPermissionDenied"

    def __init__(self) -> None:
        super().__init__("a token cannot create tokens: sign in, or use `sluiceway token create`")


class TokenAdministrationPermissionDeniedError(SluicewayError):
    """Applications may not list or change the tokens of the user that they act for."""

    code = ErrorCode.PERMISSION_DENIED
    name = "TokenAdministrationPermissionDenied"

    def __init__(self) -> None:
        super().__init__("an application's token cannot list or change tokens")


class TokenRevokedError(SluicewayError):
    """The token was revoked, which is for ever."""

    code = ErrorCode.CONFLICT
    name = "TokenRevoked"

    def __init__(self, token_id: str) -> None:
        super().__init__(f"token {token_id} was revoked", tokenId=token_id)


class RevokeAllTokensPermissionDeniedError(SluicewayError):
    """Only administrators revoke the tokens of others."""

    code = ErrorCode.PERMISSION_DENIED
    name = "RevokeAllTokensUserPermissionDenied"

    def __init__(self, user_id: str) -> None:
        super().__init__("only administrators may revoke another user's tokens", userId=user_id)
