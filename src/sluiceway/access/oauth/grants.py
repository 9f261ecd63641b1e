"""The ways to get tokens."""

from typing import Any, Final

from authlib.oauth2.rfc6749 import (
    ClientCredentialsGrant,
    InvalidScopeError,
    RefreshTokenGrant,
    UnauthorizedClientError,
)

from sluiceway.access.caller import PrincipalId
from sluiceway.access.oauth.models import Issue, KnownToken, OAuthRequest
from sluiceway.access.oauth.scope import GrantedScope, grant_scope, narrowed
from sluiceway.access.scopes import parse_operations
from sluiceway.access.tokens.types import TokenKind, TokenState

REUSE_MS: Final = 60_000
"""How long after its first use a refresh token may be used again, as in Foundry.

A client whose connection broke before the reply tries again; later it is a stolen copy.
"""

SECRET_METHODS: Final = ("client_secret_basic", "client_secret_post")
"""How a client proves who it is where only one with a secret may ask."""


class ClientCredentials(ClientCredentialsGrant):
    """An application acting for itself, as its service user (RFC 6749, section 4.4).

    There is never a refresh token: the credentials at hand do the same (RFC 6749, section 4.4.3),
    and Palantir's clients, which ask for ``offline_access`` here too, do not use one.
    """

    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS

    def generate_token(
        self,
        *,
        scope: str | None,
        include_refresh_token: bool,  # noqa: ARG002 - there is never one
    ) -> dict[str, Any]:
        """Decide to give an access token; gives the reply without it."""
        request: OAuthRequest = self.request
        application = request.client.application
        if application.service_user_id is None:
            raise UnauthorizedClientError("the application has no service user")
        granted = grant_scope(scope, application.scopes)
        request.issue = Issue(application.service_user_id, granted.operations)
        return token_reply(request, granted)


class RefreshToken(RefreshTokenGrant):
    """A refresh token for a new one and an access token (RFC 6749, section 6).

    It is exchanged at each use. Used again within ``REUSE_MS`` it gives another pair; used again
    later it ends the whole family, as one of the two users must be a thief (RFC 9700, 4.14.2).
    """

    TOKEN_ENDPOINT_AUTH_METHODS = (*SECRET_METHODS, "none")
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> KnownToken | None:  # noqa: ARG002 - it was fetched before
        """Give the refresh token if it may be exchanged; decide to revoke its family if stolen."""
        request: OAuthRequest = self.request
        known = request.known.token
        if known is None or known.token.kind is not TokenKind.REFRESH:
            return None
        token = known.token
        if token.state is not TokenState.ENABLED or not known.check_client(request.client):
            return None
        if token.used_ms is not None and request.known.now_ms - token.used_ms > REUSE_MS:
            request.revoke = token
            return None
        return known if known.may_act else None

    def authenticate_user(self, refresh_token: KnownToken) -> PrincipalId:
        """Give the principal that the tokens are for."""
        return refresh_token.token.principal_id

    def issue_token(self, user: PrincipalId, refresh_token: KnownToken) -> dict[str, Any]:
        """Decide to give a pair of tokens; gives the reply without them.

        The scope is what was asked for, or else all of the refresh token's; what the application
        may no longer have is left out.
        """
        request: OAuthRequest = self.request
        token = refresh_token.token
        allowed = narrowed(token.operations, request.client.application.operations)
        granted = grant_scope(request.payload.scope, allowed)
        request.issue = Issue(user, granted.operations, token)
        return token_reply(request, granted)

    def revoke_old_credential(self, refresh_token: KnownToken) -> None:
        """Leave it to the service, which notes the use together with the new tokens."""

    def _validate_token_scope(self, token: KnownToken) -> None:
        """Refuse operations that the refresh token does not hold; unknown scopes are ignored."""
        asked = parse_operations((self.request.payload.scope or "").split())
        held = token.token.operations
        if held is not None and not asked <= held:
            raise InvalidScopeError("the refresh token does not hold all of the requested scopes")


def token_reply(request: OAuthRequest, granted: GrantedScope) -> dict[str, Any]:
    """Write the reply of a request that is granted, without the tokens."""
    reply: dict[str, Any] = {
        "token_type": "bearer",
        "expires_in": request.known.access_token_seconds,
    }
    if granted.scope is not None:
        reply["scope"] = granted.scope
    return reply
